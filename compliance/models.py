"""The record of how the boundary was kept. Written through `compliance.audit` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from compliance.findings import Finding, FindingStep, Hearing, Measure
from compliance.policy import Role, Side
from compliance.seals import Anchor, Salt, Seal, Unsealed
from compliance.signatures import Meaning, Signature

if TYPE_CHECKING:
    from accounts.models import User

__all__ = [
    "Anchor",
    "AuditEntry",
    "Deviation",
    "Finding",
    "FindingStep",
    "Hearing",
    "Meaning",
    "Measure",
    "PackActivation",
    "RowChange",
    "Salt",
    "Seal",
    "Signature",
    "Unsealed",
]


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: User) -> AuditQuerySet:
        """The trail is read by oversight alone (R-107)."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


# Verbs that a refusal shares with the deed itself: what was refused did not take place, and must not read so.
TRIED = {
    "acknowledged": "acknowledge", "amended": "amend", "cancelled": "cancel", "completed": "complete", "logged": "log",
    "moved": "move", "planned": "plan", "reinstated": "reinstate", "reopened": "reopen", "restored": "restore",
    "withdrew": "withdraw",
}  # fmt: skip


class AuditEntry(Record):
    """One thing that somebody did, tried to do, or looked at. It reads as a sentence and never changes."""

    sequence = models.BigIntegerField(unique=True, editable=False)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True, help_text="The server's own clock.")
    transaction = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80, help_text="A person's id, or the name of the job.")
    actor_name = models.CharField(max_length=200)
    actor_role = models.CharField(max_length=24, blank=True)
    zone = models.CharField(max_length=40, blank=True, db_default="", help_text="The actor's time zone.")
    session = models.CharField(max_length=32, blank=True, db_default="", help_text="Not its key.")
    strength = models.CharField(max_length=60, blank=True, db_default="", help_text="How she signed in.")
    address = models.CharField(max_length=45, blank=True, db_default="")
    device = models.CharField(max_length=12, blank=True, db_default="", help_text="Its class alone.")
    software = models.CharField(max_length=60, blank=True, db_default="")
    batch = models.CharField(max_length=100, blank=True, db_default="", help_text="Idempotency key or job.")
    verb = models.CharField(max_length=60)
    refused = models.BooleanField(default=False)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    subject_words = models.CharField(max_length=300, blank=True)
    market_code = models.CharField(max_length=5, blank=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    act = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    decision = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    rules = models.JSONField(default=list)
    policy_version = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-sequence",)
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject_id", "-sequence"], name="audit_of_subject"),
            models.Index(fields=["actor", "-sequence"], name="audit_of_actor"),
            models.Index(fields=["verb", "-sequence"], name="audit_of_verb"),
            models.Index(fields=["-at", "-sequence"], name="audit_by_time"),
            models.Index(fields=["-sequence"], condition=models.Q(refused=True), name="audit_of_refusals"),
        ]

    def __str__(self) -> str:
        verb = f"tried to {TRIED[self.verb]}" if self.refused and self.verb in TRIED else self.verb
        return f"{self.actor_name} {verb} {self.subject_words}".strip()


class RowChange(models.Model):
    """One row of one table as it was before and after a write; put here by the database itself (decision 31)."""

    sequence = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(
        help_text="The server's own clock, whatever clock the transaction used."
    )
    transaction = models.BigIntegerField()
    actor = models.CharField(max_length=80)
    table = models.CharField(max_length=63)
    row = models.UUIDField(null=True)
    operation = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-sequence",)
        indexes = [
            models.Index(fields=["row", "-sequence"], name="changes_of_row"),
            models.Index(fields=["transaction"], name="changes_of_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table}"


class DeviationQuerySet(models.QuerySet["Deviation"]):
    def visible_to(self, user: User) -> DeviationQuerySet:
        """Oversight sees all; a reporter sees her own."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case "":
                return self.none()
            case _:
                return self.filter(reporter=user, reporter_side=user.side)


class Deviation(Record):
    """A prohibited act that already happened, told by somebody. Always a finding, never activity (R-143, 2.1)."""

    class Status(models.TextChoices):
        OPEN = "OPEN", _("open")
        CLOSED = "CLOSED", _("closed")

    reporter = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="deviations")
    reporter_side = models.CharField(max_length=12, choices=choices(Side))
    subject = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", help_text="Whose act it was."
    )
    happened_at = models.DateTimeField(_("when it happened"))
    recorded_at = models.DateTimeField()
    words = models.TextField(_("what happened"))
    act = models.JSONField(encoder=DjangoJSONEncoder)
    decision = models.JSONField(encoder=DjangoJSONEncoder)
    policy_version = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    closed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.TextField(_("conclusion"), blank=True)

    objects = DeviationQuerySet.as_manager()

    class Meta:
        ordering = ("-recorded_at", "id")
        indexes = [models.Index(fields=["-recorded_at", "id"], name="deviations_by_time")]
        constraints = [
            models.CheckConstraint(
                name="a_closed_deviation_has_a_conclusion",
                condition=models.Q(status="OPEN", closed_at=None, closed_by=None)
                | models.Q(status="CLOSED", closed_at__isnull=False, closed_by__isnull=False)
                & ~models.Q(conclusion=""),
            )
        ]

    def __str__(self) -> str:
        return self.words[:80]


class PackQuerySet(models.QuerySet["PackActivation"]):
    def visible_to(self, user: User) -> PackQuerySet:
        """Which rules hold is no secret; who proposed them is for those who bring them into force."""
        if user.role in (Role.COMPLIANCE, Role.AUDITOR, Role.PRIVACY, Role.REGULATORY):
            return self
        return self.none()

    def in_force(self, at: Any) -> PackQuerySet:
        """The confirmed ones that have begun by an instant, the one that holds first."""
        return self.filter(status=PackActivation.Status.CONFIRMED, effective_at__lte=at).order_by(
            "-effective_at", "-settled_at"
        )


class PackActivation(Record):
    """That a version of a market's rules is to come, or came, into force (R-160).

    Two people bring it: one proposes, another confirms. The first version of a market came with the market
    itself (`opening`). Without an instant it holds from its confirmation. A settled one never changes.
    """

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("proposed")
        CONFIRMED = "CONFIRMED", _("confirmed")
        REJECTED = "REJECTED", _("rejected")

    market = models.ForeignKey("accounts.Market", on_delete=models.PROTECT, related_name="packs")
    version = models.CharField(max_length=20)
    effective_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    opening = models.BooleanField(default=False)
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "id")
        indexes = [models.Index(fields=["market", "-effective_at"], name="packs_of_market")]
        constraints = [
            models.UniqueConstraint(
                name="one_proposal_at_a_time_for_each_market",
                fields=["market"],
                condition=models.Q(status="PROPOSED"),
            ),
            models.CheckConstraint(
                name="rules_in_force_have_an_instant",
                condition=~models.Q(status="CONFIRMED") | models.Q(effective_at__isnull=False),
            ),
            models.CheckConstraint(
                name="two_people_bring_rules_into_force",
                condition=models.Q(opening=True, status="CONFIRMED", proposed_by=None, settled_by=None)
                | models.Q(opening=False, proposed_by__isnull=False)
                & (
                    models.Q(status="PROPOSED", settled_by=None, settled_at=None)
                    | models.Q(status="REJECTED", settled_by__isnull=False, settled_at__isnull=False)
                    | models.Q(status="CONFIRMED", settled_by__isnull=False, settled_at__isnull=False)
                    & ~models.Q(settled_by=models.F("proposed_by"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market.code} {self.version}"
