-- That a draft was closed by a lead is part of the record: its compartment and its readers. It is never changed.

CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_closing FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_closing FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'closed_by_id', 'statement', 'safety_report_id', 'at');
ALTER TABLE interactions_closing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_closing USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD'));
