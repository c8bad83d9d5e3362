-- Exactly one owner at every instant of a relation, none outside, field service only while the use is open.

CREATE FUNCTION crm_ownership_market() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  SELECT u.market_id INTO NEW.market_id FROM kols_relation r JOIN products_use u ON u.id = r.use_id WHERE r.id = NEW.relation_id;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_ownership_market() OWNER TO crm_guard;
CREATE TRIGGER a_market BEFORE INSERT OR UPDATE ON kols_ownership FOR EACH ROW EXECUTE FUNCTION crm_ownership_market();

CREATE FUNCTION crm_alignment_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT t.side, t.market_id INTO NEW.side, NEW.market_id FROM accounts_territory t WHERE t.id = NEW.territory_id;
  RETURN NEW;
END $$;
CREATE TRIGGER a_tree BEFORE INSERT OR UPDATE ON kols_alignment FOR EACH ROW EXECUTE FUNCTION crm_alignment_tree();

-- I-06: field service never begins in the past; an end in the past needs a use that was no longer open then.
CREATE FUNCTION crm_check_instant() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE use uuid;
BEGIN
  IF NEW.side = 'COMMERCIAL' AND lower(NEW.during) < crm_now()
     AND (TG_OP = 'INSERT' OR OLD.side <> 'COMMERCIAL' OR lower(OLD.during) IS DISTINCT FROM lower(NEW.during)) THEN
    RAISE EXCEPTION 'Field service cannot become owner in the past'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_never_begins_in_the_past';
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.side = 'COMMERCIAL' AND NOT upper_inf(NEW.during) AND upper(NEW.during) < crm_now()
     AND upper(OLD.during) IS DISTINCT FROM upper(NEW.during) THEN
    SELECT r.use_id INTO use FROM kols_relation r WHERE r.id = NEW.relation_id;
    IF crm_open(use) @> upper(NEW.during) THEN
      RAISE EXCEPTION 'An ownership of field service ends in the past only where the use was closed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'only_a_reversal_ends_in_the_past';
    END IF;
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_check_instant() OWNER TO crm_guard;
CREATE TRIGGER b_instant BEFORE INSERT OR UPDATE ON kols_ownership FOR EACH ROW EXECUTE FUNCTION crm_check_instant();

-- I-01, I-02, I-03 for one relation. The lock on the use serialises it against a suspension that commits meanwhile.
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

CREATE FUNCTION crm_check_ownership() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
ALTER FUNCTION crm_check_ownership() OWNER TO crm_guard;

-- I-07: from now on the owner is a person of that side, for as long as the row says.
CREATE FUNCTION crm_check_owner(which uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE own kols_ownership; rest tstzrange;
BEGIN
  SELECT * INTO own FROM kols_ownership WHERE id = which;
  IF NOT FOUND THEN RETURN; END IF;
  rest := own.during * tstzrange(crm_now(), NULL, '[)');
  IF isempty(rest) THEN RETURN; END IF;
  IF NOT EXISTS (SELECT 1 FROM accounts_user WHERE id = own.owner_id AND is_active)
     OR NOT rest <@ (SELECT coalesce(range_agg(a.during), '{}') FROM accounts_appointment a
                      WHERE a.user_id = own.owner_id AND a.side = own.side) THEN
    RAISE EXCEPTION 'An owner is an active person of that side for the whole time'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_owner_is_active_on_that_side';
  END IF;
END $$;
ALTER FUNCTION crm_check_owner(uuid) OWNER TO crm_guard;

CREATE FUNCTION crm_check_owners_of_person() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE person uuid := CASE WHEN TG_TABLE_NAME = 'accounts_user' THEN (to_jsonb(NEW) ->> 'id')::uuid
                            ELSE (to_jsonb(coalesce(NEW, OLD)) ->> 'user_id')::uuid END;
BEGIN
  PERFORM crm_check_owner(o.id) FROM kols_ownership o
    WHERE o.owner_id = person AND (upper_inf(o.during) OR upper(o.during) > crm_now());
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_owners_of_person() OWNER TO crm_guard;

CREATE FUNCTION crm_check_relation_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_check_relation(NEW.id);
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_relation_row() OWNER TO crm_guard;

-- I-03 seen from the lifecycle: a use cannot close under an owner of field service.
CREATE FUNCTION crm_check_owners_of_use() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM products_use WHERE id = NEW.use_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id
              WHERE r.use_id = NEW.use_id AND o.side = 'COMMERCIAL' AND NOT o.during <@ (SELECT crm_open(NEW.use_id))) THEN
    RAISE EXCEPTION 'Field service owns only while the use is open'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_owns_only_while_open';
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_owners_of_use() OWNER TO crm_guard;

CREATE CONSTRAINT TRIGGER ownership_holds AFTER INSERT OR UPDATE OR DELETE ON kols_ownership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_ownership();
CREATE CONSTRAINT TRIGGER relation_is_owned AFTER INSERT OR UPDATE ON kols_relation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_relation_row();
CREATE CONSTRAINT TRIGGER lifecycle_keeps_owners AFTER INSERT OR UPDATE ON products_lifecycleentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_owners_of_use();
CREATE CONSTRAINT TRIGGER owner_stays_active AFTER UPDATE OF is_active ON accounts_user
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_owners_of_person();
CREATE CONSTRAINT TRIGGER owner_keeps_side AFTER INSERT OR UPDATE OR DELETE ON accounts_appointment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_owners_of_person();
