-- Amending and voiding: the two ways past the lock. Each is a function of the guard that looks for the signatures itself,
-- so that whoever calls it can do no more than the evidence says.

CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_amendment FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_voiding FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_amendment FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'draft_id', 'base_version', 'code', 'reason', 'asked_at');
CREATE TRIGGER keep_record BEFORE UPDATE ON interactions_voiding FOR EACH ROW
  EXECUTE FUNCTION crm_keep('interaction_id', 'code', 'reason', 'deviation_id', 'asked_at');

-- What is settled stays so, and only the guard says that it is in force.
CREATE FUNCTION crm_refuse_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A settled proposal stays as it is (R-142)'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_settled_proposal_stays';
END $$;
CREATE TRIGGER settled BEFORE UPDATE ON interactions_amendment FOR EACH ROW
  WHEN (current_user <> 'crm_guard' AND (OLD.outcome <> 'OPEN' OR NEW.outcome = 'DONE' OR NEW.decides IS DISTINCT FROM OLD.decides))
  EXECUTE FUNCTION crm_refuse_settled();
CREATE TRIGGER settled BEFORE UPDATE ON interactions_voiding FOR EACH ROW
  WHEN (current_user <> 'crm_guard' AND (OLD.outcome <> 'OPEN' OR NEW.outcome = 'DONE')) EXECUTE FUNCTION crm_refuse_settled();
CREATE TRIGGER begins_open BEFORE INSERT ON interactions_amendment FOR EACH ROW
  WHEN (NEW.outcome <> 'OPEN' OR NEW.decides IS NOT NULL) EXECUTE FUNCTION crm_refuse_settled();
CREATE TRIGGER begins_open BEFORE INSERT ON interactions_voiding FOR EACH ROW
  WHEN (NEW.outcome <> 'OPEN') EXECUTE FUNCTION crm_refuse_settled();

-- The proposed version is locked from the moment it is proposed.
CREATE OR REPLACE FUNCTION crm_refuse_locked_part() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held text;
  which uuid;
BEGIN
  FOREACH which IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.interaction_id] WHEN 'DELETE' THEN ARRAY[OLD.interaction_id]
                              ELSE ARRAY[OLD.interaction_id, NEW.interaction_id] END LOOP
    SELECT i.status INTO held FROM interactions_interaction i WHERE i.id = which FOR SHARE;
    IF held IN ('SIGNED', 'VOIDED')
       OR held = 'AMENDMENT' AND EXISTS (SELECT 1 FROM interactions_amendment a WHERE a.draft_id = which) THEN
      RAISE EXCEPTION 'A signed record is locked with all its parts: % (R-142)', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_record_is_locked';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION crm_refuse_locked_theme() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM interactions_interaction i JOIN interactions_topic t ON t.interaction_id = i.id
    WHERE t.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.topic_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.topic_id END)
      AND (i.status IN ('SIGNED', 'VOIDED')
           OR i.status = 'AMENDMENT' AND EXISTS (SELECT 1 FROM interactions_amendment a WHERE a.draft_id = i.id));
  IF FOUND THEN
    RAISE EXCEPTION 'A signed record is locked with all its parts: % (R-142)', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_record_is_locked';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER a_locked_proposal BEFORE UPDATE OR DELETE ON interactions_interaction FOR EACH ROW
  WHEN (OLD.status = 'AMENDMENT' AND current_user <> 'crm_guard') EXECUTE FUNCTION crm_refuse_locked();

-- Whether the next version changes what was judged: topic, date, contact, initiator, participants, type, or the answer itself.
CREATE FUNCTION crm_amendment_decides(was uuid, becomes uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (o.kind, o.channel, o.market_id, o.decision ->> 'outcome', o.decision ->> 'kind')
         IS DISTINCT FROM (n.kind, n.channel, n.market_id, n.decision ->> 'outcome', n.decision ->> 'kind')
      OR abs(extract(epoch FROM o.starts_at - n.starts_at)) >= 60 OR abs(extract(epoch FROM o.ends_at - n.ends_at)) >= 60
      OR (SELECT jsonb_agg(jsonb_build_array(subject, use_id, product_id, area_id, basis) ORDER BY subject, use_id, product_id, area_id, basis)
            FROM interactions_topic WHERE interaction_id = o.id)
         IS DISTINCT FROM
         (SELECT jsonb_agg(jsonb_build_array(subject, use_id, product_id, area_id, basis) ORDER BY subject, use_id, product_id, area_id, basis)
            FROM interactions_topic WHERE interaction_id = n.id)
      OR (SELECT jsonb_agg(jsonb_build_array(kol_id, colleague_id, name, audience) ORDER BY kol_id, colleague_id, name, audience)
            FROM interactions_attendee WHERE interaction_id = o.id)
         IS DISTINCT FROM
         (SELECT jsonb_agg(jsonb_build_array(kol_id, colleague_id, name, audience) ORDER BY kol_id, colleague_id, name, audience)
            FROM interactions_attendee WHERE interaction_id = n.id)
    FROM interactions_interaction o, interactions_interaction n WHERE o.id = was AND n.id = becomes
$$;
ALTER FUNCTION crm_amendment_decides(uuid, uuid) OWNER TO crm_guard;

-- The line: a lead who is not the author; Compliance where nobody leads her. The second is Compliance, and somebody else.
CREATE FUNCTION crm_approved(which uuid, whose uuid, twice boolean) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT 1 FROM compliance_signature l
     WHERE l.record_id = which AND l.signer_id <> whose AND l.meaning IN ('APPROVED_MEDICAL', 'REVIEWED')
       AND l.signer_role IN ('MSL_LEAD', 'FIELD_LEAD', 'COMPLIANCE')
       AND (NOT twice OR EXISTS (
             SELECT 1 FROM compliance_signature c WHERE c.record_id = which AND c.signer_id NOT IN (whose, l.signer_id)
                AND c.meaning = 'APPROVED_COMPLIANCE' AND c.signer_role = 'COMPLIANCE')))
$$;
ALTER FUNCTION crm_approved(uuid, uuid, boolean) OWNER TO crm_guard;

-- Put the next version in force. False where approvals are still missing; an error where anything else is.
CREATE FUNCTION crm_apply_amendment(which uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  a interactions_amendment; o interactions_interaction; n interactions_interaction;
  part text; needs boolean;
BEGIN
  SELECT * INTO a FROM interactions_amendment WHERE id = which AND outcome = 'OPEN' FOR UPDATE;
  SELECT * INTO o FROM interactions_interaction WHERE id = a.interaction_id FOR UPDATE;
  SELECT * INTO n FROM interactions_interaction WHERE id = a.draft_id;
  IF o.status IS DISTINCT FROM 'SIGNED' OR o.version <> a.base_version OR n.status <> 'AMENDMENT' OR n.missing <> '[]'
     OR n.author_id <> o.author_id OR n.compartment <> o.compartment OR NOT EXISTS (
       SELECT 1 FROM compliance_signature s WHERE s.record_id = o.id AND s.record_version = o.version + 1
          AND s.meaning = 'AUTHOR' AND s.signer_id = o.author_id) THEN
    RAISE EXCEPTION 'An amendment follows the version that stands, complete and signed by its author (R-142)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_amendment_is_signed_by_its_author';
  END IF;
  needs := crm_amendment_decides(o.id, n.id);
  UPDATE interactions_amendment SET decides = needs WHERE id = which AND decides IS DISTINCT FROM needs;
  IF needs AND NOT crm_approved(which, o.author_id, true) THEN
    RETURN false;
  END IF;
  UPDATE interactions_interaction SET
    kind = n.kind, channel = n.channel, title = n.title, market_id = n.market_id, institution_id = n.institution_id,
    place = n.place, starts_at = n.starts_at, ends_at = n.ends_at, zone = n.zone, note = n.note, late_reason = n.late_reason,
    joint_request = n.joint_request, side_effect = n.side_effect, safety_report_id = n.safety_report_id, missing = n.missing,
    decision = n.decision, act = n.act, policy_version = n.policy_version, version = o.version + 1, updated_at = crm_now()
   WHERE id = o.id;
  DELETE FROM interactions_topic_themes WHERE topic_id IN (SELECT id FROM interactions_topic WHERE interaction_id = o.id);
  FOREACH part IN ARRAY ARRAY['topic', 'attendee', 'valuegiven', 'samplegiven', 'materialgiven', 'wordmark', 'change'] LOOP
    IF part <> 'change' THEN
      EXECUTE format('DELETE FROM interactions_%s WHERE interaction_id = $1', part) USING o.id;
    END IF;
    -- A copy: what was proposed stays as it was proposed.
    EXECUTE format('INSERT INTO interactions_%1$s SELECT (jsonb_populate_record(p, jsonb_build_object(''id'', md5(p.id::text || $1::text)::uuid, '
                   '''interaction_id'', $1))).* FROM interactions_%1$s p WHERE p.interaction_id = $2', part) USING o.id, n.id;
  END LOOP;
  INSERT INTO interactions_topic_themes (topic_id, theme_id)
    SELECT md5(h.topic_id::text || o.id::text)::uuid, h.theme_id FROM interactions_topic_themes h
      JOIN interactions_topic t ON t.id = h.topic_id WHERE t.interaction_id = n.id;
  UPDATE interactions_amendment SET outcome = 'DONE', settled_at = crm_now(), settled_by_id = crm_user() WHERE id = which;
  RETURN true;
END $$;
ALTER FUNCTION crm_apply_amendment(uuid) OWNER TO crm_guard;

-- Void a record: its author and the line have signed, or the author has made it a deviation.
CREATE FUNCTION crm_void_interaction(which uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE v interactions_voiding; o interactions_interaction;
BEGIN
  SELECT * INTO v FROM interactions_voiding WHERE id = which AND outcome = 'OPEN' FOR UPDATE;
  SELECT * INTO o FROM interactions_interaction WHERE id = v.interaction_id FOR UPDATE;
  IF o.status IS DISTINCT FROM 'SIGNED' OR NOT EXISTS (
       SELECT 1 FROM compliance_signature s WHERE s.record_id = which AND s.meaning = 'AUTHOR' AND s.signer_id = o.author_id)
     OR NOT (v.code = 'DEVIATION' AND EXISTS (
               SELECT 1 FROM compliance_deviation d WHERE d.id = v.deviation_id AND d.reporter_id = o.author_id)
             OR v.code <> 'DEVIATION' AND crm_approved(which, o.author_id, false)) THEN
    RAISE EXCEPTION 'Two people void a signed record (R-144)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'two_people_void_a_record';
  END IF;
  UPDATE interactions_interaction SET status = 'VOIDED', updated_at = crm_now() WHERE id = o.id;
  UPDATE interactions_voiding SET outcome = 'DONE', settled_at = crm_now(), settled_by_id = crm_user() WHERE id = which;
END $$;
ALTER FUNCTION crm_void_interaction(uuid) OWNER TO crm_guard;

ALTER TABLE interactions_amendment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_amendment USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
ALTER TABLE interactions_voiding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_voiding USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
