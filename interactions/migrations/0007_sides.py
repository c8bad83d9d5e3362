"""Field service speaks with its own experts only (I-09); what Medical wrote stays medical (I-10)."""

from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0006_given"),
        ("kols", "0008_sides"),
        ("accounts", "0004_keys_of_one_side"),
        ("compliance", "0006_sides"),
    ]
    operations = [migrations.RunSQL(sql(__file__, "sides.sql"), sql(__file__, "sides_reverse.sql"))]
