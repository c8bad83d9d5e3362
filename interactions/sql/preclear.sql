-- A question to Compliance is its author's alone; only oversight writes the answer, once.

CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_preclearance FOR EACH ROW
  EXECUTE FUNCTION crm_keep('author_id', 'author_side', 'kind', 'market_id', 'kol_id', 'use_id', 'during', 'why', 'asked_at');
CREATE TRIGGER keep_answer BEFORE UPDATE ON interactions_preclearance FOR EACH ROW WHEN (OLD.decided_at IS NOT NULL)
  EXECUTE FUNCTION crm_keep('granted', 'decided_by_id', 'decided_at', 'answer');
ALTER TABLE interactions_preclearance ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY ones_own ON interactions_preclearance USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system') OR author_id = (SELECT crm_user()) AND author_side = (SELECT crm_side()))
WITH CHECK (
  (SELECT crm_side()) = 'OVERSIGHT' OR author_id = (SELECT crm_user()) AND author_side = (SELECT crm_side()) AND granted IS NULL);
