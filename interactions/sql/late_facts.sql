-- R-008 for everything a contact is judged by: whatever is recorded late leaves a piece of work that judges anew what
-- it touches in between, in the transaction that records it. What begins now reaches plans alone.

-- When a fact held: of rules only once they are confirmed.
CREATE FUNCTION crm_held(name text, r jsonb) RETURNS tstzmultirange LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN r IS NULL THEN '{}'::tstzmultirange ELSE tstzmultirange(CASE name
    WHEN 'kols_ownership' THEN (r ->> 'during')::tstzrange
    WHEN 'accounts_appointment' THEN (r ->> 'during')::tstzrange
    WHEN 'accounts_certificate' THEN tstzrange((r ->> 'valid_from')::timestamptz, greatest((r ->> 'valid_from')::timestamptz,
           coalesce(least((r ->> 'valid_to')::timestamptz, (r ->> 'revoked_at')::timestamptz), 'infinity')))
    WHEN 'kols_consent' THEN tstzrange((r ->> 'given_at')::timestamptz,
           greatest((r ->> 'given_at')::timestamptz, coalesce((r ->> 'withdrawn_at')::timestamptz, 'infinity')))
    WHEN 'kols_objection' THEN tstzrange((r ->> 'since')::timestamptz,
           greatest((r ->> 'since')::timestamptz, coalesce((r ->> 'lifted_at')::timestamptz, 'infinity')))
    WHEN 'kols_privacynotice' THEN tstzrange((r ->> 'given_at')::timestamptz, 'infinity')
    WHEN 'products_labelversion' THEN tstzrange((r ->> 'effective_at')::timestamptz, 'infinity')
    WHEN 'compliance_packactivation' THEN CASE WHEN r ->> 'status' = 'CONFIRMED'
           THEN tstzrange((r ->> 'effective_at')::timestamptz, 'infinity') ELSE 'empty' END
  END) END
$$;

-- Whether a record, or a plan, of this person or with this expert lies in that time.
CREATE FUNCTION crm_touches(person uuid, expert uuid, since timestamptz, until timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM interactions_interaction i
     WHERE i.author_id = person AND i.ends_at >= since
       AND (i.status = 'PLANNED' OR i.status IN ('DRAFT', 'SIGNED') AND i.starts_at < until)
    UNION ALL
    SELECT 1 FROM interactions_attendee a JOIN interactions_interaction i ON i.id = a.interaction_id
     WHERE a.kol_id = expert AND i.ends_at >= since
       AND (i.status = 'PLANNED' OR i.status IN ('DRAFT', 'SIGNED') AND i.starts_at < until))
$$;
ALTER FUNCTION crm_touches(uuid, uuid, timestamptz, timestamptz) OWNER TO crm_guard;

CREATE FUNCTION crm_late_knowledge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  fresh jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  r jsonb := coalesce(fresh, was);
  held tstzmultirange := crm_held(TG_TABLE_NAME, was);
  holds tstzmultirange := crm_held(TG_TABLE_NAME, fresh);
  differs tstzmultirange := held + holds;
  whom uuid;
  begins timestamptz;
  ends timestamptz;
BEGIN
  -- The same fact with another length differs where only one of them held; another fact wherever either did.
  IF (was ->> 'owner_id', was ->> 'side', was ->> 'role') IS NOT DISTINCT FROM (fresh ->> 'owner_id', fresh ->> 'side', fresh ->> 'role') THEN
    differs := differs - held * holds;
  END IF;
  IF isempty(differs) THEN
    RETURN NULL;
  END IF;
  begins := coalesce(lower(differs), '2000-01-01');
  ends := greatest(begins, least(crm_now(), upper(differs)));
  CASE TG_TABLE_NAME
    WHEN 'kols_ownership' THEN
      -- A move of today reaches no record, and what a late entry takes back is judged anew with that entry.
      IF begins >= crm_now() OR EXISTS (
           SELECT 1 FROM kols_relation x JOIN products_lifecycleentry e ON e.use_id = x.use_id
            WHERE x.id = (r ->> 'relation_id')::uuid AND crm_now() IN (e.confirmed_at, e.countersigned_at)) THEN
        RETURN NULL;
      END IF;
      SELECT kol_id INTO whom FROM kols_relation WHERE id = (r ->> 'relation_id')::uuid;
    WHEN 'accounts_appointment' THEN whom := (r ->> 'user_id')::uuid;
    WHEN 'accounts_certificate' THEN whom := (r ->> 'person_id')::uuid;
    WHEN 'products_labelversion' THEN whom := (r ->> 'use_id')::uuid;
    WHEN 'compliance_packactivation' THEN whom := (r ->> 'market_id')::uuid;
    ELSE whom := (r ->> 'kol_id')::uuid;
  END CASE;
  IF TG_ARGV[0] IN ('POST', 'CERTIFICATE') AND NOT crm_touches(whom, NULL, begins, ends)
     OR TG_ARGV[0] IN ('OWNER', 'WISH') AND NOT crm_touches(NULL, whom, begins, ends) THEN
    RETURN NULL;
  END IF;
  -- Several rows of one transaction about one thing, as an owner and the next, are one piece of work.
  UPDATE interactions_rejudging x SET since = least(x.since, begins), until = greatest(x.until, ends)
   WHERE x.cause = TG_ARGV[0] AND x.about = whom AND x.begun_at = crm_now() AND x.done_at IS NULL AND x.after IS NULL;
  IF FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO interactions_rejudging (id, cause, about, "row", since, until, known_at, judged, found, begun_at)
  VALUES (gen_random_uuid(), TG_ARGV[0], whom, (r ->> 'id')::uuid, begins, ends,
          CASE WHEN TG_TABLE_NAME = 'compliance_packactivation' THEN (r ->> 'proposed_at')::timestamptz
               WHEN TG_OP = 'INSERT' THEN least((r ->> 'recorded_at')::timestamptz, crm_now()) ELSE crm_now() END,
          0, 0, crm_now());
  RETURN NULL;
END $$;
ALTER FUNCTION crm_late_knowledge() OWNER TO crm_guard;

CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE OR DELETE ON kols_ownership
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('OWNER');
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE ON accounts_appointment
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('POST');
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE ON accounts_certificate
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('CERTIFICATE');
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE ON kols_consent
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('WISH');
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE ON kols_objection
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('WISH');
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE ON kols_privacynotice
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('WISH');
CREATE TRIGGER late_knowledge AFTER INSERT ON products_labelversion
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('LABEL');
CREATE TRIGGER late_knowledge AFTER UPDATE ON compliance_packactivation
  FOR EACH ROW WHEN (NEW.status = 'CONFIRMED' AND OLD.status <> 'CONFIRMED') EXECUTE FUNCTION crm_late_knowledge('RULES');

DROP TRIGGER keep_record ON interactions_mismatch;
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_mismatch FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'entry_id', 'work_id', 'before', 'after', 'known_when_acted', 'found_at');
