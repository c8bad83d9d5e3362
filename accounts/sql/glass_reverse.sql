DROP POLICY glass_read ON accounts_breakglass;
DROP TRIGGER kept ON accounts_breakglass;
DROP FUNCTION crm_keep_glass();
DROP FUNCTION crm_act_as(uuid, text);
DROP FUNCTION crm_open_glass(uuid, timestamptz);
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
