from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats: periods, the allowed order of states (I-08), and that an entry is never edited (R-012)."""

    dependencies = [("products", "0001_initial"), ("compliance", "0002_trail")]

    operations = [migrations.RunSQL(sql(__file__, "lifecycle.sql"), migrations.RunSQL.noop)]
