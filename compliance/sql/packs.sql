-- Every market that is there opens with the first version of its rules, as far as one is written.

INSERT INTO compliance_packactivation (id, market_id, version, effective_at, status, opening, proposed_at)
SELECT gen_random_uuid(), id, '2026.1', '2000-01-01 00:00+00', 'CONFIRMED', true, now()
  FROM accounts_market WHERE code IN ('AT', 'CH', 'DE', 'FR', 'JP', 'UK', 'US');

-- Everybody is judged by them; oversight, Regulatory and the product itself bring them.
ALTER TABLE compliance_packactivation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY read_by_everybody ON compliance_packactivation FOR SELECT USING ((SELECT crm_side()) <> '');
CREATE POLICY brought_by_oversight ON compliance_packactivation
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'NEUTRAL', 'system'));

-- What was settled stays: other rules are another activation.
CREATE FUNCTION crm_guard_pack() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.status <> 'PROPOSED' OR (OLD.id, OLD.market_id, OLD.version, OLD.opening, OLD.proposed_by_id, OLD.proposed_at)
     IS DISTINCT FROM (NEW.id, NEW.market_id, NEW.version, NEW.opening, NEW.proposed_by_id, NEW.proposed_at)
     OR OLD.effective_at IS NOT NULL AND NEW.effective_at IS DISTINCT FROM OLD.effective_at
  THEN
    RAISE EXCEPTION 'Rules that were settled never change; propose others (R-160)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settled_rules_never_change';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE ON compliance_packactivation
  FOR EACH ROW EXECUTE FUNCTION crm_guard_pack();
