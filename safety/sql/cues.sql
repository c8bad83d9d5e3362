-- What a text was suspected of: its author's, on the side she wrote it on; for Safety and oversight to draw from.
ALTER TABLE safety_cue ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY cue ON safety_cue USING (
  (SELECT crm_side()) IN ('SAFETY', 'OVERSIGHT', 'system')
  OR author_id = (SELECT crm_user()) AND author_side = (SELECT crm_side()));

-- Said once: a rebuttal may still follow a report, and nothing else changes.
CREATE FUNCTION crm_keep_cue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(OLD) - 'rebuttal' IS DISTINCT FROM to_jsonb(NEW) - 'rebuttal' OR OLD.rebuttal <> '' THEN
    RAISE EXCEPTION 'What a text was suspected of is kept as it was' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_cue_is_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_cue BEFORE UPDATE ON safety_cue FOR EACH ROW EXECUTE FUNCTION crm_keep_cue();
