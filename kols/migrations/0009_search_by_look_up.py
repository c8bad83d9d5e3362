from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Looks up by index what an expert is found by, so that no plan can read a table through for each."""

    dependencies = [("kols", "0008_sides")]

    operations = [migrations.RunSQL(sql(__file__, "search.sql"), migrations.RunSQL.noop)]
