-- A step and a proposal belong to the side their author stood on when she made them (R-110).
DROP POLICY sides ON handovers_handoverstep;
CREATE POLICY sides ON handovers_handoverstep USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR by_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a WHERE a.user_id = by_id AND a.side = (SELECT crm_side()) AND a.during @> at));
DROP POLICY medical ON handovers_exitproposal;
CREATE POLICY sides ON handovers_exitproposal USING (
  (SELECT crm_side()) IN ('MEDICAL', 'OVERSIGHT', 'system')
  OR proposed_by_id = (SELECT crm_user()) AND EXISTS (
       SELECT 1 FROM accounts_appointment a
        WHERE a.user_id = proposed_by_id AND a.side = (SELECT crm_side()) AND a.during @> proposed_at));
