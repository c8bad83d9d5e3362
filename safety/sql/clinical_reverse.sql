DROP FUNCTION crm_purge_report(uuid);
DROP TRIGGER keep_report ON safety_safetyreport;
DROP FUNCTION crm_keep_report();
DROP POLICY clinical ON safety_clinical;
ALTER TABLE safety_clinical NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
