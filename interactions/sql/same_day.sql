-- What the acting person brings along, with the days of R-125: when field service may first call after a handover,
-- and, for Medical alone, that field service met one of these experts about the same product on the same local day.

DROP FUNCTION crm_personal_facts(uuid, text, uuid[], uuid[], timestamptz, integer);
CREATE FUNCTION crm_personal_facts(person uuid, acting text, experts uuid[], uses uuid[], at timestamptz, days integer)
RETURNS TABLE (certificates jsonb, labels jsonb, former uuid[], handed_over jsonb, both_sides boolean)
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
                                 AND i.starts_at >= $5 - make_interval(days => $6) AND i.starts_at < $5)))),
    -- The effective day of the handover of what is the person's own: she knows it.
    CASE WHEN $2 = 'COMMERCIAL' AND (crm_side() = 'system' OR $1 = crm_user()) THEN
      (SELECT jsonb_object_agg(since.use_id, since.at) FROM (
         SELECT r.use_id, max(upper(before.during)) AS at
           FROM kols_ownership o JOIN kols_relation r ON r.id = o.relation_id
           JOIN kols_ownership before ON before.relation_id = r.id AND before.side = 'MEDICAL' AND upper(before.during) <= $5
          WHERE o.owner_id = $1 AND o.side = 'COMMERCIAL' AND o.during @> $5 AND r.use_id = ANY($4) AND r.kol_id = ANY($3)
          GROUP BY r.use_id) since) END,
    $2 = 'MEDICAL' AND crm_side() IN ('MEDICAL', 'OVERSIGHT', 'system') AND EXISTS (
      SELECT 1 FROM interactions_attendee p
        JOIN interactions_interaction i ON i.id = p.interaction_id AND i.status IN ('DRAFT', 'SIGNED')
        JOIN accounts_market m ON m.id = i.market_id
        JOIN interactions_topic t ON t.interaction_id = i.id
        JOIN products_use met ON met.id = t.use_id JOIN products_indication met_for ON met_for.id = met.indication_id
        JOIN products_use own ON own.id = ANY($4)
        JOIN products_indication own_for ON own_for.id = own.indication_id AND own_for.product_id = met_for.product_id
       WHERE p.kol_id = ANY($3) AND p.compartment = 'FIELD'
         AND p.at BETWEEN $5 - interval '1 day' AND $5 + interval '1 day'
         AND (p.at AT TIME ZONE m.zone)::date = ($5 AT TIME ZONE m.zone)::date)
$$;
ALTER FUNCTION crm_personal_facts(uuid, text, uuid[], uuid[], timestamptz, integer) OWNER TO crm_guard;

-- Who of Medical and of field service met the same expert about the same product on one local day of the market.
-- For the clock alone: nobody else may ask.
CREATE FUNCTION crm_met_on_one_day(since timestamptz)
RETURNS TABLE (author uuid, interaction uuid, kol uuid, on_day date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT i.author_id, i.id, p.kol_id, (i.starts_at AT TIME ZONE m.zone)::date
    FROM interactions_interaction i
    JOIN accounts_market m ON m.id = i.market_id
    JOIN interactions_attendee p ON p.interaction_id = i.id AND p.kol_id IS NOT NULL
    JOIN interactions_topic t ON t.interaction_id = i.id
    JOIN products_use u ON u.id = t.use_id JOIN products_indication n ON n.id = u.indication_id
   WHERE crm_side() = 'system' AND i.compartment = 'MEDICAL' AND i.status IN ('DRAFT', 'SIGNED') AND i.starts_at >= $1
     AND EXISTS (
       SELECT 1 FROM interactions_attendee q
         JOIN interactions_interaction j ON j.id = q.interaction_id AND j.status IN ('DRAFT', 'SIGNED')
         JOIN interactions_topic s ON s.interaction_id = j.id
         JOIN products_use v ON v.id = s.use_id JOIN products_indication w ON w.id = v.indication_id
        WHERE q.kol_id = p.kol_id AND q.compartment = 'FIELD' AND w.product_id = n.product_id
          AND q.at BETWEEN i.starts_at - interval '1 day' AND i.starts_at + interval '1 day'
          AND (q.at AT TIME ZONE m.zone)::date = (i.starts_at AT TIME ZONE m.zone)::date)
$$;
ALTER FUNCTION crm_met_on_one_day(timestamptz) OWNER TO crm_guard;
