-- Signatures: written once, through one function, by the person who acts; read with the record; changed by nobody.

-- The web role has no INSERT on the table. Who signs, in which role, on which clock and when comes from the
-- transaction, and the hash from the text: the caller can say none of it.
CREATE FUNCTION crm_write_signatures(rows jsonb) RETURNS SETOF compliance_signature
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who uuid := crm_user();
  held text; name text; clock text;
BEGIN
  SELECT a.role, left(btrim(u.given_name || ' ' || u.family_name), 200), u.time_zone INTO held, name, clock
    FROM accounts_user u JOIN accounts_appointment a ON a.user_id = u.id AND a.during @> crm_now()
   WHERE u.id = who AND u.is_active;
  IF held IS NULL THEN
    RAISE EXCEPTION 'A person with a role signs, nobody else (R-140)'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY INSERT INTO compliance_signature
    (id, record_type, record_id, record_version, side, signer_id, signer_name, signer_role, at, zone, meaning,
     content, sha256, canonicalisation, policy_version, software_version, proved_by, proved_at, deed, manifest_sha256)
  SELECT gen_random_uuid(), r.one ->> 'record_type', (r.one ->> 'record_id')::uuid, (r.one ->> 'record_version')::integer,
         r.one ->> 'side', who, name, held, crm_now(), clock, r.one ->> 'meaning', r.one ->> 'content',
         encode(sha256(convert_to(r.one ->> 'content', 'UTF8')), 'hex'), r.one ->> 'canonicalisation',
         r.one ->> 'policy_version', r.one ->> 'software_version', r.one ->> 'proved_by',
         (r.one ->> 'proved_at')::timestamptz, (r.one ->> 'deed')::uuid, r.one ->> 'manifest_sha256'
    FROM jsonb_array_elements(rows) WITH ORDINALITY AS r (one, place) ORDER BY r.place
  RETURNING *;
END $$;
ALTER FUNCTION crm_write_signatures(jsonb) OWNER TO crm_guard;

ALTER TABLE compliance_signature ADD CONSTRAINT a_signature_is_bound_to_its_content
  CHECK (content = '' OR sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'));

-- Lawful erasure, a function of the guard, may empty the text; nothing else changes, for no role at all.
CREATE FUNCTION crm_keep_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_user = 'crm_guard' AND NEW.content = ''
     AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'A signature is never changed: %', TG_OP
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signature_is_never_changed';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON compliance_signature
  FOR EACH ROW EXECUTE FUNCTION crm_keep_signature();

ALTER TABLE compliance_signature ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_its_side ON compliance_signature FOR SELECT USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR side = (SELECT crm_side()) AND (side = 'MEDICAL' OR signer_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD'));
