from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """The second lock: row-level security on what Medical knows and on who owns."""

    dependencies = [("kols", "0004_ownership")]

    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), migrations.RunSQL.noop)]
