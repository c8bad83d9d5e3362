from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """When somebody first asked for samples of a product (PP-09)."""

    dependencies = [
        ("interactions", "0016_joint"),
    ]

    operations = [
        migrations.RunSQL(
            sql(__file__, "first_requests.sql"),
            "DROP FUNCTION crm_first_sample_requests(uuid[], timestamptz, text, uuid)",
        ),
    ]
