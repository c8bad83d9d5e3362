-- Break-glass: the database itself knows whether it is open, and closes it by the clock.

ALTER TABLE accounts_breakglass ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY glass_read ON accounts_breakglass
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR (SELECT crm_role()) = 'ADMIN');

-- Asked by an administrator for herself, granted by Compliance for those minutes from now, ended once. No other change.
CREATE FUNCTION crm_keep_glass() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF crm_role() = 'ADMIN' AND NEW.person_id = crm_user() AND NEW.decided_at IS NULL AND NEW.ended_at IS NULL THEN
      RETURN NEW;
    END IF;
  ELSIF (OLD.person_id, OLD.reason, OLD.minutes, OLD.concerning_id, OLD.untold_because, OLD.asked_at)
     IS NOT DISTINCT FROM (NEW.person_id, NEW.reason, NEW.minutes, NEW.concerning_id, NEW.untold_because, NEW.asked_at) THEN
    IF OLD.decided_at IS NULL AND NEW.ended_at IS NULL AND crm_role() = 'COMPLIANCE' AND NEW.decided_by_id = crm_user()
       AND (NOT NEW.granted OR NEW.during = tstzrange(crm_now(), crm_now() + make_interval(mins => NEW.minutes))) THEN
      RETURN NEW;
    END IF;
    IF OLD.granted AND OLD.ended_at IS NULL AND NEW.ended_at = crm_now()
       AND (OLD.decided_by_id, OLD.decided_at, OLD.granted, OLD.during) = (NEW.decided_by_id, NEW.decided_at, NEW.granted, NEW.during) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'Break-glass is asked by an administrator, granted by Compliance, and ended'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_glass_is_opened_by_two';
END $$;
CREATE TRIGGER kept BEFORE INSERT OR UPDATE ON accounts_breakglass FOR EACH ROW EXECUTE FUNCTION crm_keep_glass();

-- Asked before anybody acts, so past row security; it tells an id that is open, and nothing of why.
CREATE FUNCTION crm_open_glass(who uuid, at timestamptz) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
  SET search_path = public, pg_temp AS $$
  SELECT g.id FROM accounts_breakglass g
   WHERE g.person_id = who AND g.granted AND g.during @> at AND (g.ended_at IS NULL OR g.ended_at > at)
   ORDER BY g.during DESC LIMIT 1
$$;
ALTER FUNCTION crm_open_glass(uuid, timestamptz) OWNER TO crm_guard;

DROP FUNCTION crm_act_as(uuid, text);

-- Stand in the shoes of a person for the rest of the transaction, with the role she has at its instant.
CREATE FUNCTION crm_act_as(who uuid, clock text, OUT role text, OUT side text, OUT markets text, OUT at timestamptz, OUT lacks_factor boolean, OUT glass uuid)
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
  -- While the glass is broken an administrator reads as an auditor, and administers nothing.
  IF role = 'ADMIN' THEN
    glass := crm_open_glass(who, at);
    IF glass IS NOT NULL THEN role := 'AUDITOR'; side := 'OVERSIGHT'; END IF;
  END IF;
  PERFORM set_config('crm.actor', coalesce(who::text, 'nobody signed in'), true),
          set_config('crm.user', coalesce(who::text, ''), true),
          set_config('crm.role', role, true),
          set_config('crm.side', side, true),
          set_config('crm.markets', markets, true);
END $$;
