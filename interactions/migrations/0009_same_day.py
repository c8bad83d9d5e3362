from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """The first call after a handover, and both sides before one expert on one day (R-125)."""

    dependencies = [("interactions", "0008_materials")]

    operations = [
        migrations.RunSQL(sql(__file__, "same_day.sql"), "DROP FUNCTION crm_met_on_one_day(timestamptz);")
    ]
