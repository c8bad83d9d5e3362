-- An auditor is let in for a time: whoever appoints one without an end, or with one too far off, appoints her for ninety
-- days. The appointment after that is a new one, asked for anew (R-107).
CREATE FUNCTION crm_let_auditor_in() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE latest timestamptz := greatest(lower(NEW.during), crm_now()) + interval '90 days';
BEGIN
  IF NEW.role = 'AUDITOR' AND (upper_inf(NEW.during) OR upper(NEW.during) > latest) THEN
    NEW.during := tstzrange(lower(NEW.during), latest, '[)');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER auditor_for_a_time BEFORE INSERT OR UPDATE ON accounts_appointment FOR EACH ROW EXECUTE FUNCTION crm_let_auditor_in();
