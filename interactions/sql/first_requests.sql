-- When each of these experts first asked field service for samples of a product (PP-09), as of an instant.
-- Samples are field service's alone; other sides learn nothing here.
CREATE FUNCTION crm_first_sample_requests(experts uuid[], at timestamptz, acting text, left_out uuid)
RETURNS TABLE (kol uuid, product uuid, first_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.kol_id, n.product_id, min(s.requested_at)
    FROM interactions_samplegiven s
    JOIN interactions_interaction i ON i.id = s.interaction_id AND i.status IN ('DRAFT', 'SIGNED')
    JOIN products_use u ON u.id = s.use_id JOIN products_indication n ON n.id = u.indication_id
   WHERE $3 = 'COMMERCIAL' AND crm_side() IN ('COMMERCIAL', 'system') AND s.kol_id = ANY($1) AND s.given_at <= $2 AND s.interaction_id IS DISTINCT FROM $4
   GROUP BY s.kol_id, n.product_id
$$;
ALTER FUNCTION crm_first_sample_requests(uuid[], timestamptz, text, uuid) OWNER TO crm_guard;
