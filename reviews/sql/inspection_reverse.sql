DROP TRIGGER auditor_for_a_time ON accounts_appointment;
DROP FUNCTION crm_let_auditor_in();
