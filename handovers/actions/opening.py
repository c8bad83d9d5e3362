"""Opening what authorisation has made due: a query that may be asked again at any time (decision 24)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection

from accounts.acting import acting_as, now, system
from accounts.models import User
from accounts.notices import tell_all
from compliance import audit
from compliance.policy import HandoverState
from handovers.actions._step import Move, lock_use, losers_told, record_all
from handovers.actions.objections import propose
from handovers.models import Campaign, Handover, HandoverStep
from products.models import OpenPeriod, Use

_USES = """
SELECT DISTINCT r.use_id FROM kols_ownership o
  JOIN kols_relation r ON r.id = o.relation_id
  JOIN products_openperiod p ON p.use_id = r.use_id AND p.during @> %(at)s
  JOIN kols_kol k ON k.id = r.kol_id AND k.status IN ('ACTIVE', 'TO_VERIFY')
 WHERE o.side = 'MEDICAL' AND o.during @> %(at)s AND r.during @> %(at)s
   AND NOT EXISTS (SELECT 1 FROM handovers_handover h WHERE h.relation_id = r.id
      AND h.state = ANY(%(standing)s))
 ORDER BY r.use_id
"""
_DUE = """
  SELECT r.id AS relation, o.owner_id AS owner FROM kols_ownership o
    JOIN kols_relation r ON r.id = o.relation_id
    JOIN kols_kol k ON k.id = r.kol_id AND k.status IN ('ACTIVE', 'TO_VERIFY')
   WHERE r.use_id = %(use)s AND o.side = 'MEDICAL' AND o.during @> %(at)s AND r.during @> %(at)s
     AND NOT EXISTS (SELECT 1 FROM handovers_handover h WHERE h.relation_id = r.id
        AND h.state = ANY(%(standing)s))
   ORDER BY r.id
"""
_OPEN = """
WITH due AS (<due>), opened AS (
  INSERT INTO handovers_handover (id, campaign_id, relation_id, market_id, state, state_since, version,
     due_since,
         preparer_id, package, package_hash, decline_reason, declines, held, shown_to_field)
  SELECT gen_random_uuid(), %(campaign)s, relation, %(market)s, 'DUE', %(at)s, 1, %(at)s, owner, '{}',
     '', '', 0, false, false
    FROM due
  ON CONFLICT (relation_id) WHERE state IN ('DUE', 'PREPARED', 'ASSIGNED', 'ACCEPTED', 'APPROVED',
     'FROZEN') DO NOTHING
  RETURNING id, relation_id
)
INSERT INTO handovers_handoverstep (id, handover_id, transition, from_state, to_state, at, version,
   reason, facts, meaning,
       signed_name, signed_role, package_hash, manifest_hash)
SELECT gen_random_uuid(), id,
       CASE WHEN EXISTS (SELECT 1 FROM handovers_handover h WHERE h.relation_id = opened.relation_id
          AND h.state = 'REVERSED')
            THEN 'T-17' ELSE 'T-01' END,
       '', 'DUE', %(at)s, 1, '', '{}', '', '', '', '', ''
  FROM opened
RETURNING handover_id
""".replace("<due>", _DUE)

# A relation with one of these is spoken for: under way, moved, or kept with Medical until its review.
STANDING = [
    *(
        "DUE",
        "PREPARED",
        "ASSIGNED",
        "ACCEPTED",
        "APPROVED",
        "FROZEN",
        "EFFECTIVE",
        "CLOSED",
        "EXEMPT",
        "NO_FIELD",
    ),
]


def due(use_id: UUID, at: datetime) -> list[tuple[UUID, UUID]]:
    """The relations of an open use for which a handover opens at an instant, each with its owner in Medical."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"use": use_id, "at": at, "standing": STANDING})
        return cursor.fetchall()


@audit.action
def open_due_handovers() -> int:
    """Open a handover for every ownership of Medical that authorisation has overtaken; how many were opened.

    Asked again, or late, it opens what is still missing and nothing twice. It moves no owner.
    """
    opened = 0
    with acting_as(system("open due handovers")):
        with connection.cursor() as cursor:
            cursor.execute(_USES, {"at": now(), "standing": STANDING})
            uses = [row[0] for row in cursor.fetchall()]
        for use_id in uses:
            with losers_told():
                opened += _open_for(use_id)
    return opened


def _open_for(use_id: UUID) -> int:
    use = lock_use(use_id)
    period = OpenPeriod.objects.filter(use=use_id, during__contains=now()).first()
    if use is None or period is None:
        return 0
    campaign, _ = Campaign.objects.get_or_create(
        use=use, opened_by_entry=period.entry_id, defaults={"market": use.market, "opened_at": now()}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "use": use_id,
                "campaign": campaign.pk,
                "market": use.market_id,
                "at": now(),
                "standing": STANDING,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    handovers = list(
        Handover.objects.select_related("relation__kol", "preparer").filter(campaign=campaign, pk__in=ids)
    )
    again = set(
        HandoverStep.objects.filter(handover__in=ids, transition="T-17").values_list("handover_id", flat=True)
    )
    for handover in handovers:
        handover.relation.use = use
    record_all([Move(h, "T-17" if h.pk in again else "T-01", HandoverState.DUE) for h in handovers])
    propose(handovers)
    _tell(campaign, use, handovers)
    return len(ids)


def _tell(campaign: Campaign, use: Use, handovers: list[Handover]) -> None:
    """One notice per MSL and opening: how many are hers to prepare."""
    people: dict[UUID, User] = {handover.preparer_id: handover.preparer for handover in handovers}
    counts = Counter(handover.preparer_id for handover in handovers)
    run = uuid4()
    tell_all(
        [
            (
                people[pk],
                "handovers_due",
                f"handovers due {campaign.pk} {run}",
                "/handovers/mine/",
                {"count": count, "use": use},
            )
            for pk, count in counts.items()
        ]
    )
