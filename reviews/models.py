"""Samples of records, what reviewers say of each, what authors are asked, and the visits that are observed (R-150 to R-152).

All of it is for oversight alone; a question to an author is hers as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Role, Side
from interactions.models import Interaction

if TYPE_CHECKING:
    from reviews.drawing import Rates

__all__ = ["Draw", "Inquiry", "Item", "Observation"]


class ForOversight(models.QuerySet):
    def visible_to(self, user: User) -> ForOversight:
        return self if user.role in (Role.COMPLIANCE, Role.AUDITOR) else self.none()


class Draw(Record):
    """A sample with all that is needed to draw it again: frame, seed, version of the way (R-151). It never changes."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(help_text="Entries recorded from this instant on,")
    until = models.DateTimeField(help_text="and before this one.")
    frame = models.JSONField(help_text="Every entry there was, with what was known of it: `drawing.Entry`.")
    frame_sha256 = models.CharField(max_length=64)
    frame_size = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=8)
    percent = models.PositiveSmallIntegerField()
    at_least = models.PositiveSmallIntegerField()
    policy_version = models.CharField(max_length=64)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    objects = ForOversight.as_manager()

    class Meta:
        ordering = ("-drawn_at", "-id")
        indexes = [models.Index(fields=["-drawn_at", "-id"], name="draws_by_time")]
        constraints = [
            models.CheckConstraint(name="a_draw_is_from_a_period", condition=Q(since__lt=F("until")))
        ]

    def __str__(self) -> str:
        first, last = self.market.local_day(self.since), self.market.local_day(self.until)
        return f"{self.market.code} {first:%Y-%m-%d} – {last:%Y-%m-%d}"

    @property
    def rates(self) -> Rates:
        from reviews.drawing import Rates

        return Rates(percent=self.percent, at_least=self.at_least)


class Item(Record):
    """One record of a sample, every reason why it is there, and what the reviewer said of it.

    The database names its author, lets nothing in after the draw without a reason, and lets nobody decide who
    is its author or stands in her line (R-151, R-152). A decision is made once; a question waits for its answer.
    """

    class Verdict(models.TextChoices):
        FINE = "FINE", _("no objection")
        FINDING = "FINDING", _("finding")
        QUESTION = "QUESTION", _("author asked")

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+")
    deviation = models.ForeignKey(
        "compliance.Deviation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1)
    reasons = models.JSONField()
    added_because = models.CharField(_("why it was added"), max_length=300, blank=True)
    added_at = models.DateTimeField(editable=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)
    note = models.TextField(_("what was seen"), blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    finding = models.ForeignKey("compliance.Finding", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ForOversight.as_manager()

    class Meta:
        ordering = ("draw", "position", "id")
        indexes = [
            models.Index(fields=["draw", "position"], name="items_of_draw"),
            models.Index(
                fields=["draw", "position"], condition=Q(verdict__in=["", "QUESTION"]), name="items_to_review"
            ),
            models.Index(fields=["author", "-added_at"], name="items_of_author"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["draw", "interaction"], name="a_sample_holds_an_entry_once"),
            models.UniqueConstraint(fields=["draw", "deviation"], name="a_sample_holds_a_deviation_once"),
            models.CheckConstraint(
                name="an_item_is_an_entry_or_a_deviation",
                condition=Q(interaction__isnull=False, deviation=None)
                | Q(interaction=None, deviation__isnull=False),
            ),
            models.CheckConstraint(
                name="a_decided_item_says_by_whom",
                condition=Q(verdict="", decided_by=None, decided_at=None)
                | ~Q(verdict="") & Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_finding_of_a_review_is_named",
                condition=Q(verdict="FINDING", finding__isnull=False) & ~Q(note="")
                | ~Q(verdict="FINDING") & Q(finding=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.interaction or self.deviation or "")

    @property
    def open(self) -> bool:
        return self.verdict in ("", self.Verdict.QUESTION)


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, user: User) -> InquiryQuerySet:
        """Oversight sees all; an author what she was asked, on the side on which she was."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case "":
                return self.none()
            case _:
                return self.filter(author=user, author_side=user.side)


class Inquiry(Record):
    """A reviewer's question about an entry to its author, and her answer."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="inquiries")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField(_("question"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(null=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "id")
        verbose_name_plural = "inquiries"
        indexes = [models.Index(fields=["author", "-asked_at"], name="inquiries_to_author")]
        constraints = [
            models.CheckConstraint(
                name="an_answer_says_when",
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.words[:80]


class Observation(Record):
    """Somebody's work looked at live, or some records read through: planned for a day, and what was seen."""

    class Kind(models.TextChoices):
        VISIT = "VISIT", _("visit observed")
        RECORDS = "RECORDS", _("records read")

    class Result(models.TextChoices):
        FINE = "FINE", _("no objection")
        FINDING = "FINDING", _("finding")

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    planned_on = models.DateField(_("planned by"))
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+")
    words = models.TextField(_("what was seen"), blank=True)
    result = models.CharField(_("result"), max_length=8, choices=Result, blank=True)
    observed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    observed_at = models.DateTimeField(null=True)
    finding = models.ForeignKey("compliance.Finding", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ForOversight.as_manager()

    class Meta:
        ordering = ("planned_on", "person", "id")
        indexes = [models.Index(fields=["market", "planned_on"], name="observations_by_day")]
        constraints = [
            models.CheckConstraint(
                name="an_observation_says_by_whom_and_what",
                condition=Q(result="", observed_by=None, observed_at=None, words="")
                | ~Q(result="") & Q(observed_by__isnull=False, observed_at__isnull=False) & ~Q(words=""),
            ),
            models.CheckConstraint(
                name="nobody_observes_herself", condition=Q(observed_by=None) | ~Q(observed_by=F("person"))
            ),
            models.CheckConstraint(
                name="a_finding_of_an_observation_is_named",
                condition=Q(result="FINDING", finding__isnull=False) | ~Q(result="FINDING") & Q(finding=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_kind_display()}"
