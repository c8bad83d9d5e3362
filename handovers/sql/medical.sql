-- Why Compliance looks, and why a relation stays: medical knowledge, kept off the row that field service may read.

ALTER TABLE handovers_riskflag ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON handovers_riskflag USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE handovers_exitproposal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON handovers_exitproposal USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system') OR proposed_by_id = (SELECT crm_user()));
