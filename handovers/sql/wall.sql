-- What field service may see of a handover, and which steps a handover may take.

CREATE FUNCTION crm_handover_may_go(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT before = after OR (before, after) IN (VALUES
    ('DUE', 'PREPARED'), ('PREPARED', 'ASSIGNED'), ('ASSIGNED', 'ACCEPTED'), ('ACCEPTED', 'APPROVED'),
    ('APPROVED', 'EFFECTIVE'), ('EFFECTIVE', 'CLOSED'), ('ASSIGNED', 'PREPARED'),
    ('ACCEPTED', 'PREPARED'), ('APPROVED', 'PREPARED'),
    ('DUE', 'EXEMPT'), ('PREPARED', 'EXEMPT'), ('ASSIGNED', 'EXEMPT'), ('ACCEPTED', 'EXEMPT'), ('APPROVED', 'EXEMPT'),
    ('PREPARED', 'NO_FIELD'), ('EXEMPT', 'DUE'), ('NO_FIELD', 'DUE'),
    ('DUE', 'FROZEN'), ('PREPARED', 'FROZEN'), ('ASSIGNED', 'FROZEN'), ('ACCEPTED', 'FROZEN'), ('APPROVED', 'FROZEN'),
    ('FROZEN', 'DUE'),
    ('DUE', 'CANCELLED'), ('PREPARED', 'CANCELLED'), ('ASSIGNED', 'CANCELLED'), ('ACCEPTED', 'CANCELLED'),
    ('APPROVED', 'CANCELLED'), ('EXEMPT', 'CANCELLED'), ('NO_FIELD', 'CANCELLED'), ('FROZEN', 'CANCELLED'),
    ('EFFECTIVE', 'REVERSED'), ('CLOSED', 'REVERSED'),
    ('PREPARED', 'DUE'), ('ASSIGNED', 'DUE'), ('ACCEPTED', 'DUE'), ('APPROVED', 'DUE'))
$$;
CREATE FUNCTION crm_check_handover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'DUE' THEN
      RAISE EXCEPTION 'A handover begins as due' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_handover_takes_the_steps_of_the_rulebook';
    END IF;
  ELSIF NOT crm_handover_may_go(OLD.state, NEW.state) OR OLD.relation_id <> NEW.relation_id OR OLD.campaign_id <> NEW.campaign_id THEN
    RAISE EXCEPTION 'A handover does not go from % to %', OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_handover_takes_the_steps_of_the_rulebook';
  ELSIF OLD.state <> NEW.state AND NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'A step raises the version by one' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_step_raises_the_version';
  END IF;
  IF NEW.state IN ('PREPARED', 'ASSIGNED', 'ACCEPTED', 'APPROVED', 'EFFECTIVE') THEN
    NEW.shown_to_field := true;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER steps BEFORE INSERT OR UPDATE ON handovers_handover FOR EACH ROW EXECUTE FUNCTION crm_check_handover();
CREATE FUNCTION crm_show_to_field() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE kols_relation SET shown_to_field = true WHERE id = NEW.relation_id AND NOT shown_to_field;
  UPDATE handovers_campaign SET shown_to_field = true WHERE id = NEW.campaign_id AND NOT shown_to_field;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_show_to_field() OWNER TO crm_guard;
CREATE TRIGGER show_to_field AFTER INSERT OR UPDATE OF state ON handovers_handover FOR EACH ROW
  WHEN (NEW.shown_to_field) EXECUTE FUNCTION crm_show_to_field();

CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON handovers_handoverstep FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();

-- I-05: where the side changes, a step says so, at that very instant.
CREATE FUNCTION crm_check_change_of_side() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE own kols_ownership; before text;
BEGIN
  SELECT * INTO own FROM kols_ownership WHERE id = NEW.id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT side INTO before FROM kols_ownership
   WHERE relation_id = own.relation_id AND upper(during) = lower(own.during) LIMIT 1;
  IF before IS NOT NULL AND before <> own.side AND NOT EXISTS (
       SELECT 1 FROM handovers_handoverstep s JOIN handovers_handover h ON h.id = s.handover_id
        WHERE s.id = own.began_with AND h.relation_id = own.relation_id
          AND s.transition = CASE own.side WHEN 'COMMERCIAL' THEN 'T-06' ELSE 'T-16' END
          AND (s.facts ->> 'instant')::timestamptz = lower(own.during)) THEN
    RAISE EXCEPTION 'The side of an owner changes only by a step of a handover, at its instant'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'the_side_changes_by_a_step';
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_change_of_side() OWNER TO crm_guard;
CREATE CONSTRAINT TRIGGER side_changes_by_a_step AFTER INSERT OR UPDATE ON kols_ownership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_change_of_side();

ALTER TABLE handovers_campaign ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON handovers_campaign USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system') OR (SELECT crm_role()) = 'FIELD_LEAD' AND shown_to_field);
ALTER TABLE handovers_handover ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON handovers_handover USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND shown_to_field
     AND (recipient_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD'));
ALTER TABLE handovers_handoverstep ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON handovers_handoverstep USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system') OR by_id = (SELECT crm_user()));
ALTER TABLE handovers_reminder ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON handovers_reminder USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
