"""Who changes side loses the other side's notices that very second (R-110), in the database too."""

from django.db import migrations

FORWARD = """
DROP POLICY notice_read ON accounts_notice;
CREATE POLICY notice_read ON accounts_notice FOR SELECT USING (
  (SELECT crm_side()) = 'system'
  OR person_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a
        WHERE a.user_id = person_id AND a.side = (SELECT crm_side()) AND a.during @> created_at));
"""
BACKWARD = """
DROP POLICY notice_read ON accounts_notice;
CREATE POLICY notice_read ON accounts_notice FOR SELECT
  USING ((SELECT crm_side()) = 'system' OR person_id = (SELECT crm_user()));
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_acting")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
