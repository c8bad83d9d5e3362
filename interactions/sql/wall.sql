-- A record stays in the compartment of the side that wrote it, and only that side and oversight read it.

CREATE FUNCTION crm_keep_compartment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.author_id, OLD.author_role, OLD.author_side, OLD.compartment, OLD.client_ref)
     IS DISTINCT FROM (NEW.author_id, NEW.author_role, NEW.author_side, NEW.compartment, NEW.client_ref) THEN
    RAISE EXCEPTION 'A record keeps its author and its compartment for ever (R-100)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_record_keeps_its_compartment';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_compartment BEFORE UPDATE ON interactions_interaction FOR EACH ROW EXECUTE FUNCTION crm_keep_compartment();

-- Parts take compartment, author and instant from their record; nobody can say otherwise.
CREATE FUNCTION crm_part_of_interaction() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  SELECT i.compartment, i.author_id INTO NEW.compartment, NEW.author_id FROM interactions_interaction i WHERE i.id = NEW.interaction_id;
  IF TG_TABLE_NAME = 'interactions_attendee' THEN
    SELECT i.starts_at INTO NEW.at FROM interactions_interaction i WHERE i.id = NEW.interaction_id;
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_part_of_interaction() OWNER TO crm_guard;
CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_topic FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE TRIGGER a_part BEFORE INSERT OR UPDATE ON interactions_attendee FOR EACH ROW EXECUTE FUNCTION crm_part_of_interaction();
CREATE FUNCTION crm_move_attendances() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE interactions_attendee SET at = NEW.starts_at WHERE interaction_id = NEW.id;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_move_attendances() OWNER TO crm_guard;
CREATE TRIGGER move_attendances AFTER UPDATE OF starts_at ON interactions_interaction FOR EACH ROW
  WHEN (OLD.starts_at IS DISTINCT FROM NEW.starts_at) EXECUTE FUNCTION crm_move_attendances();

-- Field service logs no call about a use that was not open for the whole of it.
CREATE FUNCTION crm_check_field_call(which uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM interactions_interaction i JOIN interactions_topic t ON t.interaction_id = i.id
              WHERE i.id = which AND i.compartment = 'FIELD' AND i.status NOT IN ('CANCELLED', 'WITHDRAWN')
                AND t.use_id IS NOT NULL
                AND t.activity NOT IN ('INQUIRY_REFERRAL', 'SAFETY_COMMUNICATION', 'ADVERSE_EVENT')
                AND NOT tstzrange(i.starts_at, i.ends_at, '[]') <@ crm_open(t.use_id)) THEN
    RAISE EXCEPTION 'Field service speaks about a use only while it is open (R-021)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'field_service_speaks_of_open_uses_only';
  END IF;
END $$;
ALTER FUNCTION crm_check_field_call(uuid) OWNER TO crm_guard;
CREATE FUNCTION crm_check_field_topic() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_check_field_call(NEW.interaction_id);
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_field_topic() OWNER TO crm_guard;
CREATE FUNCTION crm_check_field_interaction() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM crm_check_field_call(NEW.id);
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_field_interaction() OWNER TO crm_guard;
CREATE CONSTRAINT TRIGGER field_topic_is_open AFTER INSERT OR UPDATE ON interactions_topic
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.compartment = 'FIELD') EXECUTE FUNCTION crm_check_field_topic();
CREATE CONSTRAINT TRIGGER field_call_is_open AFTER UPDATE ON interactions_interaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.compartment = 'FIELD') EXECUTE FUNCTION crm_check_field_interaction();

ALTER TABLE interactions_interaction ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_interaction USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
ALTER TABLE interactions_topic ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_topic USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
ALTER TABLE interactions_attendee ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_attendee USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (author_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND author_id = (SELECT crm_user()));
ALTER TABLE interactions_topic_themes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_topic ON interactions_topic_themes USING (
  (SELECT crm_side()) = 'system' OR EXISTS (SELECT 1 FROM interactions_topic t WHERE t.id = topic_id));
ALTER TABLE interactions_followup ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY compartments ON interactions_followup USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'MEDICAL' AND compartment = 'MEDICAL'
  OR (SELECT crm_side()) = 'COMMERCIAL' AND compartment = 'FIELD' AND (owner_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD')
  OR (SELECT crm_side()) IN ('NEUTRAL', 'SAFETY') AND compartment = 'OTHER' AND owner_id = (SELECT crm_user()));
ALTER TABLE interactions_lastcontact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON interactions_lastcontact USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
