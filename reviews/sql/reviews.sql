-- Samples and what reviewers say of them are oversight's; what an author is asked is hers as well (R-152).

ALTER TABLE reviews_draw ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_oversight ON reviews_draw FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY drawn_by_compliance ON reviews_draw FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
ALTER TABLE reviews_item ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_oversight ON reviews_item FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY added_by_compliance ON reviews_item FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
CREATE POLICY decided_by_compliance ON reviews_item FOR UPDATE
  USING ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
ALTER TABLE reviews_inquiry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_whom_it_asks ON reviews_inquiry FOR SELECT USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'system') OR author_id = (SELECT crm_user()) AND author_side = (SELECT crm_side()));
CREATE POLICY asked_by_compliance ON reviews_inquiry FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
CREATE POLICY answered_by_the_author ON reviews_inquiry FOR UPDATE USING (
  (SELECT crm_side()) = 'system' OR author_id = (SELECT crm_user()) AND author_side = (SELECT crm_side()));
ALTER TABLE reviews_observation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_oversight ON reviews_observation FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY planned_by_compliance ON reviews_observation FOR INSERT
  WITH CHECK ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');
CREATE POLICY kept_by_compliance ON reviews_observation FOR UPDATE
  USING ((SELECT crm_side()) = 'system' OR (SELECT crm_role()) = 'COMPLIANCE');

-- A draw is a fact: nobody changes it, neither the web role nor an owner by mistake (R-151).
CREATE FUNCTION crm_keep_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A draw is never changed (R-151)' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_draw_is_never_changed';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON reviews_draw FOR EACH ROW EXECUTE FUNCTION crm_keep_draw();

-- Whether somebody is, or stands in the line of, the person whose record it is: then and now (R-152).
CREATE FUNCTION crm_in_line(reviewer uuid, subject uuid, happened timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH RECURSIVE line AS (
    SELECT t.id, t.parent_id FROM accounts_post p JOIN accounts_territory t ON t.id = p.territory_id
     WHERE p.user_id = $2 AND (p.during @> $3 OR p.during @> crm_now())
    UNION
    SELECT t.id, t.parent_id FROM accounts_territory t JOIN line ON t.id = line.parent_id)
  SELECT coalesce($1 = $2, false) OR EXISTS (
    SELECT 1 FROM accounts_post p JOIN line ON line.id = p.territory_id
     WHERE p.user_id = $1 AND (p.during @> $3 OR p.during @> crm_now()))
$$;

CREATE FUNCTION crm_keep_sample() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE drawn timestamptz;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.added_at := crm_now();
    SELECT d.drawn_at INTO drawn FROM reviews_draw d WHERE d.id = NEW.draw_id;
    IF NEW.interaction_id IS NOT NULL THEN
      SELECT i.author_id INTO NEW.author_id FROM interactions_interaction i WHERE i.id = NEW.interaction_id;
    ELSE
      SELECT d.subject_id INTO NEW.author_id FROM compliance_deviation d WHERE d.id = NEW.deviation_id;
    END IF;
    IF drawn IS DISTINCT FROM NEW.added_at AND btrim(NEW.added_because) = '' THEN
      RAISE EXCEPTION 'A sample is only extended, with a reason (R-151)'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sample_is_only_extended';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.draw_id, OLD.position, OLD.interaction_id, OLD.deviation_id, OLD.author_id, OLD.version, OLD.reasons, OLD.added_because,
      OLD.added_at, OLD.added_by_id) IS DISTINCT FROM
     (NEW.draw_id, NEW.position, NEW.interaction_id, NEW.deviation_id, NEW.author_id, NEW.version, NEW.reasons, NEW.added_because,
      NEW.added_at, NEW.added_by_id) THEN
    RAISE EXCEPTION 'A sample is only extended, with a reason (R-151)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sample_is_only_extended';
  END IF;
  IF OLD.verdict IN ('FINE', 'FINDING') THEN
    RAISE EXCEPTION 'What a reviewer has decided stays (R-151)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_review_is_decided_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_sample BEFORE INSERT OR UPDATE ON reviews_item FOR EACH ROW EXECUTE FUNCTION crm_keep_sample();

CREATE FUNCTION crm_review_independently() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE happened timestamptz;
BEGIN
  IF NEW.decided_by_id IS NULL THEN RETURN NEW; END IF;
  SELECT coalesce((SELECT i.starts_at FROM interactions_interaction i WHERE i.id = NEW.interaction_id),
                  (SELECT d.happened_at FROM compliance_deviation d WHERE d.id = NEW.deviation_id)) INTO happened;
  IF NOT EXISTS (SELECT 1 FROM accounts_appointment a WHERE a.user_id = NEW.decided_by_id AND a.role = 'COMPLIANCE' AND a.during @> crm_now())
     OR crm_in_line(NEW.decided_by_id, NEW.author_id, happened) THEN
    RAISE EXCEPTION 'Whoever reviews is of Compliance and not in the line (R-152)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_review_is_independent';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_independently BEFORE INSERT OR UPDATE ON reviews_item FOR EACH ROW EXECUTE FUNCTION crm_review_independently();

CREATE TRIGGER keep_question BEFORE UPDATE ON reviews_inquiry FOR EACH ROW
  EXECUTE FUNCTION crm_keep('item_id', 'author_id', 'author_side', 'interaction_id', 'words', 'asked_by_id', 'asked_at');
CREATE TRIGGER keep_answer BEFORE UPDATE ON reviews_inquiry FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL)
  EXECUTE FUNCTION crm_keep('answer', 'answered_at');
CREATE TRIGGER keep_plan BEFORE UPDATE ON reviews_observation FOR EACH ROW
  EXECUTE FUNCTION crm_keep('market_id', 'person_id', 'kind', 'planned_on', 'planned_by_id', 'planned_at');
CREATE TRIGGER keep_result BEFORE UPDATE ON reviews_observation FOR EACH ROW WHEN (OLD.observed_at IS NOT NULL)
  EXECUTE FUNCTION crm_keep('result', 'words', 'observed_by_id', 'observed_at', 'interaction_id', 'finding_id');
