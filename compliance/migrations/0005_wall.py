"""The trail is written by a function that knows who acts; a reporter reads on the side she reported on."""

from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_packs"), ("accounts", "0003_notices_of_one_side")]
    operations = [migrations.RunSQL(sql(__file__, "wall.sql"), sql(__file__, "wall_reverse.sql"))]
