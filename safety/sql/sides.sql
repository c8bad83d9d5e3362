-- Whoever changes sides leaves what she reported behind (R-110). Nothing hinders taking a report (R-126).
DROP POLICY safety ON safety_safetyreport;
CREATE POLICY safety ON safety_safetyreport USING (
  (SELECT crm_side()) IN ('SAFETY', 'OVERSIGHT', 'system')
  OR reporter_id = (SELECT crm_user()) AND reporter_side = (SELECT crm_side()));
