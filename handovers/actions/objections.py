"""Whoever objects to marketing, or to any contact, stays with Medical unless Compliance says otherwise (R-093)."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.acting import acting_as, now, system
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import ExemptReason, HandoverState, Role
from compliance.policy.handover import BEFORE_EFFECTIVE
from handovers.models import ExitProposal, Handover, RiskFlag
from kols.models import KOL


def objects(kol: KOL) -> bool:
    """Whether field service has to leave this expert in peace (R-093, R-094)."""
    return kol.objects_to_marketing or kol.do_not_contact


@audit.action
def keep_with_medical(kol: KOL) -> int:
    """Flag the handovers under way of an expert who objects and propose that they stay; how many.

    In the name of the product: whoever took the objection down may not know that a handover exists.
    """
    with acting_as(system("answer an objection")):
        kol = KOL.objects.get(pk=kol.pk)
        rows = Handover.objects.filter(relation__kol=kol, state__in=BEFORE_EFFECTIVE)
        return propose(list(rows.select_related("relation__kol", "relation__use__market", "preparer")))


def propose(handovers: Sequence[Handover]) -> int:
    """The flag and the proposal, once each, for those whose expert objects. Run in the name of the product."""
    objecting = [row for row in handovers if objects(row.relation.kol)]
    for row in objecting:
        RiskFlag.objects.get_or_create(
            handover=row, code=RiskFlag.Code.OBJECTION, cleared_at=None, defaults={"raised_at": now()}
        )
        proposal, created = ExitProposal.objects.get_or_create(
            handover=row, settled_at=None,
            defaults={
                "to_state": HandoverState.EXEMPT, "reason": ExemptReason.OBJECTION_TO_MARKETING,
                "proposed_by": row.preparer, "proposed_at": now(),
            },
        )  # fmt: skip
        if not created:
            continue
        audit.record("proposed to leave with Medical", row, by=None, words=str(row),
                     reason=str(ExemptReason.OBJECTION_TO_MARKETING), market=row.relation.use.market.code)  # fmt: skip
        for person in people_with(Role.COMPLIANCE):
            tell(person, "exit_proposed", f"exit proposed {proposal.pk}", url=f"/handovers/{row.pk}/",
                 kol=row.relation.kol.name)  # fmt: skip
    return len(objecting)
