-- The territory of field service in which an expert works in a market: her alignment there, else the most exact
-- region of her main institution. NULL where nobody's territory covers her.
CREATE FUNCTION crm_field_territory(kol uuid, market uuid, at timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT a.territory_id FROM kols_alignment a
      WHERE a.kol_id = kol AND a.side = 'COMMERCIAL' AND a.market_id = market AND a.during @> at LIMIT 1),
    (SELECT r.territory_id
       FROM kols_kol k
       JOIN kols_institution i ON i.id = k.main_institution_id
       JOIN accounts_territory t ON t.side = 'COMMERCIAL' AND t.market_id = market
       JOIN accounts_territoryregion r ON r.territory_id = t.id AND r.during @> at
        AND (r.region = i.region OR r.region ~ '^[0-9]' AND i.postcode LIKE r.region || '%')
      WHERE k.id = kol
      ORDER BY (r.region = i.region), length(r.region) DESC, r.id LIMIT 1))
$$;
