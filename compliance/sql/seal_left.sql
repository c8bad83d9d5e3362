-- Rows that were there before the chain are behind row security for the owner too, who migrates: said as the product,
-- and put into the queue beside row security, they are sealed like all else.
SELECT set_config('crm.side', 'system', true);
ALTER TABLE compliance_unsealed NO FORCE ROW LEVEL SECURITY;
INSERT INTO compliance_unsealed (kind, key, at)
SELECT kind, key, clock_timestamp() FROM (
  SELECT 'E' AS kind, sequence AS key, at FROM compliance_auditentry
  UNION ALL SELECT 'R', sequence, recorded_at FROM compliance_rowchange) old
 WHERE NOT EXISTS (SELECT 1 FROM compliance_seal s WHERE s.kind = old.kind AND s.key = old.key)
   AND NOT EXISTS (SELECT 1 FROM compliance_unsealed u WHERE u.kind = old.kind AND u.key = old.key)
 ORDER BY at, kind, key;
ALTER TABLE compliance_unsealed FORCE ROW LEVEL SECURITY;
SELECT set_config('crm.side', '', true);
