-- Each side reads and writes what it was told itself; what crosses is one bit of the directory.

ALTER TABLE kols_consent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_consent USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) IN ('MEDICAL', 'COMMERCIAL') AND side = (SELECT crm_side()));
ALTER TABLE kols_objection ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_objection USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) IN ('MEDICAL', 'COMMERCIAL') AND side = (SELECT crm_side()));
ALTER TABLE kols_privacynotice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_privacynotice USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) IN ('MEDICAL', 'COMMERCIAL') AND side = (SELECT crm_side()));

-- A withdrawal is set once; what was given stays as it was recorded.
CREATE FUNCTION crm_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL
     OR (OLD.kol_id, OLD.side, OLD.purpose, OLD.channel, OLD.market_id, OLD.given_at, OLD.text_version, OLD.source, OLD.evidence)
        IS DISTINCT FROM
        (NEW.kol_id, NEW.side, NEW.purpose, NEW.channel, NEW.market_id, NEW.given_at, NEW.text_version, NEW.source, NEW.evidence) THEN
    RAISE EXCEPTION 'A consent is withdrawn once and never rewritten (R-090)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_consent_is_never_rewritten';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_consent BEFORE UPDATE ON kols_consent FOR EACH ROW EXECUTE FUNCTION crm_keep_consent();

-- The bits of the directory follow the objections of both sides, which no side reads in full.
CREATE FUNCTION crm_note_objection() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.kind = 'MARKETING' THEN
    UPDATE kols_kol SET objects_to_marketing = EXISTS (
      SELECT 1 FROM kols_objection o WHERE o.kol_id = NEW.kol_id AND o.kind = 'MARKETING' AND o.lifted_at IS NULL)
     WHERE id = NEW.kol_id;
  ELSIF NEW.kind = 'CONTACT' THEN
    UPDATE kols_kol SET do_not_contact = EXISTS (
      SELECT 1 FROM kols_objection o WHERE o.kol_id = NEW.kol_id AND o.kind = 'CONTACT' AND o.lifted_at IS NULL)
     WHERE id = NEW.kol_id;
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_note_objection() OWNER TO crm_guard;
CREATE TRIGGER note_objection AFTER INSERT OR UPDATE ON kols_objection FOR EACH ROW EXECUTE FUNCTION crm_note_objection();
