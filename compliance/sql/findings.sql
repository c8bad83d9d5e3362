-- Findings are oversight's; whoever has to do something, or is heard, sees that row of hers and no finding (R-154).

ALTER TABLE compliance_finding ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_oversight ON compliance_finding FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY opened_by_compliance ON compliance_finding FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
CREATE POLICY led_by_compliance ON compliance_finding FOR UPDATE
  USING ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
ALTER TABLE compliance_findingstep ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_oversight ON compliance_findingstep FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY taken_by_compliance ON compliance_findingstep FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
ALTER TABLE compliance_hearing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_whom_it_hears ON compliance_hearing FOR SELECT USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system') OR person_id = (SELECT crm_user()) AND side = (SELECT crm_side()));
CREATE POLICY granted_by_compliance ON compliance_hearing FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
CREATE POLICY answered ON compliance_hearing FOR UPDATE USING (
  (SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE'
  OR person_id = (SELECT crm_user()) AND side = (SELECT crm_side()));

-- A deviation is always a finding, whatever wrote it (R-143).
CREATE FUNCTION crm_open_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO compliance_finding
    (id, source, market_id, deviation_id, subject_id, subject_side, rules, words, opened_by_id, opened_at, status, grade, conclusion)
  SELECT gen_random_uuid(), 'DEVIATION',
         coalesce((SELECT m.id FROM accounts_market m WHERE m.code = NEW.act ->> 'market'),
                  (SELECT am.market_id FROM accounts_appointment a
                     JOIN accounts_appointment_markets am ON am.appointment_id = a.id JOIN accounts_market m ON m.id = am.market_id
                    WHERE a.user_id = NEW.reporter_id ORDER BY a.during @> NEW.recorded_at DESC, m.code LIMIT 1),
                  (SELECT m.id FROM accounts_market m ORDER BY m.code LIMIT 1)),
         NEW.id, NEW.subject_id,
         coalesce((SELECT a.side FROM accounts_appointment a WHERE a.user_id = NEW.subject_id AND a.during @> NEW.happened_at LIMIT 1),
                  (SELECT a.side FROM accounts_appointment a WHERE a.user_id = NEW.subject_id AND a.during @> NEW.recorded_at LIMIT 1), ''),
         coalesce(NEW.decision -> 'rules', '[]'), NEW.words, NEW.reporter_id, NEW.recorded_at, 'OPEN', '', '';
  RETURN NULL;
END $$;
ALTER FUNCTION crm_open_finding() OWNER TO crm_guard;
CREATE TRIGGER opens_a_finding AFTER INSERT ON compliance_deviation FOR EACH ROW EXECUTE FUNCTION crm_open_finding();

CREATE TRIGGER keep_finding BEFORE UPDATE ON compliance_finding FOR EACH ROW EXECUTE FUNCTION crm_keep(
  'source', 'market_id', 'deviation_id', 'record', 'subject_id', 'subject_side', 'rules', 'words', 'opened_by_id', 'opened_at');

-- What follows what, and what must be there first. Whoever closes it told nothing, looked into nothing, had nothing to do.
CREATE FUNCTION crm_move_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  broken text;
  measures bigint; undone bigint;
BEGIN
  IF OLD.status = NEW.status THEN
    IF (OLD.grade, OLD.investigator_id, OLD.closed_by_id, OLD.closed_at, OLD.conclusion)
       IS DISTINCT FROM (NEW.grade, NEW.investigator_id, NEW.closed_by_id, NEW.closed_at, NEW.conclusion) THEN
      broken := 'nothing of it changes without a step';
    END IF;
  ELSIF (OLD.status, NEW.status) NOT IN (
      ('OPEN', 'TRIAGED'), ('TRIAGED', 'INVESTIGATING'), ('REOPENED', 'INVESTIGATING'), ('INVESTIGATING', 'CONFIRMED'),
      ('INVESTIGATING', 'UNFOUNDED'), ('CONFIRMED', 'CAPA_PLANNED'), ('CAPA_PLANNED', 'CAPA_DONE'),
      ('CAPA_DONE', 'EFFECTIVENESS_CHECK'), ('UNFOUNDED', 'CLOSED'), ('EFFECTIVENESS_CHECK', 'CLOSED'),
      ('CONFIRMED', 'CLOSED'), ('CLOSED', 'REOPENED'), ('EFFECTIVENESS_CHECK', 'REOPENED')) THEN
    broken := OLD.status || ' to ' || NEW.status;
  ELSE
    SELECT count(*), count(*) FILTER (WHERE done_at IS NULL) INTO measures, undone FROM compliance_measure WHERE finding_id = NEW.id;
    IF NEW.status = 'CONFIRMED' AND NEW.investigator_id IS NULL THEN broken := 'nobody looked into it'; END IF;
    IF NEW.status = 'CAPA_PLANNED' AND measures = 0 THEN broken := 'no measure'; END IF;
    IF NEW.status IN ('CAPA_DONE', 'CLOSED') AND undone > 0 THEN broken := 'a measure is not done'; END IF;
    IF NEW.status = 'EFFECTIVENESS_CHECK' AND (NEW.check_from IS NULL OR NEW.check_from >
        (SELECT (crm_now() AT TIME ZONE m.zone)::date FROM accounts_market m WHERE m.id = NEW.market_id)) THEN
      broken := 'too early to check';
    END IF;
    IF NEW.status = 'CLOSED' AND OLD.status = 'CONFIRMED' AND NEW.grade <> 'OBSERVATION' THEN broken := 'nothing follows from it'; END IF;
    IF NEW.status = 'CLOSED' AND (
        EXISTS (SELECT 1 FROM compliance_measure WHERE finding_id = NEW.id AND owner_id = NEW.closed_by_id)
        OR EXISTS (SELECT 1 FROM compliance_deviation WHERE id = NEW.deviation_id AND reporter_id = NEW.closed_by_id)) THEN
      broken := 'whoever closes it has a part in it';
    END IF;
  END IF;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'A finding moves step by step: % (R-153, R-154)', broken
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_finding_moves_step_by_step';
  END IF;
  RETURN NEW;
END $$;
ALTER FUNCTION crm_move_finding() OWNER TO crm_guard;
CREATE TRIGGER moves BEFORE UPDATE ON compliance_finding FOR EACH ROW EXECUTE FUNCTION crm_move_finding();
CREATE FUNCTION crm_begin_finding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'OPEN' AND crm_side() <> 'system' THEN
    RAISE EXCEPTION 'A finding begins open (R-153)' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_finding_moves_step_by_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER begins BEFORE INSERT ON compliance_finding FOR EACH ROW EXECUTE FUNCTION crm_begin_finding();

CREATE TRIGGER keep_measure BEFORE UPDATE ON compliance_measure FOR EACH ROW
  EXECUTE FUNCTION crm_keep('finding_id', 'what', 'owner_id', 'due_on', 'set_by_id', 'set_at');
CREATE TRIGGER keep_done BEFORE UPDATE ON compliance_measure FOR EACH ROW WHEN (OLD.done_at IS NOT NULL)
  EXECUTE FUNCTION crm_keep('done_at', 'evidence');
CREATE TRIGGER keep_hearing BEFORE UPDATE ON compliance_hearing FOR EACH ROW
  EXECUTE FUNCTION crm_keep('finding_id', 'person_id', 'side', 'told', 'told_by_id', 'told_at');
CREATE TRIGGER keep_statement BEFORE UPDATE ON compliance_hearing FOR EACH ROW WHEN (OLD.stated_at IS NOT NULL)
  EXECUTE FUNCTION crm_keep('statement', 'stated_at');
CREATE FUNCTION crm_hear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF crm_side() = 'system' THEN RETURN NEW; END IF;
  IF (OLD.outcome, OLD.outcome_at) IS DISTINCT FROM (NEW.outcome, NEW.outcome_at) AND crm_role() <> 'COMPLIANCE'
     OR (OLD.statement, OLD.stated_at) IS DISTINCT FROM (NEW.statement, NEW.stated_at) AND crm_user() <> NEW.person_id THEN
    RAISE EXCEPTION 'In a hearing each speaks for herself (R-154)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'in_a_hearing_each_speaks_for_herself';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER each_for_herself BEFORE UPDATE ON compliance_hearing FOR EACH ROW EXECUTE FUNCTION crm_hear();
