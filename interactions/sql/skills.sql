-- The acting person on the day of an event, and the rows of what was shown to whom.

-- R-072, R-124: certificates valid then, the label of each use then, and uses within the cooling-off.
-- Whoever may not know it of that person gets nothing. On the commercial side the cooling-off follows from
-- appointments alone: an answer must not tell whom somebody met for Medical (decision 12).
CREATE FUNCTION crm_personal_facts(person uuid, acting text, experts uuid[], uses uuid[], at timestamptz, days integer)
RETURNS TABLE (certificates jsonb, labels jsonb, former uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT
    (SELECT jsonb_agg(jsonb_build_array(c.kind, coalesce(c.use_id::text, ''), coalesce(m.code, ''), c.label, c.valid_from, least(c.valid_to, c.revoked_at)) ORDER BY c.valid_from, c.id)
       FROM accounts_certificate c LEFT JOIN accounts_market m ON m.id = c.market_id
      WHERE c.person_id = $1 AND c.valid_from <= $5 AND coalesce(least(c.valid_to, c.revoked_at), 'infinity') > $5
        AND (c.use_id IS NULL OR c.use_id = ANY($4))
        AND (crm_side() IN ('OVERSIGHT', 'system') OR $1 = crm_user()
             OR crm_role() IN ('MSL_LEAD', 'FIELD_LEAD') AND c.side = crm_side())),
    (SELECT jsonb_object_agg(l.use_id, l.version) FROM (
       SELECT DISTINCT ON (use_id) use_id, version FROM products_labelversion
        WHERE use_id = ANY($4) AND effective_at <= $5 ORDER BY use_id, effective_at DESC) l),
    ARRAY(SELECT u.id FROM products_use u
           WHERE u.id = ANY($4) AND (crm_side() = 'system' OR $2 = crm_side() AND $1 = crm_user())
             AND ($2 = 'COMMERCIAL' AND EXISTS (
                    SELECT 1 FROM accounts_appointment a JOIN accounts_appointment_markets am ON am.appointment_id = a.id
                     WHERE a.user_id = $1 AND a.side = 'MEDICAL' AND am.market_id = u.market_id
                       AND a.during && tstzrange($5 - make_interval(days => $6), $5, '[)'))
                  OR $2 = 'MEDICAL' AND (
                    EXISTS (SELECT 1 FROM kols_ownership o JOIN kols_relation r ON r.id = o.relation_id
                             WHERE o.owner_id = $1 AND o.side = 'COMMERCIAL' AND r.use_id = u.id AND r.kol_id = ANY($3)
                               AND o.during && tstzrange($5 - make_interval(days => $6), $5, '[)'))
                    OR EXISTS (SELECT 1 FROM interactions_interaction i
                                JOIN interactions_topic t ON t.interaction_id = i.id AND t.use_id = u.id
                                JOIN interactions_attendee p ON p.interaction_id = i.id AND p.kol_id = ANY($3)
                               WHERE i.author_id = $1 AND i.author_side = 'COMMERCIAL' AND i.status IN ('DRAFT', 'SIGNED')
                                 AND i.starts_at >= $5 - make_interval(days => $6) AND i.starts_at < $5))))
$$;
ALTER FUNCTION crm_personal_facts(uuid, text, uuid[], uuid[], timestamptz, integer) OWNER TO crm_guard;

-- R-084: to whom a version was shown, part of the record of contact and read with it.
CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_materialgiven FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_materialgiven FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
ALTER TABLE interactions_materialgiven ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_materialgiven USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
