-- R-063: a record of Medical about what is not authorised that overlaps in time with one of field service with the same
-- expert is linked as well, whether or not either names the other.

CREATE OR REPLACE FUNCTION crm_link_joint_visits(since timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH named AS (
    SELECT m.id AS medical, f.id AS field, tstzrange(m.starts_at, m.ends_at, '[]') && tstzrange(f.starts_at, f.ends_at, '[]') AS overlapping
      FROM interactions_interaction m
      JOIN accounts_market k ON k.id = m.market_id
      JOIN interactions_attendee a ON a.interaction_id = m.id AND a.colleague_id IS NOT NULL
      JOIN interactions_interaction f ON f.author_id = a.colleague_id AND f.compartment = 'FIELD' AND f.status IN ('DRAFT', 'SIGNED')
       AND f.starts_at BETWEEN m.starts_at - interval '1 day' AND m.starts_at + interval '1 day'
       AND (f.starts_at AT TIME ZONE k.zone)::date = (m.starts_at AT TIME ZONE k.zone)::date
     WHERE crm_side() = 'system' AND m.compartment = 'MEDICAL' AND m.status IN ('DRAFT', 'SIGNED') AND m.starts_at >= $1
       AND EXISTS (SELECT 1 FROM interactions_attendee b WHERE b.interaction_id = f.id AND b.colleague_id = m.author_id)
       AND EXISTS (SELECT 1 FROM interactions_attendee p JOIN interactions_attendee q ON q.kol_id = p.kol_id
                    WHERE p.interaction_id = m.id AND q.interaction_id = f.id)
  ), early AS (
    SELECT m.id AS medical, f.id AS field, true AS overlapping
      FROM interactions_interaction m
      JOIN interactions_attendee p ON p.interaction_id = m.id AND p.kol_id IS NOT NULL
      JOIN interactions_attendee q ON q.kol_id = p.kol_id AND q.at BETWEEN m.starts_at - interval '1 day' AND m.ends_at
      JOIN interactions_interaction f ON f.id = q.interaction_id AND f.compartment = 'FIELD' AND f.status IN ('DRAFT', 'SIGNED')
       AND f.kind <> 'INQUIRY' AND tstzrange(f.starts_at, f.ends_at) && tstzrange(m.starts_at, m.ends_at)
     WHERE crm_side() = 'system' AND m.compartment = 'MEDICAL' AND m.status IN ('DRAFT', 'SIGNED') AND m.starts_at >= $1
       AND EXISTS (SELECT 1 FROM interactions_topic t WHERE t.interaction_id = m.id AND t.subject IN ('USE', 'UNLISTED')
                      AND (t.subject = 'UNLISTED' OR t.zone IN ('PRE', 'UNLISTED')))
  ), found AS (
    SELECT medical, field, bool_or(overlapping) AS overlapping
      FROM (SELECT * FROM named UNION ALL SELECT * FROM early) pairs GROUP BY medical, field
  ), linked AS (
    INSERT INTO interactions_jointvisit (id, medical_id, field_id, overlapping, before_authorisation, found_at)
    SELECT gen_random_uuid(), medical, field, overlapping,
           overlapping AND EXISTS (SELECT 1 FROM interactions_topic t WHERE t.interaction_id = medical AND t.subject IN ('USE', 'UNLISTED')
                                      AND (t.subject = 'UNLISTED' OR t.zone IN ('PRE', 'UNLISTED'))), crm_now()
      FROM found ON CONFLICT (medical_id, field_id) DO NOTHING RETURNING 1
  ) SELECT count(*) FROM linked
$$;
