DROP TRIGGER keep_reconciliation ON safety_reconciliation;
DROP FUNCTION crm_keep_reconciliation();
DROP POLICY reconciliation ON safety_reconciliation;
ALTER TABLE safety_reconciliation NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;
