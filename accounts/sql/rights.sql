-- Reviews of rights are oversight's and the administrators', and nobody rewrites one.

ALTER TABLE accounts_rightsreview ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY review_read ON accounts_rightsreview
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR (SELECT crm_role()) = 'ADMIN')
  WITH CHECK ((SELECT crm_role()) IN ('ADMIN', 'COMPLIANCE') AND reviewer_id = (SELECT crm_user()));
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON accounts_rightsreview
  FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
