-- I-09, I-10, and the facts of the boundary for nobody but the side that acts.

-- I-09: field service speaks of a use only while it is open, and with experts it answers for. The talk that the
-- matrix forbids to whoever does not own is named here; cover counts.
CREATE OR REPLACE FUNCTION crm_check_field_call(which uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM interactions_interaction i JOIN interactions_topic t ON t.interaction_id = i.id
              WHERE i.id = which AND i.compartment = 'FIELD' AND i.status NOT IN ('CANCELLED', 'WITHDRAWN')
                AND t.use_id IS NOT NULL
                AND t.activity NOT IN ('INQUIRY_REFERRAL', 'SAFETY_COMMUNICATION', 'ADVERSE_EVENT')
                AND NOT tstzrange(i.starts_at, i.ends_at, '[]') <@ crm_open(t.use_id)) THEN
    RAISE EXCEPTION 'Field service speaks about a use only while it is open (R-021)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_speaks_of_open_uses_only';
  END IF;
  IF EXISTS (SELECT 1 FROM interactions_interaction i
               JOIN interactions_topic t ON t.interaction_id = i.id
               JOIN interactions_attendee a ON a.interaction_id = i.id AND a.kol_id IS NOT NULL
              WHERE i.id = which AND i.compartment = 'FIELD' AND i.status IN ('DRAFT', 'SIGNED')
                AND t.use_id IS NOT NULL
                AND t.activity IN ('PRODUCT_CALL', 'SCIENTIFIC_LECTURE', 'EXTERNAL_TRAINING', 'SAMPLE')
                AND NOT EXISTS (
                  SELECT 1 FROM kols_relation r
                    JOIN kols_ownership o ON o.relation_id = r.id AND o.side = 'COMMERCIAL'
                   WHERE r.kol_id = a.kol_id AND r.use_id = t.use_id
                     AND tstzrange(i.starts_at, i.ends_at, '[]') <@ o.during
                     AND (o.owner_id = i.author_id OR EXISTS (
                            SELECT 1 FROM accounts_absencecover c
                             WHERE c.absent_id = o.owner_id AND c.cover_id = i.author_id AND c.during @> i.starts_at)))) THEN
    RAISE EXCEPTION 'Field service speaks about a use only with experts it answers for (R-021)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_speaks_with_its_own_experts_only';
  END IF;
END $$;
CREATE CONSTRAINT TRIGGER field_attendee_is_owned AFTER INSERT OR UPDATE ON interactions_attendee
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.compartment = 'FIELD' AND NEW.kol_id IS NOT NULL)
  EXECUTE FUNCTION crm_check_field_topic();

-- I-10: a part stays in its record, a follow-up in its compartment; what follows a medical record is medical.
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_topic FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_attendee FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_valuegiven FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_samplegiven FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_change FOR EACH ROW EXECUTE FUNCTION crm_keep('interaction_id');
CREATE TRIGGER keep_compartment BEFORE UPDATE ON interactions_followup FOR EACH ROW EXECUTE FUNCTION crm_keep('compartment');
CREATE FUNCTION crm_follow_up_of_medical() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.compartment <> 'MEDICAL' AND EXISTS (
       SELECT 1 FROM interactions_interaction i WHERE i.id = NEW.interaction_id AND i.compartment = 'MEDICAL') THEN
    RAISE EXCEPTION 'What follows a medical record is medical (R-100)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'what_follows_a_medical_record_is_medical';
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_follow_up_of_medical() OWNER TO crm_guard;
CREATE TRIGGER stays_medical BEFORE INSERT OR UPDATE ON interactions_followup
  FOR EACH ROW WHEN (NEW.interaction_id IS NOT NULL) EXECUTE FUNCTION crm_follow_up_of_medical();

-- What the boundary asks of each expert, as of an instant: bits, and the consents of the acting side alone.
-- Field service learns of the privacy notice only that there is one.
CREATE OR REPLACE FUNCTION crm_contact_facts(experts uuid[], at timestamptz, acting text, left_out uuid)
RETURNS TABLE (kol uuid, marketing boolean, contact boolean, informed_at timestamptz, known_since timestamptz,
               licence text, calls bigint, samples jsonb, consents jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.id,
    EXISTS (SELECT 1 FROM kols_objection o WHERE o.kol_id = k.id AND o.kind = 'MARKETING' AND o.since <= $2 AND (o.lifted_at IS NULL OR o.lifted_at > $2)),
    EXISTS (SELECT 1 FROM kols_objection o WHERE o.kol_id = k.id AND (o.kind = 'CONTACT' OR o.kind = 'SCIENCE' AND $3 = 'MEDICAL')
                                             AND o.since <= $2 AND (o.lifted_at IS NULL OR o.lifted_at > $2))
      OR k.do_not_contact AND NOT EXISTS (SELECT 1 FROM kols_objection o WHERE o.kol_id = k.id AND o.kind = 'CONTACT'),
    CASE WHEN $3 = 'COMMERCIAL'
         THEN CASE WHEN EXISTS (SELECT 1 FROM kols_privacynotice n WHERE n.kol_id = k.id) THEN $2 END
         ELSE (SELECT min(n.given_at) FROM kols_privacynotice n WHERE n.kol_id = k.id AND n.given_at <= $2) END,
    k.created_at,
    k.licence,
    CASE WHEN $3 = 'COMMERCIAL' THEN
      (SELECT count(*) FROM interactions_attendee a JOIN interactions_interaction i ON i.id = a.interaction_id
        WHERE a.kol_id = k.id AND a.compartment = 'FIELD' AND a.at >= date_trunc('year', $2) AND a.at < $2
          AND i.kind = 'PRODUCT_CALL' AND i.status IN ('DRAFT', 'SIGNED') AND i.id IS DISTINCT FROM $4
          AND NOT EXISTS (SELECT 1 FROM interactions_attendee o WHERE o.interaction_id = i.id AND o.kol_id <> k.id)
          AND NOT EXISTS (SELECT 1 FROM interactions_topic t WHERE t.interaction_id = i.id AND t.basis = 'UNSOLICITED_REQUEST')) END,
    CASE WHEN $3 = 'COMMERCIAL' THEN
      (SELECT jsonb_object_agg(product, packs) FROM
         (SELECT n.product_id AS product, sum(s.quantity) AS packs FROM interactions_samplegiven s
            JOIN interactions_interaction i ON i.id = s.interaction_id AND i.status IN ('DRAFT', 'SIGNED')
            JOIN products_use u ON u.id = s.use_id JOIN products_indication n ON n.id = u.indication_id
           WHERE s.kol_id = k.id AND s.given_at >= date_trunc('year', $2) AND s.given_at <= $2
             AND s.interaction_id IS DISTINCT FROM $4
           GROUP BY n.product_id) given) END,
    (SELECT jsonb_agg(jsonb_build_array(c.channel, c.purpose, m.code, c.given_at, c.withdrawn_at) ORDER BY c.given_at, c.id)
       FROM kols_consent c JOIN accounts_market m ON m.id = c.market_id
      WHERE c.kol_id = k.id AND c.side = $3
        AND (crm_side() IN ('OVERSIGHT', 'system') OR crm_side() = $3))
  FROM kols_kol k WHERE k.id = ANY($1) AND (crm_side() = 'system' OR crm_side() = $3)
$$;
ALTER FUNCTION crm_contact_facts(uuid[], timestamptz, text, uuid) OWNER TO crm_guard;

-- Uses that this person, or anybody of field service, has brought up with one of these experts shortly before (R-045).
-- Only yes or no leaves: who it was, and when, does not.
CREATE OR REPLACE FUNCTION crm_prompted(experts uuid[], uses uuid[], at timestamptz, days integer, person uuid, acting text, left_out uuid)
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT t.use_id
    FROM interactions_attendee a
    JOIN interactions_interaction i ON i.id = a.interaction_id
    JOIN interactions_topic t ON t.interaction_id = i.id
   WHERE (crm_side() = 'system' OR crm_side() = $6 AND crm_user() = $5)
     AND a.kol_id = ANY($1) AND a.at >= $3 - make_interval(days => $4) AND a.at < $3
     AND i.status IN ('DRAFT', 'SIGNED') AND i.id IS DISTINCT FROM $7 AND t.use_id = ANY($2)
     AND (i.compartment = 'FIELD' AND $6 IN ('MEDICAL', 'COMMERCIAL') AND t.basis <> 'UNSOLICITED_REQUEST'
            AND t.activity NOT IN ('INQUIRY_REFERRAL', 'SAFETY_COMMUNICATION', 'ADVERSE_EVENT')
          OR i.author_id = $5 AND i.author_side = $6 AND t.basis = 'PROACTIVE')
$$;
ALTER FUNCTION crm_prompted(uuid[], uuid[], timestamptz, integer, uuid, text, uuid) OWNER TO crm_guard;
