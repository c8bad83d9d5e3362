DROP TRIGGER never_rewritten ON accounts_rightsreview;
DROP POLICY review_read ON accounts_rightsreview;
