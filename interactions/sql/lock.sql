-- What is signed is locked, by the database and for every role: the record and all its parts. The functions of the
-- guard alone pass: merging experts, amending, voiding and lawful erasure. `WHEN` asks who runs the statement.

CREATE FUNCTION crm_refuse_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A signed record is locked: amend it or have it voided (R-142)'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_record_is_locked';
END $$;
CREATE TRIGGER a_locked_record BEFORE UPDATE OR DELETE ON interactions_interaction FOR EACH ROW
  WHEN (OLD.status IN ('SIGNED', 'VOIDED') AND current_user <> 'crm_guard') EXECUTE FUNCTION crm_refuse_locked();

-- Nobody declares a record signed or voided: the first takes the author's signature under this very version of a complete
-- record, the second is done by the guard.
CREATE FUNCTION crm_signed_by_its_author() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.status = 'VOIDED' OR NEW.missing <> '[]' OR NOT EXISTS (
       SELECT 1 FROM compliance_signature s
        WHERE s.record_id = NEW.id AND s.record_version = NEW.version AND s.record_type = 'interactions.Interaction'
          AND s.meaning = 'AUTHOR' AND s.signer_id = NEW.author_id) THEN
    RAISE EXCEPTION 'A record is signed by its author, when it is complete (R-141)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_record_is_signed_by_its_author';
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_signed_by_its_author() OWNER TO crm_guard;
CREATE TRIGGER b_signed_by_its_author BEFORE INSERT OR UPDATE ON interactions_interaction FOR EACH ROW
  WHEN (NEW.status IN ('SIGNED', 'VOIDED') AND current_user <> 'crm_guard') EXECUTE FUNCTION crm_signed_by_its_author();

-- A part waits for whoever is signing its record at this moment, and then finds it locked.
CREATE FUNCTION crm_refuse_locked_part() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held text;
  which uuid;
BEGIN
  FOREACH which IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.interaction_id] WHEN 'DELETE' THEN ARRAY[OLD.interaction_id]
                              ELSE ARRAY[OLD.interaction_id, NEW.interaction_id] END LOOP
    SELECT i.status INTO held FROM interactions_interaction i WHERE i.id = which FOR SHARE;
    IF held IN ('SIGNED', 'VOIDED') THEN
      RAISE EXCEPTION 'A signed record is locked with all its parts: % (R-142)', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_record_is_locked';
    END IF;
  END LOOP;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
ALTER FUNCTION crm_refuse_locked_part() OWNER TO crm_guard;
CREATE FUNCTION crm_refuse_locked_theme() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM interactions_interaction i JOIN interactions_topic t ON t.interaction_id = i.id
    WHERE t.id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.topic_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.topic_id END)
      AND i.status IN ('SIGNED', 'VOIDED');
  IF FOUND THEN
    RAISE EXCEPTION 'A signed record is locked with all its parts: % (R-142)', TG_TABLE_NAME
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_signed_record_is_locked';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
ALTER FUNCTION crm_refuse_locked_theme() OWNER TO crm_guard;
DO $$
DECLARE part text;
BEGIN
  FOREACH part IN ARRAY ARRAY['topic', 'attendee', 'valuegiven', 'samplegiven', 'materialgiven', 'change', 'wordmark'] LOOP
    EXECUTE format('CREATE TRIGGER a_locked_part BEFORE INSERT OR UPDATE OR DELETE ON interactions_%s FOR EACH ROW '
                   'WHEN (current_user <> ''crm_guard'') EXECUTE FUNCTION crm_refuse_locked_part()', part);
  END LOOP;
END $$;
CREATE TRIGGER a_locked_part BEFORE INSERT OR UPDATE OR DELETE ON interactions_topic_themes FOR EACH ROW
  WHEN (current_user <> 'crm_guard') EXECUTE FUNCTION crm_refuse_locked_theme();
