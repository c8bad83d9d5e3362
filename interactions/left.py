"""Which drafts were left behind, and to whom: by people of her tree who no longer work on that side (R-117)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from accounts.acting import now
from accounts.models import Appointment, Post, User
from accounts.people import territories_of
from compliance.policy import Role
from interactions.models import Closing, Interaction, compartment_of

LEADS = (Role.MSL_LEAD, Role.FIELD_LEAD)


def left_to(lead: User) -> QuerySet[Interaction]:
    """Open drafts of those who worked in her territories at the time and are gone, or on the other side, today."""
    if lead.role not in LEADS:
        return Interaction.objects.none()
    at = now()
    worked_for_her = Post.objects.filter(
        user=OuterRef("author"), territory__in=territories_of(lead), during__contains=OuterRef("starts_at")
    )
    still_here = Appointment.objects.filter(user=OuterRef("author"), side=lead.side, during__contains=at)
    return Interaction.objects.filter(
        Exists(worked_for_her),
        ~Exists(still_here),
        ~Exists(Closing.objects.filter(interaction=OuterRef("pk"))),
        status=Interaction.Status.DRAFT,
        compartment=compartment_of(lead.side),
    )
