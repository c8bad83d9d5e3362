-- A list of people that Medical hands in is Medical's, the file itself and what became of it; one of a regulator's
-- authorisations is Regulatory's.

ALTER TABLE imports_upload ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON imports_upload USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR kind = 'AUTHORISATIONS' AND (SELECT crm_role()) = 'REGULATORY'
  OR kind = 'PEOPLE' AND (SELECT crm_side()) = 'MEDICAL' AND by_id = (SELECT crm_user()));
