DROP TRIGGER late_knowledge ON kols_ownership;
DROP TRIGGER late_knowledge ON accounts_appointment;
DROP TRIGGER late_knowledge ON accounts_certificate;
DROP TRIGGER late_knowledge ON kols_consent;
DROP TRIGGER late_knowledge ON kols_objection;
DROP TRIGGER late_knowledge ON kols_privacynotice;
DROP TRIGGER late_knowledge ON products_labelversion;
DROP TRIGGER late_knowledge ON compliance_packactivation;
DROP FUNCTION crm_late_knowledge();
DROP FUNCTION crm_touches(uuid, uuid, timestamptz, timestamptz);
DROP FUNCTION crm_held(text, jsonb);
DROP TRIGGER keep_record ON interactions_mismatch;
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_mismatch FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'entry_id', 'before', 'after', 'known_when_acted', 'found_at');
