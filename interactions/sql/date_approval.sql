-- What a question to Compliance is about stays, the record and its act too (R-069).

CREATE OR REPLACE TRIGGER keep_record BEFORE UPDATE ON interactions_preclearance FOR EACH ROW
  EXECUTE FUNCTION crm_keep('author_id', 'author_side', 'kind', 'market_id', 'kol_id', 'use_id', 'record_id', 'about', 'during', 'why', 'asked_at');
