from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    """Repeats in the database who acts and when it is, and that a notice is its reader's alone."""

    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(sql(__file__, "acting.sql"), sql(__file__, "acting_reverse.sql"))]
