from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """The second lock: row-level security on safety reports (R-106)."""

    dependencies = [("safety", "0001_initial"), ("accounts", "0002_acting")]

    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), migrations.RunSQL.noop)]
