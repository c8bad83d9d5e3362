-- Where a use stands: the one definition of periods that Python and the triggers share.

CREATE VIEW products_period AS
SELECT entry_id, use_id, state, effective_at, promotable_from, tstzrange(effective_at, next_at, '[)') AS during
  FROM (SELECT e.id AS entry_id, e.use_id, e.state, e.effective_at, e.promotable_from,
               lead(e.effective_at) OVER (PARTITION BY e.use_id ORDER BY e.effective_at) AS next_at
          FROM products_lifecycleentry e
         WHERE e.confirmed_at IS NOT NULL AND e.voids_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM products_lifecycleentry v
                            WHERE v.voids_id = e.id AND v.confirmed_at IS NOT NULL AND v.countersigned_at IS NOT NULL)) p;

CREATE VIEW products_openperiod AS
SELECT entry_id, use_id, tstzrange(greatest(lower(during), promotable_from), upper(during), '[)') AS during
  FROM products_period
 WHERE state IN ('AUTHORISED', 'CONDITIONAL')
   AND (upper_inf(during) OR greatest(lower(during), promotable_from) < upper(during));

-- The open time of a use as one set; empty where it was never open.
CREATE FUNCTION crm_open(use uuid) RETURNS tstzmultirange LANGUAGE sql STABLE AS $$
  SELECT coalesce(range_agg(during), '{}'::tstzmultirange) FROM products_openperiod WHERE use_id = use
$$;

CREATE FUNCTION crm_may_follow(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (before, after) IN (VALUES
    ('PRECLINICAL', 'CLINICAL'), ('CLINICAL', 'SUBMITTED'),
    ('SUBMITTED', 'AUTHORISED'), ('SUBMITTED', 'CONDITIONAL'), ('SUBMITTED', 'EMERGENCY'),
    ('SUBMITTED', 'REFUSED'), ('SUBMITTED', 'APPL_WITHDRAWN'),
    ('REFUSED', 'SUBMITTED'), ('REFUSED', 'CLINICAL'), ('APPL_WITHDRAWN', 'SUBMITTED'), ('APPL_WITHDRAWN', 'CLINICAL'),
    ('EMERGENCY', 'SUBMITTED'), ('EMERGENCY', 'AUTHORISED'), ('EMERGENCY', 'CONDITIONAL'), ('EMERGENCY', 'WITHDRAWN'),
    ('CONDITIONAL', 'AUTHORISED'), ('AUTHORISED', 'SUSPENDED'), ('AUTHORISED', 'WITHDRAWN'),
    ('CONDITIONAL', 'SUSPENDED'), ('CONDITIONAL', 'WITHDRAWN'),
    ('SUSPENDED', 'AUTHORISED'), ('SUSPENDED', 'CONDITIONAL'), ('SUSPENDED', 'WITHDRAWN'), ('WITHDRAWN', 'SUBMITTED'))
$$;

-- An entry is never edited: it is confirmed, countersigned or rejected once; a missing date is filled in once before.
CREATE FUNCTION crm_guard_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.use_id, OLD.state, OLD.voids_id, OLD.evidence, OLD.note, OLD.source, OLD.source_ref, OLD.proposed_by_id, OLD.recorded_at)
     IS DISTINCT FROM
     (NEW.id, NEW.use_id, NEW.state, NEW.voids_id, NEW.evidence, NEW.note, NEW.source, NEW.source_ref, NEW.proposed_by_id, NEW.recorded_at)
     OR OLD.effective_at IS NOT NULL AND NEW.effective_at IS DISTINCT FROM OLD.effective_at
     OR OLD.promotable_from IS NOT NULL AND NEW.promotable_from IS DISTINCT FROM OLD.promotable_from
     OR OLD.confirmed_at IS NOT NULL AND (NEW.effective_at, NEW.promotable_from, NEW.confirmed_at, NEW.confirmed_by_id, NEW.rejected_at)
        IS DISTINCT FROM (OLD.effective_at, OLD.promotable_from, OLD.confirmed_at, OLD.confirmed_by_id, OLD.rejected_at)
     OR OLD.countersigned_at IS NOT NULL AND (NEW.countersigned_at, NEW.countersigned_by_id)
        IS DISTINCT FROM (OLD.countersigned_at, OLD.countersigned_by_id)
     OR OLD.rejected_at IS NOT NULL AND (NEW.rejected_at, NEW.rejected_by_id) IS DISTINCT FROM (OLD.rejected_at, OLD.rejected_by_id)
  THEN
    RAISE EXCEPTION 'A lifecycle entry is never edited; void it with an entry of its own (R-012)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_is_never_edited';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_edited BEFORE UPDATE ON products_lifecycleentry FOR EACH ROW EXECUTE FUNCTION crm_guard_entry();

-- I-08: the states of one use follow one another as the rulebook allows, no two at one instant.
CREATE FUNCTION crm_check_lifecycle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
  PERFORM 1 FROM products_use WHERE id = NEW.use_id FOR NO KEY UPDATE;
  SELECT before, state, same INTO wrong FROM (
    SELECT lag(state) OVER w AS before, state, lag(effective_at) OVER w = effective_at AS same
      FROM products_period WHERE use_id = NEW.use_id WINDOW w AS (ORDER BY effective_at, entry_id)) p
   WHERE before IS NOT NULL AND (same OR NOT crm_may_follow(before, state)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% may not follow %', wrong.state, wrong.before
      USING ERRCODE = 'check_violation', CONSTRAINT = 'states_follow_as_the_rulebook_allows';
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_check_lifecycle() OWNER TO crm_guard;
CREATE CONSTRAINT TRIGGER lifecycle_follows AFTER INSERT OR UPDATE ON products_lifecycleentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_lifecycle();
