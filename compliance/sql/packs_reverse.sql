DROP FUNCTION crm_guard_pack() CASCADE;
