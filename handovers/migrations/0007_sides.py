"""Who changes sides loses the steps and proposals of the other side, in the database too (R-110)."""

from django.db import migrations

from accounts.base import sql

BACKWARD = """
DROP POLICY sides ON handovers_handoverstep;
CREATE POLICY sides ON handovers_handoverstep USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system') OR by_id = (SELECT crm_user()));
DROP POLICY sides ON handovers_exitproposal;
CREATE POLICY medical ON handovers_exitproposal USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system') OR proposed_by_id = (SELECT crm_user()));
"""


class Migration(migrations.Migration):
    dependencies = [("handovers", "0006_objections"), ("accounts", "0003_notices_of_one_side")]
    operations = [migrations.RunSQL(sql(__file__, "sides.sql"), BACKWARD)]
