-- A certificate is read by its holder, by the leads of its side, and by oversight; it is revoked once and never rewritten.
-- Who changes sides takes her qualifications along, and nothing that names a product of the other side.
ALTER TABLE accounts_certificate ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY holders ON accounts_certificate USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR person_id = (SELECT crm_user()) AND (SELECT crm_side()) <> '' AND (side = (SELECT crm_side()) OR kind = 'QUALIFICATION')
  OR (SELECT crm_role()) IN ('MSL_LEAD', 'FIELD_LEAD') AND side = (SELECT crm_side()));

CREATE FUNCTION crm_guard_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL
     OR (OLD.person_id, OLD.side, OLD.kind, OLD.use_id, OLD.market_id, OLD.label, OLD.valid_from, OLD.valid_to, OLD.evidence, OLD.recorded_by_id, OLD.recorded_at)
        IS DISTINCT FROM
        (NEW.person_id, NEW.side, NEW.kind, NEW.use_id, NEW.market_id, NEW.label, NEW.valid_from, NEW.valid_to, NEW.evidence, NEW.recorded_by_id, NEW.recorded_at) THEN
    RAISE EXCEPTION 'A certificate is revoked once and never rewritten (R-072)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_certificate_is_never_rewritten';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_rewritten BEFORE UPDATE ON accounts_certificate FOR EACH ROW EXECUTE FUNCTION crm_guard_certificate();
