-- An ownership that only becomes shorter stays lawful: nobody new owns, and not where field service did not own before.
-- What it leaves behind is asked all the same: whether somebody owns at every instant.
DROP FUNCTION crm_check_relation(uuid);
CREATE FUNCTION crm_check_relation(which uuid, openness boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE use uuid; span tstzrange; owned tstzmultirange; field tstzmultirange;
BEGIN
  SELECT r.use_id, r.during INTO use, span FROM kols_relation r JOIN products_use u ON u.id = r.use_id
   WHERE r.id = which FOR NO KEY UPDATE OF u;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT range_agg(during), range_agg(during) FILTER (WHERE side = 'COMMERCIAL')
    INTO owned, field FROM kols_ownership WHERE relation_id = which;
  IF owned IS DISTINCT FROM tstzmultirange(span) THEN
    RAISE EXCEPTION 'A relation has exactly one owner at every instant'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'one_owner_at_every_instant_no_gap';
  END IF;
  IF openness AND field IS NOT NULL AND NOT field <@ crm_open(use) THEN
    RAISE EXCEPTION 'Field service owns only while the use is open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_owns_only_while_open';
  END IF;
END $$;
ALTER FUNCTION crm_check_relation(uuid, boolean) OWNER TO crm_guard;

CREATE OR REPLACE FUNCTION crm_check_ownership() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE shorter boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    shorter := NEW.during <@ OLD.during
      AND (OLD.relation_id, OLD.side, OLD.owner_id) IS NOT DISTINCT FROM (NEW.relation_id, NEW.side, NEW.owner_id);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM crm_check_relation(NEW.relation_id, NEW.side = 'COMMERCIAL' AND NOT shorter);
    IF NOT shorter THEN
      PERFORM crm_check_owner(NEW.id);
    END IF;
  END IF;
  IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND OLD.relation_id <> NEW.relation_id THEN
    PERFORM crm_check_relation(OLD.relation_id);
  END IF;
  RETURN NULL;
END $$;
