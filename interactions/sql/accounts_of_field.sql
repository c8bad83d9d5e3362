-- What field service owned of these experts during a contact, as far as this person owned it or stood in for whoever did.
-- A colleague's accounts are not hers to see; that she covers them on that day is all she learns.
CREATE FUNCTION crm_field_accounts(person uuid, experts uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (kol uuid, use uuid, area uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.kol_id, r.use_id, n.area_id
    FROM kols_relation r
    JOIN kols_ownership o ON o.relation_id = r.id AND o.side = 'COMMERCIAL' AND o.during @> tstzrange($3, $4, '[]')
    JOIN products_use u ON u.id = r.use_id JOIN products_indication n ON n.id = u.indication_id
   WHERE r.kol_id = ANY($2) AND (crm_side() = 'system' OR crm_side() = 'COMMERCIAL' AND crm_user() = $1)
     AND (o.owner_id = $1 OR EXISTS (SELECT 1 FROM accounts_absencecover c
                                      WHERE c.cover_id = $1 AND c.absent_id = o.owner_id AND c.during @> $3))
$$;
ALTER FUNCTION crm_field_accounts(uuid, uuid[], timestamptz, timestamptz) OWNER TO crm_guard;
