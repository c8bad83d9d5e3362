"""The numbers in the side bar: what waits for this person. Capped, so that they stay cheap."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from compliance.policy import HandoverState, Role
from handovers.models import Handover
from msl_crm.navigation import counted

S = HandoverState
CAP = 100


@counted("handovers:inbox")
def waiting_for_field(request: HttpRequest) -> int:
    """For a rep what she has to answer; for the lead what waits for a name."""
    user: User = request.user  # type: ignore[assignment]
    waits = (
        {"state": S.PREPARED} if user.role == Role.FIELD_LEAD else {"state": S.ASSIGNED, "recipient": user}
    )
    rows = Handover.objects.visible_to(user).filter(**waits)
    return len(rows.order_by().values_list("pk")[:CAP])


@counted("handovers:list")
def waiting_for_medical(request: HttpRequest) -> int:
    """For an MSL what she has to prepare; for her lead also what waits for approval. Nothing for readers."""
    user: User = request.user  # type: ignore[assignment]
    states = {Role.MSL: [S.DUE], Role.MSL_LEAD: [S.ACCEPTED], Role.FIELD_LEAD: [S.PREPARED]}.get(
        Role(user.role), []
    )
    if not states:
        return 0
    return len(Handover.objects.visible_to(user).filter(state__in=states).order_by().values_list("pk")[:CAP])
