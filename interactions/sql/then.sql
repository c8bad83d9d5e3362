-- What was known then: rows as the history has them at an instant of knowledge, and requests without later entries.

CREATE INDEX changes_of_owners ON compliance_rowchange ((coalesce(after, before) ->> 'relation_id'), "row", sequence DESC)
  WHERE "table" = 'kols_ownership';
CREATE INDEX changes_of_posts ON compliance_rowchange ((coalesce(after, before) ->> 'user_id'), "row", sequence DESC)
  WHERE "table" = 'accounts_appointment';
CREATE INDEX changes_of_skills ON compliance_rowchange ((coalesce(after, before) ->> 'person_id'), "row", sequence DESC)
  WHERE "table" = 'accounts_certificate';
CREATE INDEX changes_of_wishes ON compliance_rowchange ((coalesce(after, before) ->> 'kol_id'), "row", sequence DESC)
  WHERE "table" IN ('kols_consent', 'kols_objection', 'kols_privacynotice');

-- The rows of a table that name one of these keys, as they stood when that instant was the present: written by then, or
-- brought along from another system with the time at which that one knew them. The product alone asks.
CREATE FUNCTION crm_rows_then(name text, key text, keys text[], known timestamptz)
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
ALTER FUNCTION crm_rows_then(text, text, text[], timestamptz) OWNER TO crm_guard;

DROP FUNCTION crm_prompted(uuid[], uuid[], timestamptz, integer, uuid, text, uuid);
CREATE FUNCTION crm_prompted(experts uuid[], uses uuid[], at timestamptz, days integer, person uuid, acting text, left_out uuid,
                             known timestamptz DEFAULT 'infinity')
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT t.use_id
    FROM interactions_attendee a
    JOIN interactions_interaction i ON i.id = a.interaction_id
    JOIN interactions_topic t ON t.interaction_id = i.id
   WHERE (crm_side() = 'system' OR crm_side() = $6 AND crm_user() = $5)
     AND a.kol_id = ANY($1) AND a.at >= $3 - make_interval(days => $4) AND a.at < $3
     AND i.status IN ('DRAFT', 'SIGNED') AND i.id IS DISTINCT FROM $7 AND t.use_id = ANY($2) AND i.recorded_at <= $8
     AND (i.compartment = 'FIELD' AND $6 IN ('MEDICAL', 'COMMERCIAL') AND t.basis <> 'UNSOLICITED_REQUEST'
            AND t.activity NOT IN ('INQUIRY_REFERRAL', 'SAFETY_COMMUNICATION', 'ADVERSE_EVENT')
          OR i.author_id = $5 AND i.author_side = $6 AND t.basis = 'PROACTIVE')
$$;
ALTER FUNCTION crm_prompted(uuid[], uuid[], timestamptz, integer, uuid, text, uuid, timestamptz) OWNER TO crm_guard;
