from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Looks the figures of each expert up by index, so that no plan can compare all with all."""

    dependencies = [("reports", "0004_pulse_of_many")]

    operations = [migrations.RunSQL(sql(__file__, "pulse.sql"), migrations.RunSQL.noop)]
