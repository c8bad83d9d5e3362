"""A report is read by its reporter on the side she reported on."""

from django.db import migrations

from accounts.base import sql

BACKWARD = """
DROP POLICY safety ON safety_safetyreport;
CREATE POLICY safety ON safety_safetyreport
  USING ((SELECT crm_side()) IN ('SAFETY', 'OVERSIGHT', 'system') OR reporter_id = (SELECT crm_user()));
"""


class Migration(migrations.Migration):
    dependencies = [("safety", "0002_wall")]
    operations = [migrations.RunSQL(sql(__file__, "sides.sql"), BACKWARD)]
