"""What a form about an expert may offer."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.acting import current
from accounts.models import Market, User
from accounts.people import team_of
from compliance.policy import Role
from kols.models import KOL, Ownership, Relation
from products.models import Use


def markets_of(user: User) -> QuerySet[Market]:
    """The markets of this person."""
    return Market.objects.filter(pk__in=user.market_ids, active=True).order_by("name")


def free_uses(kol: KOL, user: User) -> QuerySet[Use]:
    """Uses in this person's markets for which nobody answers to the expert yet."""
    taken = Relation.objects.visible_to(user).current(current().now).filter(kol=kol).values("use")
    uses = Use.objects.visible_to(user).exclude(pk__in=taken)
    return uses.select_related("indication__product", "market").order_by(
        "indication__product", "indication", "market"
    )


def medical_owners(lead: User) -> QuerySet[User]:
    """The people of Medical to whom a lead may give an expert: those of the tree, herself included."""
    at = current().now
    return User.objects.filter(
        pk__in=[*team_of(lead), lead.pk],
        is_active=True,
        appointments__role__in=[Role.MSL, Role.MSL_LEAD],
        appointments__during__contains=at,
    ).distinct()


def medical_relations(user: User) -> QuerySet[Relation]:
    """Relations that Medical holds now and this person may end or pass on: her own, for a lead all."""
    held = Ownership.objects.visible_to(user).current(current().now).filter(side="MEDICAL")
    if user.role != Role.MSL_LEAD:
        held = held.filter(owner=user)
    return Relation.objects.visible_to(user).filter(pk__in=held.values("relation")).select_related(
        "kol", "use__indication__product", "use__market"
    )  # fmt: skip


def held_now(kol: KOL, user: User) -> bool:
    """Whether anybody answers for the expert now."""
    return Ownership.objects.visible_to(user).current(current().now).filter(relation__kol=kol).exists()
