"""Entries and rows from before the chain are sealed as well."""

from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_found_by_the_product")]
    operations = [migrations.RunSQL(sql(__file__, "seal_left.sql"), migrations.RunSQL.noop)]
