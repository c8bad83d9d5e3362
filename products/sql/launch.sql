-- R-010: where the rules of a market ask for it, what is authorised opens with a launch release, signed by two people.
-- Until then the one view of periods puts its promotion where no event ever lies.

CREATE OR REPLACE VIEW products_period AS
SELECT entry_id, use_id, state, effective_at, promotable_from, tstzrange(effective_at, next_at, '[)') AS during
  FROM (SELECT e.id AS entry_id, e.use_id, e.state, e.effective_at,
               CASE WHEN e.needs_release
                    THEN coalesce((SELECT r.promotable_from FROM products_launchrelease r
                                    WHERE r.entry_id = e.id AND r.confirmed_at IS NOT NULL), '9999-01-01 00:00:00+00')
                    ELSE e.promotable_from END AS promotable_from,
               lead(e.effective_at) OVER (PARTITION BY e.use_id ORDER BY e.effective_at) AS next_at
          FROM products_lifecycleentry e
         WHERE e.confirmed_at IS NOT NULL AND e.voids_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM products_lifecycleentry v
                            WHERE v.voids_id = e.id AND v.confirmed_at IS NOT NULL AND v.countersigned_at IS NOT NULL)) p;

-- Whether a release is needed is settled with the confirmation, and stays.
CREATE FUNCTION crm_keep_need_of_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.confirmed_at IS NOT NULL AND NEW.needs_release IS DISTINCT FROM OLD.needs_release THEN
    RAISE EXCEPTION 'Whether a launch waits for its release is settled with the confirmation (R-010)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_is_never_edited';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_need_of_release BEFORE UPDATE ON products_lifecycleentry
  FOR EACH ROW EXECUTE FUNCTION crm_keep_need_of_release();

-- A release is proposed, then signed or set aside, once; it opens nothing backwards.
CREATE FUNCTION crm_guard_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.confirmed_at IS NOT NULL OR OLD.rejected_at IS NOT NULL
     OR (OLD.entry_id, OLD.evidence, OLD.wanted_from, OLD.proposed_by_id, OLD.recorded_at)
        IS DISTINCT FROM (NEW.entry_id, NEW.evidence, NEW.wanted_from, NEW.proposed_by_id, NEW.recorded_at)) THEN
    RAISE EXCEPTION 'A launch release is signed or set aside once and never rewritten (R-010)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_launch_release_is_never_rewritten';
  END IF;
  IF NEW.promotable_from < crm_now() THEN
    RAISE EXCEPTION 'A launch release opens nothing backwards (R-010)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_launch_release_opens_nothing_backwards';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_rewritten BEFORE INSERT OR UPDATE ON products_launchrelease FOR EACH ROW EXECUTE FUNCTION crm_guard_release();
