-- The second lock on what Medical knows of an expert, and on who answers to whom.

ALTER TABLE kols_scientificprofile ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_scientificprofile USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_studyrole ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_studyrole USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_contract ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_contract USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_visitgoal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_visitgoal USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_scientificcontact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_scientificcontact USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_openmatter ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_openmatter USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));

ALTER TABLE kols_relation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_relation USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND shown_to_field);

ALTER TABLE kols_ownership ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_ownership USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND side = 'COMMERCIAL'
     AND (owner_id = (SELECT crm_user()) OR (SELECT crm_role()) IN ('FIELD_LEAD', 'PRODUCT_MANAGER')));

ALTER TABLE kols_showing ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_showing USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR (SELECT crm_side()) = 'COMMERCIAL' AND (person_id = (SELECT crm_user()) OR (SELECT crm_role()) = 'FIELD_LEAD'));

ALTER TABLE kols_alignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY sides ON kols_alignment USING (
  (SELECT crm_side()) IN ('OVERSIGHT', 'NEUTRAL', 'system') OR side = (SELECT crm_side()));
