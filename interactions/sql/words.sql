-- What stands out in a text is part of its record: its compartment, its author, its readers.

CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_wordmark FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
ALTER TABLE interactions_wordmark ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_wordmark USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
