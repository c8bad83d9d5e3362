from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """What field service owned of an expert, as far as a person owned it or stood in for whoever did."""

    dependencies = [("interactions", "0011_late"), ("kols", "0009_search_by_look_up")]

    operations = [
        migrations.RunSQL(
            sql(__file__, "accounts_of_field.sql"),
            "DROP FUNCTION crm_field_accounts(uuid, uuid[], timestamptz, timestamptz)",
        )
    ]
