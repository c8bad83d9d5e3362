DROP TRIGGER keep_side ON compliance_measure;
DROP TRIGGER keep_side ON compliance_deviation;
DROP FUNCTION crm_keep();
