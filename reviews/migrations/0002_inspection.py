"""An auditor's appointment ends by itself (R-107)."""

from django.db import migrations

from accounts.base import sql


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunSQL(sql(__file__, "inspection.sql"), sql(__file__, "inspection_reverse.sql"))]
