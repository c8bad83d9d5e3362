-- The comparison of two lists is Safety's and oversight's alone; signed, nothing of it changes.
ALTER TABLE safety_reconciliation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reconciliation ON safety_reconciliation USING ((SELECT crm_side()) IN ('SAFETY', 'OVERSIGHT', 'system'));

CREATE FUNCTION crm_keep_reconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.signed_at IS NOT NULL
     OR to_jsonb(OLD) - ARRAY['signed_at', 'signed_by_id', 'remark'] IS DISTINCT FROM to_jsonb(NEW) - ARRAY['signed_at', 'signed_by_id', 'remark']
     OR NEW.signed_at IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM compliance_signature s WHERE s.record_id = NEW.id AND s.signer_id = NEW.signed_by_id) THEN
    RAISE EXCEPTION 'A comparison is kept as it was signed: %', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_comparison_is_kept_as_signed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_reconciliation BEFORE UPDATE ON safety_reconciliation
  FOR EACH ROW EXECUTE FUNCTION crm_keep_reconciliation();
