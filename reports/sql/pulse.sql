-- The figures of some experts, fresh. After a large load the planner may still believe that the tables are empty,
-- and would then compare every expert with every other. Each expert is therefore looked up by index, one after the
-- other: OFFSET 0 keeps the planner from turning the look-ups into joins, and a plan made while the tables were
-- empty is still the right one when they are not.
CREATE OR REPLACE FUNCTION crm_refresh_pulse(which uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF coalesce(cardinality(which), 0) = 0 THEN
    RETURN;
  END IF;
  INSERT INTO reports_pulse (id, kol_id, market_id, region, tier, last_at)
  SELECT gen_random_uuid(), k.id, p.market_id, k.region, k.tier, k.at
    FROM (SELECT DISTINCT unnest(which) AS id) w
   CROSS JOIN LATERAL (
     SELECT k.id,
            coalesce((SELECT i.region FROM kols_institution i WHERE i.id = k.main_institution_id), '') AS region,
            (SELECT s.tier FROM kols_scientificprofile s WHERE s.kol_id = k.id) AS tier,
            (SELECT c.at FROM interactions_lastcontact c WHERE c.kol_id = k.id) AS at
       FROM kols_kol k WHERE k.id = w.id AND k.status IN ('ACTIVE', 'TO_VERIFY') OFFSET 0) k
   CROSS JOIN LATERAL (SELECT p.market_id FROM kols_practice p WHERE p.kol_id = k.id OFFSET 0) p
  ON CONFLICT (kol_id, market_id) DO UPDATE SET region = excluded.region, tier = excluded.tier, last_at = excluded.last_at;
  DELETE FROM reports_pulse u WHERE u.id = ANY (ARRAY(
    SELECT p.id FROM (SELECT DISTINCT unnest(which) AS id) w
     CROSS JOIN LATERAL (SELECT p.id, p.kol_id, p.market_id FROM reports_pulse p WHERE p.kol_id = w.id OFFSET 0) p
     WHERE NOT EXISTS (
       SELECT 1 FROM kols_practice r WHERE r.kol_id = p.kol_id AND r.market_id = p.market_id
          AND EXISTS (SELECT 1 FROM kols_kol k WHERE k.id = r.kol_id AND k.status IN ('ACTIVE', 'TO_VERIFY') OFFSET 0)
       OFFSET 0)));
END $$;
ALTER FUNCTION crm_refresh_pulse(uuid[]) OWNER TO crm_guard;
