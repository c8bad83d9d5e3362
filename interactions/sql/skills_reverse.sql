DROP FUNCTION crm_personal_facts(uuid, text, uuid[], uuid[], timestamptz, integer);
