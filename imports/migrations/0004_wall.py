from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """The second lock on the files people hand in."""

    dependencies = [("imports", "0003_first_words"), ("kols", "0005_wall")]

    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), sql(__file__, "wall_reverse.sql"))]
