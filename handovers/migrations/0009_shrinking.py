from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """An ownership that only becomes shorter is asked for gaps alone."""

    dependencies = [("handovers", "0008_fewer_checks")]

    operations = [migrations.RunSQL(sql(__file__, "shrinking.sql"), sql(__file__, "shrinking_reverse.sql"))]
