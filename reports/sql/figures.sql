-- Figures for dashboards, kept in the transaction that causes them.

CREATE FUNCTION crm_refresh_pulse(which uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO reports_pulse (id, kol_id, market_id, region, tier, last_at)
  SELECT gen_random_uuid(), p.kol_id, p.market_id, coalesce(i.region, ''), s.tier, c.at
    FROM kols_practice p
    JOIN kols_kol k ON k.id = p.kol_id
    LEFT JOIN kols_institution i ON i.id = k.main_institution_id
    LEFT JOIN kols_scientificprofile s ON s.kol_id = p.kol_id
    LEFT JOIN interactions_lastcontact c ON c.kol_id = p.kol_id
   WHERE p.kol_id = ANY (which) AND k.status IN ('ACTIVE', 'TO_VERIFY')
  ON CONFLICT (kol_id, market_id) DO UPDATE SET region = excluded.region, tier = excluded.tier, last_at = excluded.last_at;
  DELETE FROM reports_pulse u WHERE u.kol_id = ANY (which) AND NOT EXISTS (
    SELECT 1 FROM kols_practice p JOIN kols_kol k ON k.id = p.kol_id
     WHERE p.kol_id = u.kol_id AND p.market_id = u.market_id AND k.status IN ('ACTIVE', 'TO_VERIFY'));
$$;
ALTER FUNCTION crm_refresh_pulse(uuid[]) OWNER TO crm_guard;

CREATE FUNCTION crm_pulse_of_rows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_refresh_pulse((SELECT array_agg(DISTINCT kol_id) FROM touched));
  RETURN NULL;
END $$;
ALTER FUNCTION crm_pulse_of_rows() OWNER TO crm_guard;
CREATE TRIGGER pulse_insert AFTER INSERT ON kols_practice REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_update AFTER UPDATE ON kols_practice REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_delete AFTER DELETE ON kols_practice REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_insert AFTER INSERT ON kols_scientificprofile REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_update AFTER UPDATE ON kols_scientificprofile REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_delete AFTER DELETE ON kols_scientificprofile REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_insert AFTER INSERT ON interactions_lastcontact REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_update AFTER UPDATE ON interactions_lastcontact REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();
CREATE TRIGGER pulse_delete AFTER DELETE ON interactions_lastcontact REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_pulse_of_rows();

CREATE FUNCTION crm_pulse_of_kol() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_refresh_pulse(ARRAY[NEW.id]);
  RETURN NULL;
END $$;
ALTER FUNCTION crm_pulse_of_kol() OWNER TO crm_guard;
CREATE TRIGGER pulse_kol AFTER UPDATE OF main_institution_id, status ON kols_kol FOR EACH ROW
  WHEN (OLD.main_institution_id IS DISTINCT FROM NEW.main_institution_id OR OLD.status <> NEW.status) EXECUTE FUNCTION crm_pulse_of_kol();
CREATE FUNCTION crm_pulse_of_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_refresh_pulse((SELECT coalesce(array_agg(id), '{}') FROM kols_kol WHERE main_institution_id = NEW.id));
  RETURN NULL;
END $$;
ALTER FUNCTION crm_pulse_of_place() OWNER TO crm_guard;
CREATE TRIGGER pulse_place AFTER UPDATE OF region ON kols_institution FOR EACH ROW
  WHEN (OLD.region <> NEW.region) EXECUTE FUNCTION crm_pulse_of_place();

-- Contacts per author and day. Both sides of an update are applied, so a moved or withdrawn visit moves its count.
CREATE FUNCTION crm_add_day_counts(authors uuid[], markets uuid[], days date[], counts int[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO reports_daycount (id, author_id, market_id, day, contacts)
  SELECT gen_random_uuid(), author, market, day, sum(count)
    FROM unnest(authors, markets, days, counts) AS t (author, market, day, count)
   GROUP BY author, market, day HAVING sum(count) <> 0 ORDER BY author, market, day
  ON CONFLICT (author_id, market_id, day) DO UPDATE SET contacts = reports_daycount.contacts + excluded.contacts
$$;
ALTER FUNCTION crm_add_day_counts(uuid[], uuid[], date[], int[]) OWNER TO crm_guard;
CREATE FUNCTION crm_count_inserted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_add_day_counts(array_agg(author_id), array_agg(market_id), array_agg((starts_at AT TIME ZONE 'UTC')::date), array_agg(1))
     FROM new_visits WHERE compartment = 'MEDICAL' AND status IN ('DRAFT', 'SIGNED') HAVING count(*) > 0;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_count_inserted() OWNER TO crm_guard;
CREATE FUNCTION crm_count_updated() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_add_day_counts(array_agg(author_id), array_agg(market_id), array_agg(day), array_agg(one)) FROM (
    SELECT author_id, market_id, (starts_at AT TIME ZONE 'UTC')::date AS day, -1 AS one FROM old_visits
     WHERE compartment = 'MEDICAL' AND status IN ('DRAFT', 'SIGNED')
    UNION ALL
    SELECT author_id, market_id, (starts_at AT TIME ZONE 'UTC')::date, 1 FROM new_visits
     WHERE compartment = 'MEDICAL' AND status IN ('DRAFT', 'SIGNED')) t HAVING count(*) > 0;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_count_updated() OWNER TO crm_guard;
CREATE TRIGGER day_counts_insert AFTER INSERT ON interactions_interaction REFERENCING NEW TABLE AS new_visits
  FOR EACH STATEMENT EXECUTE FUNCTION crm_count_inserted();
CREATE TRIGGER day_counts_update AFTER UPDATE ON interactions_interaction REFERENCING OLD TABLE AS old_visits NEW TABLE AS new_visits
  FOR EACH STATEMENT EXECUTE FUNCTION crm_count_updated();

ALTER TABLE reports_pulse ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON reports_pulse USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE reports_daycount ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON reports_daycount USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
