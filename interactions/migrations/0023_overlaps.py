from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Records that overlap while what is not authorised is a topic (R-063); who takes over today is not late."""

    dependencies = [("interactions", "0022_amending")]

    operations = [
        migrations.RunSQL(sql(__file__, "late_owners.sql"), sql(__file__, "late_owners_reverse.sql")),
        migrations.RunSQL(sql(__file__, "overlaps.sql"), sql(__file__, "overlaps_reverse.sql")),
    ]
