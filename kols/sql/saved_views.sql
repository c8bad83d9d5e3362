-- The name of a saved view tells of trials and plans: Medical's own.
ALTER TABLE kols_savedview ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_savedview USING ((SELECT crm_side()) IN ('MEDICAL', 'system'));
