-- Where an expert sits, as Medical noted it: medical knowledge, on no page of anybody else.

ALTER TABLE kols_seat ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_seat USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
ALTER TABLE kols_committee ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY medical ON kols_committee USING ((SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system'));
