"""What was heard about side effects. Taken from anybody, at any time, whatever else is wrong (R-126 to R-134)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Role, Side
from kols.models import KOL
from products.models import Product


class SafetyQuerySet(models.QuerySet["SafetyReport"]):
    def visible_to(self, user: User) -> SafetyQuerySet:
        """Safety and oversight: all. Everybody else: what she reported on the side she stands on (R-106, R-110)."""
        match user.role:
            case Role.SAFETY | Role.COMPLIANCE | Role.AUDITOR:
                return self
            case "":
                return self.none()
            case _:
                return self.filter(reporter=user, reporter_side=user.side)


class SafetyReport(Record):
    """A side effect or special situation that somebody mentioned. The clock runs from `learned_at` (R-128)."""

    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="safety_reports")
    reporter_side = models.CharField(max_length=12, choices=choices(Side))
    client_ref = models.UUIDField(null=True, blank=True)
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    product_words = models.CharField(_("product"), max_length=200)
    market = models.ForeignKey(Market, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    what_happened = models.TextField(_("what happened"))
    who_told = models.CharField(_("who told you"), max_length=200, blank=True)
    may_call_back = models.BooleanField(_("may Safety call back"), default=False)
    learned_at = models.DateTimeField(_("when you learned of it"))
    due_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    late_reason = models.CharField(_("why it is late"), max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case_id = models.CharField(_("case number"), max_length=60, blank=True)

    objects = SafetyQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "id")
        indexes = [
            models.Index(fields=["-recorded_at", "id"], name="safety_by_time"),
            models.Index(fields=["due_at"], condition=Q(acknowledged_at=None), name="safety_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "client_ref"],
                condition=Q(client_ref__isnull=False),
                name="a_report_is_taken_once",
            ),
            models.CheckConstraint(
                name="an_acknowledged_report_has_a_case",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(case_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_words}, {self.recorded_at:%d %b %Y}"
