DROP POLICY of_its_side ON compliance_signature;
ALTER TABLE compliance_signature NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
DROP TRIGGER never_changed ON compliance_signature;
DROP FUNCTION crm_keep_signature();
ALTER TABLE compliance_signature DROP CONSTRAINT a_signature_is_bound_to_its_content;
DROP FUNCTION crm_write_signatures(jsonb);
