-- Which roles must have a second factor is asked in the statement that says who acts.

DROP FUNCTION crm_act_as(uuid, text);

-- Stand in the shoes of a person for the rest of the transaction, with the role she has at its instant.
CREATE FUNCTION crm_act_as(who uuid, clock text, OUT role text, OUT side text, OUT markets text, OUT at timestamptz, OUT lacks_factor boolean)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('crm.clock', clock, true);
  at := crm_now();
  SELECT a.role, a.side,
         (SELECT string_agg(m.market_id::text, ',' ORDER BY m.market_id) FROM accounts_appointment_markets m WHERE m.appointment_id = a.id)
    INTO role, side, markets
    FROM accounts_appointment a JOIN accounts_user u ON u.id = a.user_id
   WHERE a.user_id = who AND u.is_active AND a.during @> at;
  role := coalesce(role, ''); side := coalesce(side, ''); markets := coalesce(markets, '');
  lacks_factor := EXISTS (SELECT FROM accounts_factorrule r WHERE r.role = crm_act_as.role)
              AND NOT EXISTS (SELECT FROM mfa_authenticator f WHERE f.user_id = who AND f.type IN ('totp', 'webauthn'));
  PERFORM set_config('crm.actor', coalesce(who::text, 'nobody signed in'), true),
          set_config('crm.user', coalesce(who::text, ''), true),
          set_config('crm.role', role, true),
          set_config('crm.side', side, true),
          set_config('crm.markets', markets, true);
END $$;


-- A decided reset stays as it was decided, and none is made in somebody else's name.
CREATE FUNCTION crm_keep_reset() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.decided_at IS NOT NULL OR (OLD.person_id, OLD.reason, OLD.asked_by_id, OLD.asked_at)
       IS DISTINCT FROM (NEW.person_id, NEW.reason, NEW.asked_by_id, NEW.asked_at)) THEN
    RAISE EXCEPTION 'A reset is decided once' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reset_is_decided_once';
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.decided_by_id IS DISTINCT FROM crm_user() OR TG_OP = 'INSERT' AND NEW.asked_by_id IS DISTINCT FROM crm_user() THEN
    RAISE EXCEPTION 'Nobody signs for somebody else' USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_signs_for_another';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE INSERT OR UPDATE ON accounts_factorreset FOR EACH ROW EXECUTE FUNCTION crm_keep_reset();

-- An address people sign in with belongs to one account for ever (11.100): it is neither changed nor handed on.
CREATE FUNCTION crm_keep_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'An account keeps its id and its address' USING ERRCODE = 'check_violation', CONSTRAINT = 'an_account_is_never_reassigned';
END $$;
CREATE TRIGGER kept BEFORE UPDATE OF id, email ON accounts_user FOR EACH ROW
  WHEN (current_user = 'crm_web' AND (OLD.id <> NEW.id OR lower(OLD.email) <> lower(NEW.email))) EXECUTE FUNCTION crm_keep_account();

ALTER TABLE accounts_factorreset ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reset_read ON accounts_factorreset
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR (SELECT crm_role()) = 'ADMIN' OR person_id = (SELECT crm_user()));
