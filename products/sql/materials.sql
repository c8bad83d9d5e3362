-- Materials and the medical plan: what the commercial side may never meet, and when a material falls into quarantine.

ALTER TABLE products_material ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY purposes ON products_material USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'NEUTRAL', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND purpose IN ('PROMOTIONAL', 'SAFETY'));
-- What belongs to a material is seen with it.
ALTER TABLE products_materialversion ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY with_the_material ON products_materialversion USING (
  EXISTS (SELECT 1 FROM products_material m WHERE m.id = material_id));
ALTER TABLE products_materialversion_uses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY with_the_material ON products_materialversion_uses USING (
  EXISTS (SELECT 1 FROM products_materialversion v WHERE v.id = materialversion_id));
ALTER TABLE products_materialversion_markets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY with_the_material ON products_materialversion_markets USING (
  EXISTS (SELECT 1 FROM products_materialversion v WHERE v.id = materialversion_id));

ALTER TABLE products_planitem ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_medical ON products_planitem USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));

-- What was registered is never rewritten: it is approved, recalled and retired, each once.
CREATE FUNCTION crm_guard_material() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.material_id, OLD.version, OLD.kept_at, OLD.valid_from, OLD.valid_to, OLD.languages, OLD.audiences, OLD.roles, OLD.activities, OLD.registered_by_id, OLD.registered_at)
     IS DISTINCT FROM
     (NEW.material_id, NEW.version, NEW.kept_at, NEW.valid_from, NEW.valid_to, NEW.languages, NEW.audiences, NEW.roles, NEW.activities, NEW.registered_by_id, NEW.registered_at)
     OR OLD.approved_at IS NOT NULL AND (NEW.approved_at, NEW.approved_by_id, NEW.approval) IS DISTINCT FROM (OLD.approved_at, OLD.approved_by_id, OLD.approval)
     OR OLD.recalled_at IS NOT NULL AND (NEW.recalled_at, NEW.recalled_by_id, NEW.recall_reason) IS DISTINCT FROM (OLD.recalled_at, OLD.recalled_by_id, OLD.recall_reason)
     OR OLD.retired_at IS NOT NULL AND (NEW.retired_at, NEW.retired_by_id) IS DISTINCT FROM (OLD.retired_at, OLD.retired_by_id)
  THEN
    RAISE EXCEPTION 'A version of a material is never rewritten; register the next one (R-080)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_material_is_never_rewritten';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER never_rewritten BEFORE UPDATE ON products_materialversion FOR EACH ROW EXECUTE FUNCTION crm_guard_material();

-- What it was approved for does not change either.
CREATE FUNCTION crm_guard_material_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM products_materialversion v
              WHERE v.id = coalesce(NEW.materialversion_id, OLD.materialversion_id) AND v.approved_at IS NOT NULL) THEN
    RAISE EXCEPTION 'A version of a material is never rewritten; register the next one (R-081)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_material_is_never_rewritten';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER never_rewritten BEFORE INSERT OR UPDATE OR DELETE ON products_materialversion_uses FOR EACH ROW EXECUTE FUNCTION crm_guard_material_list();
CREATE TRIGGER never_rewritten BEFORE INSERT OR UPDATE OR DELETE ON products_materialversion_markets FOR EACH ROW EXECUTE FUNCTION crm_guard_material_list();

CREATE FUNCTION crm_guard_label() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A version of a label is never rewritten (R-083)'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_label_is_never_rewritten';
END $$;
CREATE TRIGGER never_rewritten BEFORE UPDATE ON products_labelversion FOR EACH ROW EXECUTE FUNCTION crm_guard_label();

-- The zone a state gives: the SQL twin of compliance.policy.zone_of.
CREATE FUNCTION crm_zone(state text, promotable boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state IN ('SUSPENDED', 'WITHDRAWN') THEN 'CLOSED'
              WHEN state IN ('AUTHORISED', 'CONDITIONAL') AND promotable THEN 'OPEN' ELSE 'PRE' END
$$;

-- R-083: the first instant after its approval at which a use it mentions changed its zone or its label.
-- Promotional material is approved for the day it becomes valid, everything else for the day of the approval.
CREATE FUNCTION crm_quarantined_at(material_version uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  WITH v AS (
    SELECT CASE m.purpose WHEN 'PROMOTIONAL' THEN greatest(v.valid_from, v.approved_at) ELSE v.approved_at END AS since,
           ARRAY(SELECT u.use_id FROM products_materialversion_uses u WHERE u.materialversion_id = v.id) AS uses
      FROM products_materialversion v JOIN products_material m ON m.id = v.material_id
     WHERE v.id = $1 AND v.approved_at IS NOT NULL
  ), points AS (
    SELECT p.use_id, p.effective_at AS at,
           crm_zone(p.state, p.promotable_from IS NULL OR p.promotable_from <= p.effective_at) AS zone
      FROM v JOIN products_period p ON p.use_id = ANY(v.uses)
    UNION ALL
    SELECT p.use_id, p.promotable_from, crm_zone(p.state, true)
      FROM v JOIN products_period p ON p.use_id = ANY(v.uses)
     WHERE p.promotable_from > p.effective_at AND (upper_inf(p.during) OR p.promotable_from < upper(p.during))
  ), changes AS (
    SELECT at FROM (SELECT at, zone, lag(zone) OVER (PARTITION BY use_id ORDER BY at) AS before FROM points) z
     WHERE before IS DISTINCT FROM zone
    UNION ALL
    SELECT l.effective_at FROM v JOIN products_labelversion l ON l.use_id = ANY(v.uses)
  )
  SELECT min(changes.at) FROM changes, v WHERE changes.at > v.since
$$;
