-- What was found in hindsight is part of the record of contact: oversight reads all of it, an author her own.
CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_mismatch FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_mismatch FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'entry_id', 'before', 'after', 'known_when_acted', 'found_at');
ALTER TABLE interactions_mismatch ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_mismatch USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR author_id = (SELECT crm_user())
     AND compartment = CASE (SELECT crm_side()) WHEN 'MEDICAL' THEN 'MEDICAL' WHEN 'COMMERCIAL' THEN 'FIELD' ELSE 'OTHER' END);
ALTER TABLE interactions_rejudging ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY the_product_alone ON interactions_rejudging USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
