-- What was said is read with its report, written once, and goes by one door (PP-20).
ALTER TABLE safety_clinical ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY clinical ON safety_clinical USING (report_id IN (SELECT id FROM safety_safetyreport));

-- R-128: what the clock runs from, and who told it where, is written once; so is the acknowledgement.
CREATE FUNCTION crm_keep_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.learned_at, OLD.due_at, OLD.recorded_at, OLD.route, OLD.market_id, OLD.kol_id, OLD.product_id, OLD.client_ref, OLD.about_id)
     IS DISTINCT FROM
     (NEW.learned_at, NEW.due_at, NEW.recorded_at, NEW.route, NEW.market_id, NEW.kol_id, NEW.product_id, NEW.client_ref, NEW.about_id)
     OR OLD.acknowledged_at IS NOT NULL AND (OLD.acknowledged_at, OLD.acknowledged_by_id, OLD.case_id)
        IS DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by_id, NEW.case_id)
     OR OLD.mailed_at IS NOT NULL AND OLD.mailed_at IS DISTINCT FROM NEW.mailed_at
     OR OLD.purged_at IS NOT NULL AND OLD.purged_at IS DISTINCT FROM NEW.purged_at
     OR NEW.escalated < OLD.escalated
     OR OLD.late_reason <> '' AND OLD.late_reason <> NEW.late_reason THEN
    RAISE EXCEPTION 'What was reported is kept as it was: % (R-128)', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_report_keeps_its_clock';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_report BEFORE UPDATE ON safety_safetyreport FOR EACH ROW EXECUTE FUNCTION crm_keep_report();

-- The product itself forgets what was said, once the desk has it and the days are over. Nobody else, and nothing sooner.
CREATE FUNCTION crm_purge_report(wanted uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF current_setting('crm.side', true) IS DISTINCT FROM 'system' THEN
    RAISE EXCEPTION 'Only the product itself purges a report' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT 1 FROM safety_safetyreport
              WHERE id = wanted AND purged_at IS NULL AND purge_after <= crm_now() AND acknowledged_at IS NOT NULL)
     AND EXISTS (SELECT 1 FROM compliance_rowchange c
                  WHERE c."row" = wanted AND (c.before ? 'what_happened' OR c.after ? 'what_happened')) THEN
    -- Reports older than this table stand in the history with their words.
    PERFORM crm_erase_from_trail(ARRAY[wanted], 'What was said of a patient is purged');
  END IF;
  UPDATE safety_safetyreport SET purged_at = crm_now()
   WHERE id = wanted AND purged_at IS NULL AND purge_after <= crm_now()
     AND (acknowledged_at IS NOT NULL OR route = 'OTHER_COMPANY');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This report is not to be purged: %', wanted
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_report_is_purged_after_its_acknowledgement';
  END IF;
  DELETE FROM safety_clinical WHERE report_id = wanted;
  RETURN true;
END $$;
ALTER FUNCTION crm_purge_report(uuid) OWNER TO crm_guard;
