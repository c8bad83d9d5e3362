DROP POLICY deviation_read ON compliance_deviation;
CREATE POLICY deviation_read ON compliance_deviation
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR reporter_id = (SELECT crm_user()));
DROP FUNCTION crm_write_trail(jsonb);
