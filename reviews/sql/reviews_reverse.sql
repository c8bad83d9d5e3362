DROP TRIGGER never_changed ON reviews_draw;
DROP TRIGGER keep_sample ON reviews_item;
DROP TRIGGER review_independently ON reviews_item;
DROP FUNCTION crm_keep_draw();
DROP FUNCTION crm_keep_sample();
DROP FUNCTION crm_review_independently();
DROP FUNCTION crm_in_line(uuid, uuid, timestamptz);
