from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Keeps the counts of experts by the day of their last contact; two who log at once no longer wait."""

    dependencies = [("reports", "0006_counts_as_entries")]

    operations = [migrations.RunSQL(sql(__file__, "counts.sql"), migrations.RunSQL.noop)]
