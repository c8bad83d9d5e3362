from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Keeps the figures of the dashboards in the transaction that causes them, behind row-level security."""

    dependencies = [("reports", "0001_initial"), ("interactions", "0004_wall"), ("kols", "0005_wall")]

    operations = [migrations.RunSQL(sql(__file__, "figures.sql"), migrations.RunSQL.noop)]
