DROP TRIGGER a_market ON kols_ownership;
CREATE TRIGGER a_market BEFORE INSERT OR UPDATE ON kols_ownership FOR EACH ROW EXECUTE FUNCTION crm_ownership_market();
DROP TRIGGER keep_side ON kols_ownership;
CREATE TRIGGER keep_side BEFORE UPDATE ON kols_ownership FOR EACH ROW EXECUTE FUNCTION crm_keep('relation_id', 'side');
DROP TRIGGER show_to_field_at_once ON handovers_handover;
DROP TRIGGER show_to_field ON handovers_handover;
CREATE TRIGGER show_to_field AFTER INSERT OR UPDATE OF state ON handovers_handover FOR EACH ROW
  WHEN (NEW.shown_to_field) EXECUTE FUNCTION crm_show_to_field();

DROP TRIGGER side_changes_by_a_step_later ON kols_ownership;
DROP TRIGGER side_changes_by_a_step ON kols_ownership;
CREATE CONSTRAINT TRIGGER side_changes_by_a_step AFTER INSERT OR UPDATE ON kols_ownership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_change_of_side();
