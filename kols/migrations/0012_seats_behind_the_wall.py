from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """The second lock on where an expert sits."""

    dependencies = [("kols", "0011_saved_views")]

    operations = [migrations.RunSQL(sql(__file__, "seats.sql"), sql(__file__, "seats_reverse.sql"))]
