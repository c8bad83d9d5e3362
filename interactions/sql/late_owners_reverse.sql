DROP TRIGGER late_end ON kols_ownership;
DROP TRIGGER late_change ON kols_ownership;
DROP TRIGGER late_knowledge ON kols_ownership;
CREATE TRIGGER late_knowledge AFTER INSERT OR UPDATE OR DELETE ON kols_ownership
  FOR EACH ROW EXECUTE FUNCTION crm_late_knowledge('OWNER');
