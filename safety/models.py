"""What was heard about side effects. Taken from anybody, at any time, whatever else is wrong (R-126 to R-134)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Role, Side
from kols.models import KOL
from products.models import Product
from safety.cues import Cue
from safety.desks import Desk, Route
from safety.reconciliation import Reconciliation

__all__ = ["Clinical", "Cue", "Desk", "Reconciliation", "Route", "SafetyReport"]


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

    def waiting(self) -> SafetyQuerySet:
        """What a desk of ours has not acknowledged yet."""
        return self.filter(acknowledged_at=None).exclude(route=Route.OTHER_COMPANY)


class SafetyReport(Record):
    """A side effect or special situation that somebody mentioned. The clock runs from `learned_at` (R-128).

    What was said of whom stands in `Clinical` and goes after the desk has it; this row stays (PP-20).
    """

    class Pointed(models.TextChoices):
        HOLDER = "HOLDER", _("to the company that holds the authorisation")
        AUTHORITY = "AUTHORITY", _("to the authority")
        BOTH = "BOTH", _("to both")

    reporter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="safety_reports")
    reporter_side = models.CharField(max_length=12, choices=choices(Side))
    client_ref = models.UUIDField(null=True, blank=True)
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    about_type = models.CharField(max_length=20, blank=True, help_text="The kind of record it was told from.")
    about_id = models.UUIDField(null=True, blank=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    route = models.CharField(max_length=14, choices=Route, default=Route.PV)
    pointed_to = models.CharField(_("you pointed the reporter"), max_length=10, choices=Pointed, blank=True)
    may_call_back = models.BooleanField(_("may Safety call back"), default=False)
    learned_at = models.DateTimeField(_("when you learned of it"))
    due_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    late_reason = models.CharField(_("why it is late"), max_length=200, blank=True)
    mail_after = models.DateTimeField(
        null=True, blank=True, help_text="When it is mailed next; empty: never."
    )
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_problem = models.CharField(max_length=60, blank=True)
    escalated = models.PositiveSmallIntegerField(default=0)
    escalates_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case_id = models.CharField(_("case number"), max_length=60, blank=True)
    purge_after = models.DateTimeField(null=True, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = SafetyQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "id")
        indexes = [
            models.Index(fields=["-recorded_at", "id"], name="safety_by_time"),
            models.Index(fields=["due_at"], condition=Q(acknowledged_at=None), name="safety_waiting"),
            models.Index(fields=["mail_after"], condition=Q(mailed_at=None), name="safety_to_mail"),
            models.Index(fields=["escalates_at"], condition=Q(acknowledged_at=None), name="safety_escalates"),
            models.Index(fields=["purge_after"], condition=Q(purged_at=None), name="safety_to_purge"),
            models.Index(fields=["about_id"], condition=Q(about_id__isnull=False), name="safety_about"),
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
        return f"{self.number}, {self.recorded_at:%d %b %Y}"

    @property
    def number(self) -> str:
        """What people call it by: it stays when the words are gone."""
        return f"SE-{self.pk.hex[:8].upper()}"

    @property
    def message_id(self) -> str:
        """One for every attempt, so that a second mail is known as the same."""
        return f"safety-{self.pk}"

    @property
    def said(self) -> dict[str, Any]:
        """What was said, as long as it is kept."""
        try:
            return dict(self.clinical.content)
        except Clinical.DoesNotExist:
            return {}

    @property
    def what_happened(self) -> str:
        return str(self.said.get("what_happened", ""))

    @property
    def product_words(self) -> str:
        return str(self.said.get("product_words", ""))

    @property
    def criteria(self) -> list[tuple[Any, bool]]:
        """The four things a valid case needs. What is missing is asked for later and blocks nothing (R-129)."""
        said = self.said
        return [
            (_("Patient who can be told apart"), bool(said.get("patient"))),
            (_("Somebody who told it"), bool(said.get("who_told"))),
            (_("Product"), bool(said.get("product_words"))),
            (_("What happened"), bool(said.get("what_happened"))),
        ]

    @property
    def late(self) -> bool:
        """It came after its time (R-128)."""
        return self.recorded_at > self.due_at


class ClinicalQuerySet(models.QuerySet["Clinical"]):
    def visible_to(self, user: User) -> ClinicalQuerySet:
        """With the report it belongs to."""
        return self.filter(report__in=SafetyReport.objects.visible_to(user).values("pk"))


class Clinical(Record):
    """What was said of a patient: written once, in no history, gone some time after the desk has it (PP-20).

    `content` is the one column that the history of rows leaves out.
    """

    report = models.OneToOneField(SafetyReport, on_delete=models.PROTECT, related_name="clinical")
    content = models.JSONField()

    objects = ClinicalQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "clinical"

    def __str__(self) -> str:
        return self.report.number
