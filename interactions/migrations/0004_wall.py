from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats R-100 and R-021, and puts row-level security on every record of contact."""

    dependencies = [("interactions", "0003_initial"), ("kols", "0005_wall")]

    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), migrations.RunSQL.noop)]
