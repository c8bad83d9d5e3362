from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """A reversal of thousands asks only for what can have changed."""

    dependencies = [("handovers", "0007_sides"), ("kols", "0009_search_by_look_up")]

    operations = [
        migrations.RunSQL(sql(__file__, "fewer_checks.sql"), sql(__file__, "fewer_checks_reverse.sql"))
    ]
