CREATE OR REPLACE FUNCTION crm_rows_then(name text, key text, keys text[], known timestamptz)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF crm_side() <> 'system' OR (name, key) NOT IN (
       ('kols_ownership', 'relation_id'), ('accounts_appointment', 'user_id'), ('accounts_certificate', 'person_id'),
       ('kols_consent', 'kol_id'), ('kols_objection', 'kol_id'), ('kols_privacynotice', 'kol_id')) THEN
    RAISE EXCEPTION 'Nobody but the product reads the past of rows'
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'the_product_alone_reads_the_past';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT after FROM (SELECT DISTINCT ON ("row") operation, after FROM compliance_rowchange
       WHERE "table" = %L AND (coalesce(after, before) ->> %L) = ANY($1)
        AND (at <= $2 OR operation = ''INSERT'' AND (after ->> ''recorded_at'')::timestamptz <= $2)
       ORDER BY "row", sequence DESC) latest WHERE operation <> ''DELETE''', name, key) USING keys, known;
END $$;
DROP INDEX changes_of_covers;
DROP INDEX changes_of_contacts;
DROP INDEX changes_of_plan_items;
DROP INDEX changes_of_engagements;
