-- A handover, and a reversal of today, move thousands of owners from this instant on: nothing lies between, nothing is asked.
DROP TRIGGER late_knowledge ON kols_ownership;
CREATE TRIGGER late_knowledge AFTER INSERT ON kols_ownership
  FOR EACH ROW WHEN (lower(NEW.during) < crm_now()) EXECUTE FUNCTION crm_late_knowledge('OWNER');
CREATE TRIGGER late_change AFTER UPDATE ON kols_ownership
  FOR EACH ROW WHEN ((OLD.owner_id, OLD.side, lower(OLD.during)) IS DISTINCT FROM (NEW.owner_id, NEW.side, lower(NEW.during))
                     OR least(upper(OLD.during), upper(NEW.during)) < crm_now())
  EXECUTE FUNCTION crm_late_knowledge('OWNER');
CREATE TRIGGER late_end AFTER DELETE ON kols_ownership
  FOR EACH ROW WHEN (lower(OLD.during) < crm_now()) EXECUTE FUNCTION crm_late_knowledge('OWNER');
