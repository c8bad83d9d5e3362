-- The figures of some experts, fresh. After a large load the planner may still believe that the tables are empty
-- and compare every expert with every other; many are therefore joined by hashing, a few by index.
CREATE OR REPLACE FUNCTION crm_refresh_pulse(which uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_nestloop = on AS $$
BEGIN
  IF cardinality(which) > 200 THEN
    PERFORM set_config('enable_nestloop', 'off', true);
  END IF;
  EXECUTE '
    INSERT INTO reports_pulse (id, kol_id, market_id, region, tier, last_at)
    SELECT gen_random_uuid(), p.kol_id, p.market_id, coalesce(i.region, ''''), s.tier, c.at
      FROM (SELECT DISTINCT unnest($1) AS id) w
      JOIN kols_practice p ON p.kol_id = w.id
      JOIN kols_kol k ON k.id = w.id
      LEFT JOIN kols_institution i ON i.id = k.main_institution_id
      LEFT JOIN kols_scientificprofile s ON s.kol_id = w.id
      LEFT JOIN interactions_lastcontact c ON c.kol_id = w.id
     WHERE k.status IN (''ACTIVE'', ''TO_VERIFY'')
    ON CONFLICT (kol_id, market_id) DO UPDATE SET region = excluded.region, tier = excluded.tier, last_at = excluded.last_at'
    USING which;
  EXECUTE '
    DELETE FROM reports_pulse u USING (SELECT DISTINCT unnest($1) AS id) w
     WHERE u.kol_id = w.id AND NOT EXISTS (
       SELECT 1 FROM kols_practice p JOIN kols_kol k ON k.id = p.kol_id
        WHERE p.kol_id = u.kol_id AND p.market_id = u.market_id AND k.status IN (''ACTIVE'', ''TO_VERIFY''))'
    USING which;
END $$;
ALTER FUNCTION crm_refresh_pulse(uuid[]) OWNER TO crm_guard;
