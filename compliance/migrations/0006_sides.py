"""The columns that decide who may read a row are written once (I-10)."""

from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [("compliance", "0005_wall")]
    operations = [migrations.RunSQL(sql(__file__, "sides.sql"), sql(__file__, "sides_reverse.sql"))]
