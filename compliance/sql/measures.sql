-- What follows from a deviation is for oversight and for whoever has to do it, on the side she had it on.

ALTER TABLE compliance_measure ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_its_owner ON compliance_measure
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR owner_id = (SELECT crm_user()) AND owner_side = (SELECT crm_side()));
