"""The launch release: two signatures from which on what is authorised may be promoted, where a market's rules ask for
them (R-010). Before it, the use stands in the embargo: authorised, and still before its opening.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User
from compliance import packs
from compliance.policy import Role, Side, State

if TYPE_CHECKING:
    from products.models import LifecycleEntry

__all__ = ["AWAITED", "LaunchRelease", "demanded", "promotable"]

# What stands for "not yet known" where an instant is compared: the view of periods says it, and pages never do.
AWAITED = datetime(9999, 1, 1, tzinfo=UTC)
OPENS = (State.AUTHORISED, State.CONDITIONAL)


def demanded(state: str, market: Market, at: datetime) -> bool:
    """Whether the rules in force in a market at that instant let a state open only with a launch release."""
    return state in OPENS and bool(packs.demanded(market, at, "R-010 launch_release"))


def promotable(entry: LifecycleEntry) -> datetime | None:
    """From when an entry that is only proposed would let promotion begin; `AWAITED` where a release is to come."""
    if entry.effective_at is not None and demanded(entry.state, entry.use.market, entry.effective_at):
        return AWAITED
    return entry.promotable_from


class LaunchReleaseQuerySet(models.QuerySet["LaunchRelease"]):
    def proposed(self) -> LaunchReleaseQuerySet:
        """Those that wait for Compliance."""
        return self.filter(confirmed_at=None, rejected_at=None)

    def visible_to(self, user: User) -> LaunchReleaseQuerySet:
        """Regulatory and oversight; everybody else learns of it when the use opens."""
        return self if user.role == Role.REGULATORY or user.side is Side.OVERSIGHT else self.none()


class LaunchRelease(Record):
    """That an authorisation may be promoted, proposed by Regulatory and signed by Compliance; never backwards (R-010)."""

    entry = models.ForeignKey("products.LifecycleEntry", on_delete=models.PROTECT, related_name="releases")
    evidence = models.CharField(
        _("evidence"), max_length=500, help_text=_("What is ready: label, materials, supply, scheduling.")
    )
    wanted_from = models.DateTimeField(_("may be promoted from"), null=True, blank=True)
    promotable_from = models.DateTimeField(null=True, editable=False)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    confirmed_at = models.DateTimeField(null=True, editable=False)
    rejected_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    rejected_at = models.DateTimeField(null=True, editable=False)
    rejection = models.CharField(max_length=300, blank=True, editable=False)

    objects = LaunchReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(rejected_at=None), name="an_authorisation_is_released_once"
            ),
            models.CheckConstraint(
                name="two_people_sign_a_launch_release",
                condition=Q(confirmed_by=None, confirmed_at=None, promotable_from=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, promotable_from__isnull=False)
                & Q(promotable_from__gte=F("confirmed_at"))
                & ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="a_release_is_confirmed_or_rejected_not_both",
                condition=Q(rejected_at=None, rejected_by=None)
                | Q(rejected_at__isnull=False, rejected_by__isnull=False, confirmed_at=None)
                & ~Q(rejection=""),
            ),
            models.CheckConstraint(name="a_release_has_its_evidence", condition=~Q(evidence="")),
        ]

    def __str__(self) -> str:
        return f"launch of {self.entry.use}"
