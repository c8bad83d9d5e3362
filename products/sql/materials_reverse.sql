DROP POLICY of_medical ON products_planitem;
ALTER TABLE products_planitem NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
DROP FUNCTION crm_quarantined_at(uuid);
DROP FUNCTION crm_zone(text, boolean);
DROP FUNCTION crm_guard_label() CASCADE;
DROP FUNCTION crm_guard_material_list() CASCADE;
DROP FUNCTION crm_guard_material() CASCADE;
