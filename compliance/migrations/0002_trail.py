from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats: the trail is never rewritten, and every write leaves its rows with who did it."""

    dependencies = [("compliance", "0001_initial"), ("accounts", "0002_acting")]

    operations = [migrations.RunSQL(sql(__file__, "trail.sql"), migrations.RunSQL.noop)]
