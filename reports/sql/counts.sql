-- Figures as entries that are added up. An entry is only ever inserted, so two people who log at the same moment
-- never wait for one another's row; crm_fold_figures() puts the entries of one kind into one.
CREATE FUNCTION crm_count_pulses_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reports_pulsecount (id, market_id, region, tier, day, kols)
  SELECT gen_random_uuid(), market_id, region, tier, (last_at AT TIME ZONE 'UTC')::date, -count(*) FROM gone GROUP BY 2, 3, 4, 5;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_count_pulses_gone() OWNER TO crm_guard;
CREATE FUNCTION crm_count_pulses_come() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reports_pulsecount (id, market_id, region, tier, day, kols)
  SELECT gen_random_uuid(), market_id, region, tier, (last_at AT TIME ZONE 'UTC')::date, count(*) FROM come GROUP BY 2, 3, 4, 5;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_count_pulses_come() OWNER TO crm_guard;
CREATE FUNCTION crm_count_pulses_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO reports_pulsecount (id, market_id, region, tier, day, kols)
  SELECT gen_random_uuid(), market_id, region, tier, day, sum(kols)
    FROM (SELECT market_id, region, tier, (last_at AT TIME ZONE 'UTC')::date AS day, -1 AS kols FROM gone
          UNION ALL
          SELECT market_id, region, tier, (last_at AT TIME ZONE 'UTC')::date, 1 FROM come) t
   GROUP BY 2, 3, 4, 5 HAVING sum(kols) <> 0;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_count_pulses_changed() OWNER TO crm_guard;
CREATE TRIGGER count_insert AFTER INSERT ON reports_pulse REFERENCING NEW TABLE AS come
  FOR EACH STATEMENT EXECUTE FUNCTION crm_count_pulses_come();
CREATE TRIGGER count_update AFTER UPDATE ON reports_pulse REFERENCING OLD TABLE AS gone NEW TABLE AS come
  FOR EACH STATEMENT EXECUTE FUNCTION crm_count_pulses_changed();
CREATE TRIGGER count_delete AFTER DELETE ON reports_pulse REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION crm_count_pulses_gone();

CREATE OR REPLACE FUNCTION crm_add_day_counts(authors uuid[], markets uuid[], days date[], counts int[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO reports_daycount (id, author_id, market_id, day, contacts)
  SELECT gen_random_uuid(), author, market, day, sum(count)
    FROM unnest(authors, markets, days, counts) AS t (author, market, day, count)
   GROUP BY author, market, day HAVING sum(count) <> 0
$$;
ALTER FUNCTION crm_add_day_counts(uuid[], uuid[], date[], int[]) OWNER TO crm_guard;

-- One entry for many. Entries another fold holds are left to it; the sums are the same before, during and after.
CREATE FUNCTION crm_fold_figures() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  folded bigint := 0;
  days bigint;
BEGIN
  WITH held AS (SELECT id, count(*) OVER (PARTITION BY market_id, region, tier, day) AS n FROM reports_pulsecount),
       gone AS (DELETE FROM reports_pulsecount c USING
                  (SELECT c.id FROM reports_pulsecount c JOIN held h ON h.id = c.id AND h.n > 1 FOR UPDATE OF c SKIP LOCKED) l
                 WHERE c.id = l.id RETURNING c.market_id, c.region, c.tier, c.day, c.kols),
       come AS (INSERT INTO reports_pulsecount (id, market_id, region, tier, day, kols)
                SELECT gen_random_uuid(), market_id, region, tier, day, sum(kols) FROM gone GROUP BY 2, 3, 4, 5 HAVING sum(kols) <> 0)
  SELECT count(*) INTO folded FROM gone;
  WITH held AS (SELECT id, count(*) OVER (PARTITION BY author_id, market_id, day) AS n FROM reports_daycount),
       gone AS (DELETE FROM reports_daycount c USING
                  (SELECT c.id FROM reports_daycount c JOIN held h ON h.id = c.id AND h.n > 1 FOR UPDATE OF c SKIP LOCKED) l
                 WHERE c.id = l.id RETURNING c.author_id, c.market_id, c.day, c.contacts),
       come AS (INSERT INTO reports_daycount (id, author_id, market_id, day, contacts)
                SELECT gen_random_uuid(), author_id, market_id, day, sum(contacts) FROM gone GROUP BY 2, 3, 4 HAVING sum(contacts) <> 0)
  SELECT count(*) INTO days FROM gone;
  RETURN folded + days;
END $$;
ALTER FUNCTION crm_fold_figures() OWNER TO crm_guard;

ALTER TABLE reports_pulsecount ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON reports_pulsecount USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));

-- What is there already.
SELECT set_config('crm.side', 'system', true);
INSERT INTO reports_pulsecount (id, market_id, region, tier, day, kols)
SELECT gen_random_uuid(), market_id, region, tier, (last_at AT TIME ZONE 'UTC')::date, count(*) FROM reports_pulse GROUP BY 2, 3, 4, 5;
SELECT set_config('crm.side', '', true);
