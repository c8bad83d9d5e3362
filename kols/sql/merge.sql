-- R-123: two entries of one person become one. What was written about the one is the other's from now on; every
-- row keeps its compartment, its side and its author. Rows that both hold (a practice, a profile) stay where they are.

CREATE FUNCTION crm_merge_expert(gone uuid, kept uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE part record; which uuid; moved integer := 0;
BEGIN
  IF crm_side() <> 'system' OR NOT EXISTS (
       SELECT 1 FROM kols_kol WHERE id = gone AND status = 'MERGED' AND merged_into_id = kept) THEN
    RAISE EXCEPTION 'Only the product puts together what was merged'
      USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'only_what_was_merged_moves';
  END IF;
  -- Every table that names an expert, also those of tomorrow; figures follow by themselves.
  FOR part IN
    SELECT c.conrelid::regclass::text AS name, a.attname AS expert
      FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = 'kols_kol'::regclass
       AND c.conrelid NOT IN ('kols_kol'::regclass, 'kols_relation'::regclass, 'reports_pulse'::regclass)
     ORDER BY 1
  LOOP
    FOR which IN EXECUTE format('SELECT id FROM %s WHERE %I = $1 ORDER BY id', part.name, part.expert) USING gone LOOP
      BEGIN
        EXECUTE format('UPDATE %s SET %I = $1 WHERE id = $2', part.name, part.expert) USING kept, which;
        moved := moved + 1;
      EXCEPTION WHEN unique_violation OR exclusion_violation THEN
        NULL;  -- the other entry holds the same
      END;
    END LOOP;
  END LOOP;
  UPDATE interactions_lastcontact mine SET at = other.at, interaction_id = other.interaction_id
    FROM interactions_lastcontact other
   WHERE mine.kol_id = kept AND other.kol_id = gone AND other.at > mine.at;
  RETURN moved;
END $$;
ALTER FUNCTION crm_merge_expert(uuid, uuid) OWNER TO crm_guard;

-- A consent is never rewritten; that the person who gave it has one entry less is no rewriting.
CREATE OR REPLACE FUNCTION crm_keep_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL AND (OLD.withdrawn_at, OLD.withdrawn_how) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdrawn_how)
     OR OLD.withdrawn_at IS NOT NULL AND OLD.kol_id = NEW.kol_id
     OR OLD.kol_id <> NEW.kol_id AND NOT EXISTS (SELECT 1 FROM kols_kol k WHERE k.id = OLD.kol_id AND k.merged_into_id = NEW.kol_id)
     OR (OLD.side, OLD.purpose, OLD.channel, OLD.market_id, OLD.given_at, OLD.text_version, OLD.source, OLD.evidence)
        IS DISTINCT FROM
        (NEW.side, NEW.purpose, NEW.channel, NEW.market_id, NEW.given_at, NEW.text_version, NEW.source, NEW.evidence) THEN
    RAISE EXCEPTION 'A consent is withdrawn once and never rewritten (R-090)'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'a_consent_is_never_rewritten';
  END IF;
  RETURN NEW;
END $$;

-- What stays with its expert follows her when two entries of hers become one.
CREATE OR REPLACE FUNCTION crm_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept text; before text; after text;
BEGIN
  FOREACH kept IN ARRAY TG_ARGV LOOP
    before := to_jsonb(OLD) ->> kept;
    after := to_jsonb(NEW) ->> kept;
    IF before IS DISTINCT FROM after AND NOT (
         kept = 'kol_id' AND EXISTS (SELECT 1 FROM kols_kol k WHERE k.id = before::uuid AND k.merged_into_id = after::uuid)) THEN
      RAISE EXCEPTION 'A record stays on the side that wrote it: % of % (R-100)', kept, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_record_stays_on_its_side';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
