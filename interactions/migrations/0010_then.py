from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """What was known at an earlier instant, read from the history of rows (R-008)."""

    dependencies = [
        ("interactions", "0009_same_day"),
        ("compliance", "0006_sides"),
        ("kols", "0009_search_by_look_up"),
    ]

    operations = [migrations.RunSQL(sql(__file__, "then.sql"), sql(__file__, "then_reverse.sql"))]
