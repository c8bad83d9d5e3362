from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Two entries of one person become one (R-123)."""

    dependencies = [
        ("kols", "0009_search_by_look_up"),
        ("interactions", "0009_same_day"),
        ("reports", "0005_pulse_by_look_up"),
        ("compliance", "0006_sides"),
    ]

    operations = [
        migrations.RunSQL(sql(__file__, "merge.sql"), "DROP FUNCTION crm_merge_expert(uuid, uuid);"),
    ]
