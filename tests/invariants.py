"""The invariants of rulebook 3.6, asked of the database: each query finds what must not exist."""

from __future__ import annotations

from django.db import connection

QUERIES = {
    "I-01/I-02 one owner at every instant, none outside": """
        SELECT r.id FROM kols_relation r LEFT JOIN kols_ownership o ON o.relation_id = r.id
         GROUP BY r.id, r.during HAVING range_agg(o.during) IS DISTINCT FROM tstzmultirange(r.during)
            OR count(*) > 1 AND EXISTS (SELECT 1 FROM kols_ownership a JOIN kols_ownership b
                ON a.relation_id = b.relation_id AND a.id < b.id AND a.during && b.during
                   WHERE a.relation_id = r.id)""",
    "I-03 field service only while open": """
        SELECT o.id FROM kols_ownership o JOIN kols_relation r ON r.id = o.relation_id
         WHERE o.side = 'COMMERCIAL' AND NOT o.during <@ crm_open(r.use_id)""",
    "I-04 half-open, begun, not empty": """
        SELECT id FROM kols_ownership WHERE isempty(during) OR lower_inf(during)
           OR NOT lower_inc(during) OR upper_inc(during)""",
    "I-05 a change of side has its step at its instant": """
        SELECT b.id FROM kols_ownership a JOIN kols_ownership b
            ON a.relation_id = b.relation_id AND upper(a.during) = lower(b.during) AND a.side <> b.side
         WHERE NOT EXISTS (SELECT 1 FROM handovers_handoverstep s JOIN handovers_handover h
            ON h.id = s.handover_id
                WHERE s.id = b.began_with AND h.relation_id = b.relation_id
                  AND s.transition = CASE b.side WHEN 'COMMERCIAL' THEN 'T-06' ELSE 'T-16' END
                  AND (s.facts ->> 'instant')::timestamptz = lower(b.during))""",
    "I-08 states follow one another": """
        SELECT use_id FROM (SELECT use_id, lag(state) OVER w AS before, state FROM products_period
            WINDOW w AS (PARTITION BY use_id ORDER BY effective_at)) p
         WHERE before IS NOT NULL AND NOT crm_may_follow(before, state)""",
    "I-12 one handover under way": """
        SELECT relation_id FROM handovers_handover
         WHERE state IN ('DUE', 'PREPARED', 'ASSIGNED', 'ACCEPTED', 'APPROVED', 'FROZEN')
         GROUP BY relation_id HAVING count(*) > 1""",
    "I-13 the steps are a path and end where the handover stands": """
        SELECT s.id FROM (SELECT id, handover_id, from_state, to_state, version,
                lag(to_state) OVER w AS before, lag(version) OVER w AS earlier FROM handovers_handoverstep
                WINDOW w AS (PARTITION BY handover_id ORDER BY version)) s
         WHERE coalesce(s.before, '') <> s.from_state OR coalesce(s.earlier, 0) + 1 <> s.version
            OR s.before IS NOT NULL AND NOT crm_handover_may_go(s.before, s.to_state)
        UNION ALL
        SELECT h.id FROM handovers_handover h WHERE h.state IS DISTINCT FROM
            (SELECT to_state FROM handovers_handoverstep s
               WHERE s.handover_id = h.id ORDER BY version DESC LIMIT 1)""",
    "I-14 three people, one package": """
        SELECT h.id FROM handovers_handover h WHERE h.state IN ('APPROVED', 'EFFECTIVE', 'CLOSED')
           AND (h.approver_id IN (h.prepared_by_id, h.recipient_id) OR h.prepared_by_id = h.recipient_id
                OR EXISTS (SELECT 1 FROM handovers_handoverstep s WHERE s.handover_id = h.id
                   AND s.transition IN ('T-04', 'T-05')
                    AND s.version > (SELECT max(version) FROM handovers_handoverstep p
                                      WHERE p.handover_id = h.id AND p.transition = 'T-02')
                    AND s.package_hash <> h.package_hash))""",
    "I-17 after a reversal Medical owns": """
        SELECT h.id FROM handovers_handover h JOIN handovers_handoverstep s ON s.handover_id = h.id
           AND s.transition = 'T-16'
          JOIN kols_ownership o ON o.relation_id = h.relation_id AND o.side = 'COMMERCIAL'
           AND o.during @> (s.facts ->> 'instant')::timestamptz""",
    "one trail entry for every step": """
        SELECT h.id FROM handovers_handover h
         WHERE (SELECT count(*) FROM handovers_handoverstep s WHERE s.handover_id = h.id)
            <> (SELECT count(*) FROM compliance_auditentry a WHERE a.subject_id = h.id AND NOT a.refused
                  AND a.facts ? 'step')""",
}


def broken() -> dict[str, list[object]]:
    """The names of the invariants that do not hold, with the rows that break them.

    Ask inside `acting_as(system(…))`.
    """
    found = {}
    with connection.cursor() as cursor:
        for name, query in QUERIES.items():
            cursor.execute(query)
            if rows := [row[0] for row in cursor.fetchall()]:
                found[name] = rows
    return found
