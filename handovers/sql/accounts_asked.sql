-- What field service asks for is its author's and Medical's; what Medical found is Medical's alone. Neither changes.

ALTER TABLE handovers_accountrequest ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON handovers_accountrequest USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND author_id = (SELECT crm_user()));
ALTER TABLE handovers_accountanswer ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON handovers_accountanswer USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
CREATE TRIGGER keep_record BEFORE UPDATE ON handovers_accountrequest FOR EACH ROW
  EXECUTE FUNCTION crm_keep('author_id', 'market_id', 'use_id', 'name', 'place', 'asked_at');
CREATE TRIGGER keep_record BEFORE UPDATE ON handovers_accountanswer FOR EACH ROW
  EXECUTE FUNCTION crm_keep('request_id', 'found', 'answered_by_id', 'answered_at');
