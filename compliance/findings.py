"""What was found, what follows from it, and what the person it is about is told (R-153 to R-155)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from compliance import finding_steps as steps
from compliance.policy import Role, Side

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["Finding", "FindingStep", "Hearing", "Measure"]


class OversightQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> OversightQuerySet:
        """Compliance and auditors; whoever it is about is told in a hearing, and of nothing else (R-154)."""
        return self if user.role in (Role.COMPLIANCE, Role.AUDITOR) else self.none()


class Finding(Record):
    """Something that was, or may have been, against a rule, from the first word to the check that it is over.

    A deviation opens one by itself. A finding is never deleted, and what it says it was about never changes.
    `record` is one way: from here to the record, never back.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("open")
        TRIAGED = "TRIAGED", _("triaged")
        INVESTIGATING = "INVESTIGATING", _("under investigation")
        CONFIRMED = "CONFIRMED", _("confirmed")
        UNFOUNDED = "UNFOUNDED", _("unfounded")
        CAPA_PLANNED = "CAPA_PLANNED", _("measures planned")
        CAPA_DONE = "CAPA_DONE", _("measures done")
        EFFECTIVENESS_CHECK = "EFFECTIVENESS_CHECK", _("effect being checked")
        CLOSED = "CLOSED", _("closed")
        REOPENED = "REOPENED", _("reopened")

    class Grade(models.TextChoices):
        CRITICAL = "CRITICAL", _("critical")
        MAJOR = "MAJOR", _("major")
        MINOR = "MINOR", _("minor")
        OBSERVATION = "OBSERVATION", _("observation")

    class Source(models.TextChoices):
        DEVIATION = "DEVIATION", _("a deviation that was told")
        REVIEW = "REVIEW", _("a review")
        OBSERVATION = "OBSERVATION", _("a visit that was observed")
        PRODUCT = "PRODUCT", _("found by the product")

    source = models.CharField(max_length=12, choices=Source)
    market = models.ForeignKey("accounts.Market", on_delete=models.PROTECT, related_name="+")
    deviation = models.OneToOneField(
        "compliance.Deviation", on_delete=models.PROTECT, null=True, related_name="finding"
    )
    record = models.UUIDField(null=True, help_text="The record of contact it is about.")
    subject = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    subject_side = models.CharField(max_length=12, choices=choices(Side), blank=True)
    rules = models.JSONField(default=list)
    words = models.TextField(_("what was found"))
    opened_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    grade = models.CharField(max_length=12, choices=Grade, blank=True)
    investigator = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    check_from = models.DateField(null=True, help_text="The first day on which the effect may be checked.")
    closed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    conclusion = models.TextField(_("conclusion"), blank=True)

    objects = OversightQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "-id")
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="findings_by_time"),
            models.Index(fields=["status"], condition=~Q(status="CLOSED"), name="findings_not_closed"),
            models.Index(fields=["subject", "-opened_at"], name="findings_about"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_finding_weighs_something_once_triaged",
                condition=Q(status="OPEN", grade="") | ~Q(status="OPEN") & ~Q(grade=""),
            ),
            models.CheckConstraint(
                name="a_closed_finding_says_by_whom_and_why",
                condition=~Q(status="CLOSED") & Q(closed_by=None, closed_at=None)
                | Q(status="CLOSED", closed_by__isnull=False, closed_at__isnull=False) & ~Q(conclusion=""),
            ),
            models.CheckConstraint(
                name="nobody_looks_into_or_closes_what_is_about_her",
                condition=Q(subject=None)
                | (Q(investigator=None) | ~Q(investigator=F("subject")))
                & (Q(closed_by=None) | ~Q(closed_by=F("subject"))),
            ),
            models.CheckConstraint(
                name="who_looked_into_it_does_not_close_it",
                condition=Q(closed_by=None) | Q(investigator=None) | ~Q(closed_by=F("investigator")),
            ),
        ]

    def __str__(self) -> str:
        return self.words[:80]

    @property
    def steps(self) -> list[steps.Step]:
        return steps.steps_from(self.status, self.grade)

    @property
    def due_on(self) -> date | None:
        """The day by which the next step has a target (PP-23); until it is triaged, as if it were critical."""
        opened = self.market.local_day(self.opened_at)
        if self.status in steps.UNTRIAGED:
            return steps.due(self.market, opened, steps.triage_days(steps.Grade.CRITICAL))
        if self.status in steps.UNPLANNED:
            return steps.due(self.market, opened, steps.plan_days(self.grade))
        return self.check_from if self.status == self.Status.CAPA_DONE else None

    @property
    def first_check(self) -> date | None:
        """When the effect may be checked at the earliest: so long after the last measure was done (R-155)."""
        done = [one.done_at for one in self.measures.all()]
        if not done or None in done:
            return None
        last = max(at for at in done if at is not None)
        days = steps.parameter("PP-23 effectiveness_check_after_days")
        return self.market.local_day(last) + timedelta(days=days)


class FindingStep(Record):
    """One step of a finding, with who took it, why, and on what evidence. Written once."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="history")
    step = models.CharField(max_length=12)
    before = models.CharField(max_length=20, choices=Finding.Status)
    after = models.CharField(max_length=20, choices=Finding.Status)
    words = models.TextField()
    evidence = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = OversightQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        indexes = [models.Index(fields=["finding", "at"], name="steps_of_finding")]
        constraints = [models.CheckConstraint(name="a_step_says_why", condition=~Q(words=""))]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class OwnQuerySet(models.QuerySet):
    whose = ("owner", "owner_side")

    def open(self) -> OwnQuerySet:
        return self.filter(done_at=None)

    def visible_to(self, user: User) -> OwnQuerySet:
        """Oversight sees all; whoever it is for, her own, on the side she had it on."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case "":
                return self.none()
            case _:
                person, side = self.whose
                return self.filter(**{person: user, side: user.side})


class HeardQuerySet(OwnQuerySet):
    whose = ("person", "side")


class Hearing(Record):
    """What the person a finding is about is told of it, and what she says to it. She sees this and no more (R-154)."""

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="hearing")
    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="hearings")
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    told = models.TextField(_("what you are told"))
    told_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField()
    statement = models.TextField(_("what you say to it"), blank=True)
    stated_at = models.DateTimeField(null=True)
    outcome = models.TextField(_("what came of it"), blank=True)
    outcome_at = models.DateTimeField(null=True)

    objects = HeardQuerySet.as_manager()

    class Meta:
        ordering = ("-told_at", "id")
        indexes = [models.Index(fields=["person", "-told_at"], name="hearings_of_person")]
        constraints = [
            models.CheckConstraint(
                name="a_statement_says_when",
                condition=Q(statement="", stated_at=None) | ~Q(statement="") & Q(stated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_outcome_says_when",
                condition=Q(outcome="", outcome_at=None) | ~Q(outcome="") & Q(outcome_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.told[:80]


class Measure(Record):
    """What follows from a finding: somebody does something by a day, and says what was done (R-155)."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="measures")
    what = models.CharField(_("what is to be done"), max_length=500)
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="measures")
    owner_side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    due_on = models.DateField(_("due"))
    set_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(_("what was done"), max_length=500, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "id")
        indexes = [
            models.Index(fields=["owner", "due_on"], condition=models.Q(done_at=None), name="measures_open")
        ]
        constraints = [
            models.CheckConstraint(
                name="a_measure_is_done_with_evidence",
                condition=models.Q(done_at=None, evidence="")
                | models.Q(done_at__isnull=False) & ~models.Q(evidence=""),
            )
        ]

    def __str__(self) -> str:
        return self.what
