from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Says in one place which territory of field service an expert belongs to."""

    dependencies = [("kols", "0006_consents"), ("accounts", "0003_notices_of_one_side")]

    operations = [
        migrations.RunSQL(
            sql(__file__, "territory.sql"), "DROP FUNCTION crm_field_territory(uuid, uuid, timestamptz)"
        )
    ]
