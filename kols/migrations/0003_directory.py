from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Keeps the one search column of a KOL (decision 37)."""

    dependencies = [("kols", "0002_initial"), ("accounts", "0002_acting")]

    operations = [migrations.RunSQL(sql(__file__, "directory.sql"), migrations.RunSQL.noop)]
