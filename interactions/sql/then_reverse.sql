DROP FUNCTION crm_rows_then(text, text, text[], timestamptz);
DROP INDEX changes_of_owners, changes_of_posts, changes_of_skills, changes_of_wishes;
