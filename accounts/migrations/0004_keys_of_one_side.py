"""A replayed answer is read on the side it was given on (R-110)."""

from django.db import migrations

FORWARD = """
DROP POLICY key_own ON accounts_idempotencykey;
CREATE POLICY key_own ON accounts_idempotencykey USING (
  (SELECT crm_side()) = 'system'
  OR user_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a
        WHERE a.user_id = accounts_idempotencykey.user_id AND a.side = (SELECT crm_side()) AND a.during @> created_at));
"""
BACKWARD = """
DROP POLICY key_own ON accounts_idempotencykey;
CREATE POLICY key_own ON accounts_idempotencykey
  USING ((SELECT crm_side()) = 'system' OR user_id = (SELECT crm_user()));
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_notices_of_one_side")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
