-- What was known then, of more: who stood in for whom, scientific contacts, where an expert practises, plan items,
-- studies and contracts.

CREATE INDEX changes_of_covers ON compliance_rowchange ((coalesce(after, before) ->> 'cover_id'), "row", sequence DESC)
  WHERE "table" = 'accounts_absencecover';
CREATE INDEX changes_of_contacts ON compliance_rowchange ((coalesce(after, before) ->> 'msl_id'), "row", sequence DESC)
  WHERE "table" = 'kols_scientificcontact';
CREATE INDEX changes_of_plan_items ON compliance_rowchange ((coalesce(after, before) ->> 'id'), "row", sequence DESC)
  WHERE "table" = 'products_planitem';
CREATE INDEX changes_of_engagements ON compliance_rowchange ((coalesce(after, before) ->> 'kol_id'), "row", sequence DESC)
  WHERE "table" IN ('kols_practice', 'kols_studyrole', 'kols_contract');

CREATE OR REPLACE FUNCTION crm_rows_then(name text, key text, keys text[], known timestamptz)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF crm_side() <> 'system' OR (name, key) NOT IN (
       ('kols_ownership', 'relation_id'), ('accounts_appointment', 'user_id'), ('accounts_certificate', 'person_id'),
       ('kols_consent', 'kol_id'), ('kols_objection', 'kol_id'), ('kols_privacynotice', 'kol_id'),
       ('accounts_absencecover', 'cover_id'), ('kols_scientificcontact', 'msl_id'), ('products_planitem', 'id'),
       ('kols_practice', 'kol_id'), ('kols_studyrole', 'kol_id'), ('kols_contract', 'kol_id')) THEN
    RAISE EXCEPTION 'Nobody but the product reads the past of rows'
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'the_product_alone_reads_the_past';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT after FROM (SELECT DISTINCT ON ("row") operation, after FROM compliance_rowchange
       WHERE "table" = %L AND (coalesce(after, before) ->> %L) = ANY($1)
        AND (at <= $2 OR operation = ''INSERT'' AND (after ->> ''recorded_at'')::timestamptz <= $2)
       ORDER BY "row", sequence DESC) latest WHERE operation <> ''DELETE''', name, key) USING keys, known;
END $$;
