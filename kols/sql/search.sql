-- What one finds an expert by. Every part is looked up by index for the one expert: OFFSET 0 keeps the planner from
-- making joins of the look-ups, and a plan made while the tables were empty is still the right one when they are not.
CREATE OR REPLACE FUNCTION crm_search_text(kol kols_kol) RETURNS text LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT crm_fold(words) || CASE WHEN crm_fold_german(names) <> crm_fold(names) THEN ' ' || crm_fold_german(names) ELSE '' END
    FROM (SELECT concat_ws(' ', names, kol.specialty,
                   (SELECT string_agg(place, ' ' ORDER BY institution_id) FROM (
                      SELECT a.institution_id,
                             (SELECT concat_ws(' ', i.name, i.city) FROM kols_institution i WHERE i.id = a.institution_id) AS place
                        FROM kols_affiliation a WHERE a.kol_id = kol.id AND upper_inf(a.during) OFFSET 0) places),
                   (SELECT concat_ws(' ', i.name, i.city) FROM kols_institution i
                     WHERE i.id = kol.main_institution_id AND NOT EXISTS (
                       SELECT 1 FROM (SELECT a.institution_id FROM kols_affiliation a
                                       WHERE a.kol_id = kol.id AND upper_inf(a.during) OFFSET 0) held
                        WHERE held.institution_id = kol.main_institution_id)),
                   (SELECT string_agg(value, ' ' ORDER BY value) FROM (
                      SELECT d.value FROM kols_identifier d WHERE d.kol_id = kol.id OFFSET 0) numbers)) AS words,
                 names
            FROM (SELECT concat_ws(' ', kol.title, kol.given_name, kol.family_name, kol.suffix) AS names) n) t
$$;
