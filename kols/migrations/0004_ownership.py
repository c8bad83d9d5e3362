from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats I-01 to I-07: exactly one owner at every instant, field service only while open."""

    dependencies = [("kols", "0003_directory"), ("products", "0002_lifecycle")]

    operations = [migrations.RunSQL(sql(__file__, "ownership.sql"), migrations.RunSQL.noop)]
