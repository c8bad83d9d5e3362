-- The chain: whatever the trail and the history hold is sealed in one line, outside the transactions that wrote it
-- (decision 31). A row waits in a queue that its own transaction fills, so none is passed over whatever the order of
-- commits, also after a restore; one sealer takes it out and seals it in one transaction, so none is sealed twice.

-- An instant as it is sealed, whatever the session's time zone.
CREATE FUNCTION crm_utc(at timestamptz) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;
-- A text as a netstring: nothing that is strung together can be read in two ways.
CREATE FUNCTION crm_net(said text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT octet_length(said) || ':' || said || ',' $$;

-- What is sealed of one row: ids and words of ours in the open, all else as a payload that can be erased.
CREATE FUNCTION crm_sealed_facts(kind text, key bigint, OUT at timestamptz, OUT actor text, OUT action text,
                                 OUT object text, OUT payload text)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
  IF kind = 'E' THEN
    SELECT e.at, e.actor, e.verb, e.subject_type || ':' || coalesce(e.subject_id::text, ''),
           CASE WHEN e.erased_at IS NULL THEN jsonb_build_object(
             'id', e.id, 'at', crm_utc(e.at), 'recorded_at', crm_utc(e.recorded_at), 'transaction', e.transaction,
             'actor', e.actor, 'actor_name', e.actor_name, 'actor_role', e.actor_role, 'zone', e.zone,
             'session', e.session, 'strength', e.strength, 'address', e.address, 'device', e.device,
             'software', e.software, 'batch', e.batch, 'verb', e.verb, 'refused', e.refused,
             'subject_type', e.subject_type, 'subject_id', e.subject_id, 'subject_words', e.subject_words,
             'market_code', e.market_code, 'facts', e.facts, 'act', e.act, 'decision', e.decision, 'rules', e.rules,
             'policy_version', e.policy_version)::text END
      INTO at, actor, action, object, payload FROM compliance_auditentry e WHERE e.sequence = key;
  ELSE
    SELECT c.at, c.actor, c.operation, c."table" || ':' || coalesce(c."row"::text, ''),
           CASE WHEN c.erased_at IS NULL THEN jsonb_build_object(
             'at', crm_utc(c.at), 'recorded_at', crm_utc(c.recorded_at), 'transaction', c.transaction,
             'actor', c.actor, 'table', c."table", 'row', c."row", 'operation', c.operation,
             'before', c.before, 'after', c.after)::text END
      INTO at, actor, action, object, payload FROM compliance_rowchange c WHERE c.sequence = key;
  END IF;
END $$;

CREATE FUNCTION crm_queue_for_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO compliance_unsealed (kind, key, at) SELECT TG_ARGV[0], n.sequence, clock_timestamp() FROM new_rows n ORDER BY n.sequence;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_queue_for_seal() OWNER TO crm_guard;
CREATE TRIGGER queue_for_seal AFTER INSERT ON compliance_auditentry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION crm_queue_for_seal('E');
CREATE TRIGGER queue_for_seal AFTER INSERT ON compliance_rowchange REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION crm_queue_for_seal('R');
-- What was there before the chain is sealed like all else.
INSERT INTO compliance_unsealed (kind, key, at)
SELECT kind, key, clock_timestamp() FROM (
  SELECT 'E' AS kind, sequence AS key, at FROM compliance_auditentry
  UNION ALL SELECT 'R', sequence, recorded_at FROM compliance_rowchange) old ORDER BY at, kind, key;

-- Seal at most so many rows. Another sealer at work: nothing is done, and nothing waits.
CREATE FUNCTION crm_seal(most int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  place bigint; head text; one record; done int := 0;
  instant timestamptz := clock_timestamp(); instant_words text := crm_utc(clock_timestamp());
  salt bytea; committed text; hash text;
BEGIN
  IF crm_side() <> 'system' THEN
    RAISE EXCEPTION 'The trail is sealed by the product alone' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('compliance_seal')) THEN
    RETURN 0;
  END IF;
  SELECT s.sequence, encode(s.hash, 'hex') INTO place, head FROM compliance_seal s ORDER BY s.sequence DESC LIMIT 1;
  place := coalesce(place, 0); head := coalesce(head, repeat('0', 64)); instant_words := crm_utc(instant);
  FOR one IN
    WITH next AS (
      DELETE FROM compliance_unsealed WHERE id IN (SELECT u.id FROM compliance_unsealed u ORDER BY u.id LIMIT most)
      RETURNING id, kind, key)
    SELECT n.kind, n.key, coalesce(f.at, '-infinity') AS at, coalesce(crm_utc(f.at), '') AS at_words,
           coalesce(f.actor, '') AS actor, coalesce(f.action, '') AS action, coalesce(f.object, '') AS object,
           coalesce(f.payload, '') AS payload
      FROM next n CROSS JOIN LATERAL crm_sealed_facts(n.kind, n.key) f ORDER BY n.id
  LOOP
    place := place + 1; done := done + 1;
    salt := uuid_send(gen_random_uuid());
    committed := encode(sha256(salt || convert_to(one.payload, 'UTF8')), 'hex');
    hash := encode(sha256(convert_to(
      crm_net(head) || crm_net(place::text) || crm_net(one.kind) || crm_net(one.key::text) || crm_net(one.at_words)
      || crm_net(instant_words) || crm_net(one.actor) || crm_net(one.action) || crm_net(one.object)
      || crm_net(committed), 'UTF8')), 'hex');
    INSERT INTO compliance_seal (sequence, kind, key, at, sealed_at, actor, action, object, previous, commitment, hash)
    VALUES (place, one.kind, one.key, one.at, instant, one.actor, one.action, one.object,
            decode(head, 'hex'), decode(committed, 'hex'), decode(hash, 'hex'));
    INSERT INTO compliance_salt (sequence, salt) VALUES (place, salt);
    head := hash;
  END LOOP;
  RETURN done;
END $$;
ALTER FUNCTION crm_seal(int) OWNER TO crm_guard;

-- The seals from one number to another as they are exported: nothing is recomputed here but the payload.
CREATE FUNCTION crm_sealed(since bigint, until bigint)
RETURNS TABLE (sequence bigint, kind text, key bigint, at text, sealed_at text, actor text, action text, object text,
               previous text, commitment text, hash text, salt text, payload text)
LANGUAGE sql STABLE AS $$
  SELECT s.sequence, s.kind, s.key, coalesce(crm_utc(nullif(s.at, '-infinity')), ''), crm_utc(s.sealed_at), s.actor,
         s.action, s.object, encode(s.previous, 'hex'), encode(s.commitment, 'hex'), encode(s.hash, 'hex'),
         encode(t.salt, 'hex'), f.payload
    FROM compliance_seal s LEFT JOIN compliance_salt t ON t.sequence = s.sequence
   CROSS JOIN LATERAL crm_sealed_facts(s.kind, s.key) f
   WHERE s.sequence BETWEEN since AND until ORDER BY s.sequence
$$;

-- That the head of the chain stands outside of the database now.
CREATE FUNCTION crm_note_anchor(head bigint, places text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF crm_side() <> 'system' THEN
    RAISE EXCEPTION 'The trail is anchored by the product alone' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO compliance_anchor (sequence, hash, at, places)
  SELECT s.sequence, s.hash, transaction_timestamp(), crm_note_anchor.places FROM compliance_seal s
   WHERE s.sequence = head ON CONFLICT DO NOTHING;
END $$;
ALTER FUNCTION crm_note_anchor(bigint, text) OWNER TO crm_guard;

-- Lawful erasure (R-097): what the trail says of some records goes, with the salt by which it could be guessed again;
-- that there was something, when and by whom stays, and the chain with it. That it was erased, and why, is an entry.
CREATE FUNCTION crm_erase_from_trail(records uuid[], reason text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('crm.actor', true), '');
  places bigint[]; entries bigint[]; changes bigint[];
BEGIN
  IF who IS NULL OR btrim(reason) = '' THEN
    RAISE EXCEPTION 'An erasure needs somebody who acts, and a reason' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT coalesce(array_agg(sequence), '{}') INTO entries FROM compliance_auditentry WHERE subject_id = ANY (records) AND erased_at IS NULL;
  SELECT coalesce(array_agg(sequence), '{}') INTO changes FROM compliance_rowchange WHERE "row" = ANY (records) AND erased_at IS NULL;
  SELECT array_agg(s.sequence) INTO places FROM compliance_seal s
   WHERE s.kind = 'E' AND s.key = ANY (entries) OR s.kind = 'R' AND s.key = ANY (changes);
  IF coalesce(cardinality(places), 0) <> cardinality(entries) + cardinality(changes) THEN
    RAISE EXCEPTION 'Some of it is not sealed yet' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  IF places IS NULL THEN
    RETURN 0;
  END IF;
  UPDATE compliance_auditentry SET erased_at = clock_timestamp(), subject_words = '', facts = '{}', act = NULL, decision = NULL
   WHERE sequence = ANY (entries);
  UPDATE compliance_rowchange SET erased_at = clock_timestamp(), before = NULL, after = NULL WHERE sequence = ANY (changes);
  DELETE FROM compliance_salt WHERE sequence = ANY (places);
  INSERT INTO compliance_auditentry
    (id, at, recorded_at, transaction, actor, actor_name, actor_role, zone, session, strength, address, device, software,
     batch, verb, refused, subject_type, subject_words, market_code, facts, rules, policy_version)
  SELECT gen_random_uuid(), crm_now(), clock_timestamp(), txid_current(), who,
         coalesce((SELECT left(btrim(u.given_name || ' ' || u.family_name), 200) FROM accounts_user u WHERE u.id = crm_user()), who),
         crm_role(), '', '', '', '', '', '', '', 'erased from the trail', false, '', '', '',
         jsonb_build_object('reason', reason, 'sealed', (
           SELECT jsonb_agg(jsonb_build_array(first, last) ORDER BY first) FROM (
             SELECT min(n) AS first, max(n) AS last FROM (
               SELECT n, n - row_number() OVER (ORDER BY n) AS run FROM unnest(places) AS n) runs GROUP BY run) ranges)),
         '[]', '';
  RETURN cardinality(places);
END $$;
ALTER FUNCTION crm_erase_from_trail(uuid[], text) OWNER TO crm_guard;

-- Never rewritten, by anybody: but for the erasure above, which only empties what it names in its arguments.
CREATE FUNCTION crm_keep_trail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'crm_guard' THEN
    IF TG_OP = 'UPDATE' AND TG_NARGS > 0 AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV AND to_jsonb(NEW) ->> 'erased_at' IS NOT NULL THEN
      RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('compliance_salt', 'compliance_unsealed') THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'The trail is never rewritten: % on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = 'the_trail_is_never_rewritten';
END $$;
DROP TRIGGER never_rewritten ON compliance_auditentry;
DROP TRIGGER never_rewritten ON compliance_rowchange;
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_auditentry FOR EACH ROW
  EXECUTE FUNCTION crm_keep_trail('erased_at', 'subject_words', 'facts', 'act', 'decision');
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_rowchange FOR EACH ROW
  EXECUTE FUNCTION crm_keep_trail('erased_at', 'before', 'after');
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_seal FOR EACH ROW EXECUTE FUNCTION crm_keep_trail();
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_salt FOR EACH ROW EXECUTE FUNCTION crm_keep_trail();
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_anchor FOR EACH ROW EXECUTE FUNCTION crm_keep_trail();
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_unsealed FOR EACH ROW EXECUTE FUNCTION crm_keep_trail();

ALTER TABLE compliance_seal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY seal_read ON compliance_seal FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
ALTER TABLE compliance_salt ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY salt_read ON compliance_salt FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
ALTER TABLE compliance_anchor ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY anchor_read ON compliance_anchor FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
ALTER TABLE compliance_unsealed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY unsealed_read ON compliance_unsealed FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));

-- Who acts and when comes from the transaction, as before; where from, how she signed in and which software it was come
-- from what the door said of it once (crm.source).
CREATE OR REPLACE FUNCTION crm_write_trail(sentences jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('crm.actor', true), '');
  source jsonb := coalesce(nullif(current_setting('crm.source', true), '')::jsonb, '{}');
  name text; role text; zone text;
BEGIN
  IF who IS NULL THEN
    RAISE EXCEPTION 'Nobody is acting: an entry of the trail needs acting_as(...)' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF crm_side() <> 'system' AND crm_user() IS NOT NULL THEN
    SELECT left(btrim(u.given_name || ' ' || u.family_name), 200), crm_role(), u.time_zone INTO name, role, zone
      FROM accounts_user u WHERE u.id = crm_user();
  END IF;
  IF jsonb_path_exists(sentences, '$[*] ? (@.verb == "erased from the trail")') THEN
    RAISE EXCEPTION 'An erasure writes its own entry' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO compliance_auditentry
    (id, at, recorded_at, transaction, actor, actor_name, actor_role, zone, session, strength, address, device, software,
     batch, verb, refused, subject_type, subject_id, subject_words, market_code, facts, act, decision, rules, policy_version)
  SELECT gen_random_uuid(), crm_now(), clock_timestamp(), txid_current(), who,
         coalesce(name, s.one ->> 'actor_name'), coalesce(role, s.one ->> 'actor_role'), coalesce(zone, ''),
         left(coalesce(source ->> 'session', ''), 32), left(coalesce(source ->> 'strength', ''), 60),
         left(coalesce(source ->> 'address', ''), 45), left(coalesce(source ->> 'device', ''), 12),
         left(coalesce(source ->> 'software', ''), 60), left(coalesce(source ->> 'batch', ''), 100),
         s.one ->> 'verb', (s.one ->> 'refused')::boolean, s.one ->> 'subject_type', (s.one ->> 'subject_id')::uuid,
         s.one ->> 'subject_words', s.one ->> 'market_code', s.one -> 'facts', nullif(s.one -> 'act', 'null'),
         nullif(s.one -> 'decision', 'null'), s.one -> 'rules', s.one ->> 'policy_version'
    FROM jsonb_array_elements(sentences) WITH ORDINALITY AS s (one, place) ORDER BY s.place;
END $$;
