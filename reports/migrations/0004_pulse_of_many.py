from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Makes the figures of many experts cost the same however little the planner knows of new rows."""

    dependencies = [("reports", "0003_faster_figures")]

    operations = [migrations.RunSQL(sql(__file__, "pulse.sql"), migrations.RunSQL.noop)]
