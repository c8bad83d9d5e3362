from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats the steps of a handover (I-13, I-05) and what field service may see of one."""

    dependencies = [("handovers", "0002_initial"), ("kols", "0005_wall")]

    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), migrations.RunSQL.noop)]
