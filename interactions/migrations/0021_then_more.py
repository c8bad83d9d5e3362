from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """What was known then of covers, contacts, practices, plan items, studies and contracts."""

    dependencies = [("interactions", "0020_late_facts")]

    operations = [migrations.RunSQL(sql(__file__, "then_more.sql"), sql(__file__, "then_more_reverse.sql"))]
