DROP TRIGGER never_rewritten ON compliance_auditentry;
DROP TRIGGER never_rewritten ON compliance_rowchange;
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_auditentry FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_rowchange FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
DROP TRIGGER queue_for_seal ON compliance_auditentry;
DROP TRIGGER queue_for_seal ON compliance_rowchange;
DROP FUNCTION crm_erase_from_trail(uuid[], text);
DROP FUNCTION crm_note_anchor(bigint, text);
DROP FUNCTION crm_sealed(bigint, bigint);
DROP FUNCTION crm_seal(int);
DROP FUNCTION crm_queue_for_seal();
DROP FUNCTION crm_keep_trail() CASCADE;
DROP FUNCTION crm_sealed_facts(text, bigint);
DROP FUNCTION crm_net(text);
DROP FUNCTION crm_utc(timestamptz);
CREATE OR REPLACE FUNCTION crm_write_trail(sentences jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('crm.actor', true), '');
  name text; role text;
BEGIN
  IF who IS NULL THEN
    RAISE EXCEPTION 'Nobody is acting: an entry of the trail needs acting_as(...)' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF crm_side() <> 'system' AND crm_user() IS NOT NULL THEN
    SELECT left(btrim(u.given_name || ' ' || u.family_name), 200), crm_role() INTO name, role
      FROM accounts_user u WHERE u.id = crm_user();
  END IF;
  INSERT INTO compliance_auditentry
    (id, at, actor, actor_name, actor_role, verb, refused, subject_type, subject_id, subject_words,
     market_code, facts, act, decision, rules, policy_version)
  SELECT gen_random_uuid(), crm_now(), who, coalesce(name, s.one ->> 'actor_name'), coalesce(role, s.one ->> 'actor_role'),
         s.one ->> 'verb', (s.one ->> 'refused')::boolean, s.one ->> 'subject_type', (s.one ->> 'subject_id')::uuid,
         s.one ->> 'subject_words', s.one ->> 'market_code', s.one -> 'facts', nullif(s.one -> 'act', 'null'),
         nullif(s.one -> 'decision', 'null'), s.one -> 'rules', s.one ->> 'policy_version'
    FROM jsonb_array_elements(sentences) WITH ORDINALITY AS s (one, place) ORDER BY s.place;
END $$;
