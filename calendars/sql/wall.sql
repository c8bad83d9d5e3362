-- One's own, under the appointment one holds now: whoever changes role finds nothing of the old one (R-110).
ALTER TABLE calendars_source ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON calendars_source USING (
  (SELECT crm_side()) = 'system'
  OR user_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a WHERE a.id = appointment_id AND a.user_id = crm_user() AND a.during @> crm_now()));
ALTER TABLE calendars_suggestion ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON calendars_suggestion USING (
  (SELECT crm_side()) = 'system'
  OR user_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a WHERE a.id = appointment_id AND a.user_id = crm_user() AND a.during @> crm_now()));
