-- I-10: what decides who may read a row is written once. The columns are named by the trigger.
CREATE FUNCTION crm_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text;
BEGIN
  FOREACH kept IN ARRAY TG_ARGV LOOP
    IF to_jsonb(OLD) ->> kept IS DISTINCT FROM to_jsonb(NEW) ->> kept THEN
      RAISE EXCEPTION 'A record stays on the side that wrote it: % of % (R-100)', kept, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_record_stays_on_its_side';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_side BEFORE UPDATE ON compliance_deviation
  FOR EACH ROW EXECUTE FUNCTION crm_keep('reporter_id', 'reporter_side');
CREATE TRIGGER keep_side BEFORE UPDATE ON compliance_measure FOR EACH ROW EXECUTE FUNCTION crm_keep('owner_side');
