CREATE OR REPLACE TRIGGER keep_record BEFORE UPDATE ON interactions_preclearance FOR EACH ROW
  EXECUTE FUNCTION crm_keep('author_id', 'author_side', 'kind', 'market_id', 'kol_id', 'use_id', 'during', 'why', 'asked_at');
