DROP TRIGGER never_rewritten ON products_launchrelease;
DROP FUNCTION crm_guard_release();
DROP TRIGGER keep_need_of_release ON products_lifecycleentry;
DROP FUNCTION crm_keep_need_of_release();
CREATE OR REPLACE VIEW products_period AS
SELECT entry_id, use_id, state, effective_at, promotable_from, tstzrange(effective_at, next_at, '[)') AS during
  FROM (SELECT e.id AS entry_id, e.use_id, e.state, e.effective_at, e.promotable_from,
               lead(e.effective_at) OVER (PARTITION BY e.use_id ORDER BY e.effective_at) AS next_at
          FROM products_lifecycleentry e
         WHERE e.confirmed_at IS NOT NULL AND e.voids_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM products_lifecycleentry v
                            WHERE v.voids_id = e.id AND v.confirmed_at IS NOT NULL AND v.countersigned_at IS NOT NULL)) p;
