"""A report stays on the side that wrote it (I-10)."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER keep_side BEFORE UPDATE ON safety_safetyreport
  FOR EACH ROW EXECUTE FUNCTION crm_keep('reporter_id', 'reporter_side');
"""


class Migration(migrations.Migration):
    dependencies = [("safety", "0003_sides"), ("compliance", "0006_sides")]
    operations = [migrations.RunSQL(FORWARD, "DROP TRIGGER keep_side ON safety_safetyreport")]
