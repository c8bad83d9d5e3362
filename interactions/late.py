"""What was recorded late, and what it changes in hindsight: nothing is rewritten, every difference is named (R-008)."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import User
from compliance.policy import Role
from interactions.given import Part
from products.models import LifecycleEntry

__all__ = ["Cause", "Mismatch", "Rejudging"]


class Cause(models.TextChoices):
    """What was recorded that contacts before it have to be judged by anew."""

    ENTRY = "ENTRY", _("a state of a product")
    LABEL = "LABEL", _("a version of a label")
    RULES = "RULES", _("the rules of a market")
    POST = "POST", _("a role")
    OWNER = "OWNER", _("who answers to the expert")
    CERTIFICATE = "CERTIFICATE", _("a certificate")
    WISH = "WISH", _("a consent, an objection or a notice")


class Rejudging(Record):
    """The work of judging anew what a late fact touches, batch by batch: one for each entry of a lifecycle, and one
    for each change of what else a contact is judged by, left by the database in the transaction that records it.

    `about` is the use, market, person or expert the fact is about.
    """

    cause = models.CharField(max_length=12, choices=Cause, default=Cause.ENTRY)
    entry = models.OneToOneField(
        LifecycleEntry, on_delete=models.PROTECT, null=True, related_name="rejudging"
    )
    about = models.UUIDField(null=True)
    row = models.UUIDField(null=True, help_text="The row that was written.")
    known_at = models.DateTimeField(
        null=True, help_text="When it was on paper; of an entry, it says so itself."
    )
    since = models.DateTimeField(help_text="The instant from which the entry holds.")
    until = models.DateTimeField(help_text="The instant from which it was known.")
    after = models.UUIDField(null=True, help_text="The last record that was judged anew.")
    judged = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("begun_at", "id")
        indexes = [models.Index(fields=["begun_at", "id"], condition=Q(done_at=None), name="rejudgings_open")]
        constraints = [
            models.CheckConstraint(
                name="what_is_judged_anew_has_its_cause",
                condition=Q(cause=Cause.ENTRY, entry__isnull=False, about=None, known_at=None)
                | ~Q(cause=Cause.ENTRY) & Q(entry=None, about__isnull=False, known_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.entry or self.get_cause_display())


class MismatchQuerySet(models.QuerySet["Mismatch"]):
    def open(self) -> MismatchQuerySet:
        return self.filter(settled_at=None)

    def visible_to(self, user: User) -> MismatchQuerySet:
        """Oversight sees all; an author her own, on the side on which she wrote."""
        if user.role in (Role.COMPLIANCE, Role.AUDITOR):
            return self
        return self.filter(author=user, interaction__author_side=user.side) if user.role else self.none()


class Mismatch(Part):
    """A contact that would be judged otherwise by what was recorded after it (R-008).

    The record and its receipt stay as they are. `known_when_acted` says whether it was on paper when the contact
    took place; who could not know acted in good faith.
    """

    entry = models.ForeignKey(LifecycleEntry, on_delete=models.PROTECT, null=True, related_name="mismatches")
    work = models.ForeignKey(Rejudging, on_delete=models.PROTECT, null=True, related_name="mismatches")
    before = models.JSONField(encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)
    known_when_acted = models.BooleanField()
    found_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(_("what was found"), max_length=500, blank=True)

    objects = MismatchQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ("-found_at", "id")
        verbose_name_plural = "mismatches"
        indexes = [models.Index(fields=["-found_at"], condition=Q(settled_at=None), name="mismatches_open")]
        constraints = [
            models.UniqueConstraint(fields=["interaction", "entry"], name="a_late_entry_meets_a_record_once"),
            models.UniqueConstraint(fields=["interaction", "work"], name="a_late_fact_meets_a_record_once"),
            models.CheckConstraint(
                name="a_mismatch_has_its_cause", condition=Q(entry__isnull=False) | Q(work__isnull=False)
            ),
            models.CheckConstraint(
                name="a_settled_mismatch_says_by_whom_and_why",
                condition=Q(settled_by=None, settled_at=None, reason="")
                | Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.interaction)

    @property
    def because(self) -> str:
        """What was recorded, in words."""
        if self.entry is not None:
            return str(self.entry.use)
        return str(self.work.get_cause_display()) if self.work is not None else ""
