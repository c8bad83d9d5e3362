-- One plain search column per KOL: names in both foldings, places, identifiers (decision 37).

CREATE FUNCTION crm_fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT lower(unaccent('unaccent'::regdictionary, words))
$$;
CREATE FUNCTION crm_fold_german(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT crm_fold(replace(replace(replace(replace(lower(words), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'))
$$;
CREATE FUNCTION crm_search_text(kol kols_kol) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT crm_fold(words) || CASE WHEN crm_fold_german(names) <> crm_fold(names) THEN ' ' || crm_fold_german(names) ELSE '' END
    FROM (SELECT concat_ws(' ', names, kol.specialty,
                   (SELECT string_agg(concat_ws(' ', i.name, i.city), ' ' ORDER BY i.id)
                      FROM kols_affiliation a JOIN kols_institution i ON i.id = a.institution_id
                     WHERE a.kol_id = kol.id AND upper_inf(a.during)),
                   (SELECT concat_ws(' ', i.name, i.city) FROM kols_institution i
                     WHERE i.id = kol.main_institution_id
                       AND NOT EXISTS (SELECT 1 FROM kols_affiliation a WHERE a.kol_id = kol.id AND a.institution_id = i.id AND upper_inf(a.during))),
                   (SELECT string_agg(d.value, ' ' ORDER BY d.value) FROM kols_identifier d WHERE d.kol_id = kol.id)) AS words,
                 names
            FROM (SELECT concat_ws(' ', kol.title, kol.given_name, kol.family_name, kol.suffix) AS names) n) t
$$;

CREATE FUNCTION crm_kol_search() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  NEW.sort_name := crm_fold(concat_ws(' ', NEW.family_name, NEW.given_name));
  NEW.search := crm_search_text(NEW);
  RETURN NEW;
END $$;
ALTER FUNCTION crm_kol_search() OWNER TO crm_guard;
CREATE TRIGGER search_text BEFORE INSERT OR UPDATE ON kols_kol FOR EACH ROW EXECUTE FUNCTION crm_kol_search();

-- A change beside the KOL touches the KOL's row, whose own trigger writes the column. Set-based, so bulk loads stay fast.
CREATE FUNCTION crm_refresh_search() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE kols_kol k SET search = '' FROM (SELECT DISTINCT kol_id FROM touched) t WHERE k.id = t.kol_id;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_refresh_search() OWNER TO crm_guard;
CREATE TRIGGER search_insert AFTER INSERT ON kols_affiliation REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE TRIGGER search_update AFTER UPDATE ON kols_affiliation REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE TRIGGER search_delete AFTER DELETE ON kols_affiliation REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE TRIGGER search_insert AFTER INSERT ON kols_identifier REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE TRIGGER search_update AFTER UPDATE ON kols_identifier REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE TRIGGER search_delete AFTER DELETE ON kols_identifier REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION crm_refresh_search();
CREATE FUNCTION crm_refresh_search_of_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE kols_kol k SET search = ''
   WHERE k.main_institution_id = NEW.id
      OR EXISTS (SELECT 1 FROM kols_affiliation a WHERE a.kol_id = k.id AND a.institution_id = NEW.id);
  RETURN NULL;
END $$;
ALTER FUNCTION crm_refresh_search_of_place() OWNER TO crm_guard;
CREATE TRIGGER search_place AFTER UPDATE OF name, city ON kols_institution FOR EACH ROW
  WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.city IS DISTINCT FROM NEW.city) EXECUTE FUNCTION crm_refresh_search_of_place();
