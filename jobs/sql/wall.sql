-- A job and its result belong to one person under one appointment: with another role they are gone (R-110).
ALTER TABLE jobs_job ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON jobs_job USING (
  (SELECT crm_side()) = 'system'
  OR owner_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a WHERE a.id = appointment_id AND a.user_id = crm_user() AND a.during @> crm_now()));
ALTER TABLE jobs_part ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON jobs_part USING (
  (SELECT crm_side()) = 'system' OR EXISTS (SELECT 1 FROM jobs_job j WHERE j.id = job_id));
