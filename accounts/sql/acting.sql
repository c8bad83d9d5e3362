-- Who acts, and when it is. Read by every row-level policy and every history trigger.

-- The instant of the transaction. Only a session of the owner role (seed, go-live load, tests) may set another.
CREATE FUNCTION crm_now() RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE clock text := nullif(current_setting('crm.clock', true), '');
BEGIN
  IF clock IS NOT NULL AND pg_has_role(session_user, 'crm_owner', 'MEMBER') THEN
    RETURN clock::timestamptz;
  END IF;
  RETURN transaction_timestamp();
END $$;

CREATE FUNCTION crm_side() RETURNS text LANGUAGE sql STABLE AS $$ SELECT coalesce(current_setting('crm.side', true), '') $$;
CREATE FUNCTION crm_role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT coalesce(current_setting('crm.role', true), '') $$;
CREATE FUNCTION crm_user() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('crm.user', true), '')::uuid $$;

-- Stand in the shoes of a person for the rest of the transaction, with the role she has at its instant.
CREATE FUNCTION crm_act_as(who uuid, clock text, OUT role text, OUT side text, OUT markets text, OUT at timestamptz)
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
  PERFORM set_config('crm.actor', coalesce(who::text, 'nobody signed in'), true),
          set_config('crm.user', coalesce(who::text, ''), true),
          set_config('crm.role', role, true),
          set_config('crm.side', side, true),
          set_config('crm.markets', markets, true);
END $$;

-- The product itself acts, on a person's behalf or on nobody's.
CREATE FUNCTION crm_act_as_system(actor text, by_user uuid, clock text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('crm.clock', clock, true),
          set_config('crm.actor', actor, true),
          set_config('crm.user', coalesce(by_user::text, ''), true),
          set_config('crm.role', '', true),
          set_config('crm.side', 'system', true),
          set_config('crm.markets', '', true);
  RETURN crm_now();
END $$;

ALTER TABLE accounts_notice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_read ON accounts_notice FOR SELECT
  USING ((SELECT crm_side()) = 'system' OR person_id = (SELECT crm_user()));
CREATE POLICY notice_tell ON accounts_notice FOR INSERT WITH CHECK (true);
CREATE POLICY notice_mark ON accounts_notice FOR UPDATE
  USING ((SELECT crm_side()) = 'system' OR person_id = (SELECT crm_user()));

ALTER TABLE accounts_idempotencykey ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY key_own ON accounts_idempotencykey
  USING ((SELECT crm_side()) = 'system' OR user_id = (SELECT crm_user()));
