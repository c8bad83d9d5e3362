DROP FUNCTION crm_guard_certificate() CASCADE;
