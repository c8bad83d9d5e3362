-- The trail is written through this function alone: the web role has no INSERT on it. Who acts, and when, comes from
-- the transaction; a person's name and role are her own. Only where the product itself acts may the caller name them.
CREATE FUNCTION crm_write_trail(sentences jsonb) RETURNS void
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
ALTER FUNCTION crm_write_trail(jsonb) OWNER TO crm_guard;

-- Whoever changes sides leaves what she reported behind, in the database as well (R-110).
DROP POLICY deviation_read ON compliance_deviation;
CREATE POLICY deviation_read ON compliance_deviation USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR reporter_id = (SELECT crm_user()) AND reporter_side = (SELECT crm_side()));
