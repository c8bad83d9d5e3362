-- What cannot have changed is not checked again for each of thousands of rows.

DROP TRIGGER a_market ON kols_ownership;
CREATE TRIGGER a_market BEFORE INSERT OR UPDATE OF relation_id, market_id ON kols_ownership
  FOR EACH ROW EXECUTE FUNCTION crm_ownership_market();

DROP TRIGGER keep_side ON kols_ownership;
CREATE TRIGGER keep_side BEFORE UPDATE ON kols_ownership FOR EACH ROW
  WHEN (OLD.relation_id IS DISTINCT FROM NEW.relation_id OR OLD.side IS DISTINCT FROM NEW.side)
  EXECUTE FUNCTION crm_keep('relation_id', 'side');

-- Once shown, always shown: the step that shows it first tells relation and campaign.
DROP TRIGGER show_to_field ON handovers_handover;
CREATE TRIGGER show_to_field AFTER UPDATE OF state ON handovers_handover FOR EACH ROW
  WHEN (NEW.shown_to_field AND NOT OLD.shown_to_field) EXECUTE FUNCTION crm_show_to_field();
CREATE TRIGGER show_to_field_at_once AFTER INSERT ON handovers_handover FOR EACH ROW
  WHEN (NEW.shown_to_field) EXECUTE FUNCTION crm_show_to_field();

-- Where only the end of an ownership moved, what its beginning rests on stands as it was checked.
DROP TRIGGER side_changes_by_a_step ON kols_ownership;
CREATE CONSTRAINT TRIGGER side_changes_by_a_step AFTER INSERT ON kols_ownership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crm_check_change_of_side();
CREATE CONSTRAINT TRIGGER side_changes_by_a_step_later AFTER UPDATE ON kols_ownership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.side IS DISTINCT FROM NEW.side OR lower(OLD.during) IS DISTINCT FROM lower(NEW.during)
        OR OLD.relation_id IS DISTINCT FROM NEW.relation_id OR OLD.began_with IS DISTINCT FROM NEW.began_with)
  EXECUTE FUNCTION crm_check_change_of_side();
