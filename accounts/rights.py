"""The review of rights: who has which, since when, how she signs in, and who looked at it last (question 17)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from allauth.mfa.models import Authenticator
from django.db import models
from django.db.models import F, Max, Q

from accounts.base import Record
from compliance.policy import Role, in_words

if TYPE_CHECKING:
    from accounts.models import User


class RightsReviewQuerySet(models.QuerySet["RightsReview"]):
    def visible_to(self, user: User) -> Self:
        """Administrators and oversight all; nobody else any."""
        return self if user.role in (Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR) else self.none()


class RightsReview(Record):
    """Somebody has looked at one person's rights: they are right, or they are to be changed. Never rewritten."""

    class Outcome(models.TextChoices):
        KEEP = "KEEP", "keep"
        CHANGE = "CHANGE", "change"

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=6, choices=Outcome)
    rights = models.JSONField(help_text="What was looked at, as it stood.")
    at = models.DateTimeField()

    objects = RightsReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="nobody_reviews_her_own_rights", condition=~Q(person=F("reviewer"))),
        ]
        indexes = [models.Index(fields=["person", "-at"], name="review_of_person")]

    def __str__(self) -> str:
        return f"{self.person}"


@dataclass
class Rights:
    """What one account may, and how it is used."""

    person: User
    roles: list[str] = field(default_factory=list)
    since: datetime | None = None
    markets: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    custodian: list[str] = field(default_factory=list)
    factors: list[str] = field(default_factory=list)
    tokens: int = 0
    last_review: RightsReview | None = None

    @property
    def privileged(self) -> bool:
        """Whether more depends on this account than on others: it gives rights, sees everything, or decides."""
        return self.person.is_superuser or self.person.is_staff or self.person.role in PRIVILEGED

    def as_facts(self) -> dict[str, Any]:
        return {
            "active": self.person.is_active,
            "role": self.person.role,
            "markets": self.markets,
            "leads": self.leads,
            "custodian": self.custodian,
            "factors": self.factors,
            "tokens": self.tokens,
            "staff": self.person.is_staff,
            "superuser": self.person.is_superuser,
        }


PRIVILEGED = {Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR, Role.PRIVACY, Role.REGULATORY, Role.SAFETY}
FACTORS = {"totp": "app", "webauthn": "passkey", "recovery_codes": "recovery codes"}


def rights_of(people: Iterable[User], at: datetime) -> list[Rights]:
    """The rights of these people at an instant, in a fixed number of statements."""
    from accounts.models import ApiToken, Appointment, Custodian, Post

    found = {person.pk: Rights(person) for person in people}
    of = {"user__in": list(found), "during__contains": at}
    for held in Appointment.objects.filter(**of).prefetch_related("markets"):
        row = found[held.user_id]
        row.roles.append(str(in_words(Role(held.role))))
        row.since = held.during.lower
        row.markets = sorted(market.code for market in held.markets.all())
    for post in Post.objects.filter(leads=True, **of).select_related("territory"):
        found[post.user_id].leads.append(post.territory.name)
    for custody in Custodian.objects.filter(**of).select_related("market"):
        found[custody.user_id].custodian.append(custody.market.code)
    factors: dict[Any, set[str]] = defaultdict(set)
    for user, kind in Authenticator.objects.filter(user__in=list(found)).values_list("user", "type"):
        factors[user].add(FACTORS[kind])
    for token in ApiToken.objects.filter(user__in=list(found), revoked_at=None).values_list(
        "user", flat=True
    ):
        found[token].tokens += 1
    latest = RightsReview.objects.filter(person__in=list(found)).values("person").annotate(last=Max("at"))
    last = {row["person"]: row["last"] for row in latest}
    reviews = RightsReview.objects.filter(person__in=list(last), at__in=list(last.values())).select_related(
        "reviewer"
    )
    for review in reviews:
        if review.at == last[review.person_id]:
            found[review.person_id].last_review = review
    for pk, kinds in factors.items():
        found[pk].factors = sorted(kinds)
    return list(found.values())
