DROP FUNCTION crm_check_relation(uuid, boolean);
CREATE FUNCTION crm_check_relation(which uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE rel kols_relation; owned tstzmultirange; field tstzmultirange;
BEGIN
  SELECT * INTO rel FROM kols_relation WHERE id = which;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM 1 FROM products_use WHERE id = rel.use_id FOR NO KEY UPDATE;
  SELECT range_agg(during), coalesce(range_agg(during) FILTER (WHERE side = 'COMMERCIAL'), '{}')
    INTO owned, field FROM kols_ownership WHERE relation_id = which;
  IF owned IS DISTINCT FROM tstzmultirange(rel.during) THEN
    RAISE EXCEPTION 'A relation has exactly one owner at every instant'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'one_owner_at_every_instant_no_gap';
  END IF;
  IF NOT field <@ crm_open(rel.use_id) THEN
    RAISE EXCEPTION 'Field service owns only while the use is open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_owns_only_while_open';
  END IF;
END $$;
ALTER FUNCTION crm_check_relation(uuid) OWNER TO crm_guard;
CREATE OR REPLACE FUNCTION crm_check_ownership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN
    PERFORM crm_check_relation(NEW.relation_id);
    PERFORM crm_check_owner(NEW.id);
  END IF;
  IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND OLD.relation_id <> NEW.relation_id THEN
    PERFORM crm_check_relation(OLD.relation_id);
  END IF;
  RETURN NULL;
END $$;
