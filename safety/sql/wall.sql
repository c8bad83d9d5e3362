-- What was reported is read by Safety, by oversight, and by the one who reported it (R-106).
ALTER TABLE safety_safetyreport ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY safety ON safety_safetyreport
  USING ((SELECT crm_side()) IN ('SAFETY', 'OVERSIGHT', 'system') OR reporter_id = (SELECT crm_user()));
