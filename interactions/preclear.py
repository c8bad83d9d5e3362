"""Pre-approval by Compliance: asked for beforehand, granted or not, for one person, act and time (PRECLEAR)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Kind, Role, Side
from kols.models import KOL
from products.models import LifecycleEntry, Use

__all__ = ["Preclearance"]


class PreclearanceQuerySet(models.QuerySet["Preclearance"]):
    def open(self) -> PreclearanceQuerySet:
        return self.filter(decided_at=None)

    def with_lapse(self, at: datetime) -> PreclearanceQuerySet:
        """Each with whether its product stands otherwise by now than Compliance could know (R-008)."""
        since = Coalesce("voids__effective_at", "effective_at")
        counts = Case(When(voids=None, then="confirmed_at"), default="countersigned_at")
        entries = LifecycleEntry.objects.annotate(since=since, counts=counts).filter(
            use=OuterRef("use"), since__lte=at, counts__gte=OuterRef("decided_at")
        )
        return self.annotate(lapsed=Exists(entries))

    def visible_to(self, user: User) -> PreclearanceQuerySet:
        """Compliance and auditors see all; everybody else her own, on the side on which she asked."""
        if user.role in (Role.COMPLIANCE, Role.AUDITOR):
            return self
        return self.filter(author=user, author_side=user.side) if user.role else self.none()


class Preclearance(Record):
    """Somebody's question to Compliance before an act, and the answer. Neither is ever changed.

    Without `kol` it is for whoever is there, as at a congress; without `use` for what is about no product.
    With `record` it is about a date moved across a boundary after the first save (R-069), and `about` marks the
    act as it stood: it clears that act alone, and nothing else.
    """

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="preclearances")
    author_side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    kind = models.CharField(_("kind"), max_length=24, choices=choices(Kind))
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    record = models.ForeignKey(
        "interactions.Interaction", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    about = models.CharField(max_length=64, blank=True, editable=False)
    during = DateTimeRangeField()
    why = models.CharField(_("why it is needed"), max_length=1000)
    asked_at = models.DateTimeField(editable=False)
    granted = models.BooleanField(null=True, editable=False)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)

    objects = PreclearanceQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "id")
        indexes = [
            models.Index(fields=["author", "kind"], condition=Q(granted=True), name="preclearances_granted"),
            models.Index(fields=["asked_at"], condition=Q(decided_at=None), name="preclearances_open"),
        ]
        constraints = [
            models.CheckConstraint(name="a_question_to_compliance_says_why", condition=~Q(why="")),
            models.CheckConstraint(
                name="a_question_about_a_record_marks_its_act",
                condition=Q(record=None, about="") | Q(record__isnull=False) & ~Q(about=""),
            ),
            models.UniqueConstraint(
                fields=["record", "about"], condition=Q(decided_at=None), name="a_date_is_asked_about_once"
            ),
            models.CheckConstraint(
                name="a_preclearance_is_answered_whole",
                condition=Q(granted=None, decided_by=None, decided_at=None, answer="")
                | Q(granted__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(answer="")
                & ~Q(decided_by=F("author")),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(map(str, filter(None, (self.get_kind_display(), self.kol, self.use))))


def covered(use: Use | None, kols: Iterable[KOL], cleared: Iterable[tuple[UUID | None, UUID | None]]) -> bool:
    """Whether one of these, each a product and an expert, is for that topic before all who are there."""
    about = use.pk if use else None
    there = {kol.pk for kol in kols}
    return any(of == about and (kol is None or there <= {kol}) for of, kol in cleared)
