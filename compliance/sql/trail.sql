-- The trail and the history of rows: written once, read by oversight, changed by nobody.

ALTER TABLE compliance_auditentry ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY;

CREATE FUNCTION crm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The trail is never rewritten: % on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = 'the_trail_is_never_rewritten';
END $$;
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_auditentry
  FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
CREATE TRIGGER never_rewritten BEFORE UPDATE OR DELETE ON compliance_rowchange
  FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();

-- Every write to a tracked table leaves its rows here, in the same transaction, with who did it.
CREATE FUNCTION crm_track() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who text := nullif(current_setting('crm.actor', true), '');
  hidden text[] := ARRAY['password', 'content', 'digest', 'search'];
BEGIN
  IF who IS NULL THEN
    RAISE EXCEPTION 'Nobody is acting: % on % needs acting_as(...)', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO compliance_rowchange (at, recorded_at, transaction, actor, "table", "row", operation, before, after)
    SELECT crm_now(), clock_timestamp(), txid_current(), who, TG_TABLE_NAME,
           CASE WHEN TG_ARGV[0] = 'uuid' THEN (to_jsonb(n) ->> 'id')::uuid END, TG_OP, NULL, to_jsonb(n) - hidden
      FROM new_rows n;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO compliance_rowchange (at, recorded_at, transaction, actor, "table", "row", operation, before, after)
    SELECT crm_now(), clock_timestamp(), txid_current(), who, TG_TABLE_NAME,
           CASE WHEN TG_ARGV[0] = 'uuid' THEN (to_jsonb(n) ->> 'id')::uuid END, TG_OP,
           to_jsonb(o) - hidden, to_jsonb(n) - hidden
      FROM new_rows n JOIN old_rows o ON o.id = n.id;
  ELSE
    INSERT INTO compliance_rowchange (at, recorded_at, transaction, actor, "table", "row", operation, before, after)
    SELECT crm_now(), clock_timestamp(), txid_current(), who, TG_TABLE_NAME,
           CASE WHEN TG_ARGV[0] = 'uuid' THEN (to_jsonb(o) ->> 'id')::uuid END, TG_OP, to_jsonb(o) - hidden, NULL
      FROM old_rows o;
  END IF;
  RETURN NULL;
END $$;
ALTER FUNCTION crm_track() OWNER TO crm_guard;

-- Put the history triggers on a table. Called for every table of ours after each migration.
CREATE FUNCTION crm_track_table(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE kind text;
BEGIN
  SELECT data_type INTO kind FROM information_schema.columns
   WHERE table_schema = 'public' AND table_name = name AND column_name = 'id';
  EXECUTE format('CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                 'FOR EACH STATEMENT EXECUTE FUNCTION crm_track(%L)', name, kind);
  EXECUTE format('CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                 'FOR EACH STATEMENT EXECUTE FUNCTION crm_track(%L)', name, kind);
  EXECUTE format('CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
                 'FOR EACH STATEMENT EXECUTE FUNCTION crm_track(%L)', name, kind);
END $$;

ALTER TABLE compliance_auditentry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY trail_read ON compliance_auditentry FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
CREATE POLICY trail_write ON compliance_auditentry FOR INSERT WITH CHECK (true);
ALTER TABLE compliance_rowchange ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY history_read ON compliance_rowchange FOR SELECT USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system'));
ALTER TABLE compliance_deviation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY deviation_read ON compliance_deviation
  USING ((SELECT crm_side()) IN ('OVERSIGHT', 'system') OR reporter_id = (SELECT crm_user()));
