"""From the MSL to field service: campaigns, the handovers in them, and every step each has taken."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.packs import in_force
from compliance.policy import DeclineReason, ExemptReason, HandoverState, Role
from handovers.accounts_asked import AccountAnswer, AccountRequest
from kols.models import Relation
from kols.models.ownership import in_tree
from products.models import Use

__all__ = [
    "IN_FLIGHT", "AccountAnswer", "AccountRequest", "Campaign", "ExitProposal", "Handover", "HandoverStep", "Reminder",
    "RiskFlag",
]  # fmt: skip

IN_FLIGHT = [
    HandoverState.DUE,
    HandoverState.PREPARED,
    HandoverState.ASSIGNED,
    HandoverState.ACCEPTED,
    HandoverState.APPROVED,
    HandoverState.FROZEN,
]


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> CampaignQuerySet:
        """Medical and oversight; field leads once something of it was prepared; reps have their inbox."""
        match user.role:
            case Role.MSL | Role.MSL_LEAD:
                return self.filter(market__in=user.market_ids)
            case Role.FIELD_LEAD:
                hers = Handover.objects.visible_to(user).filter(campaign=OuterRef("pk"))
                return self.filter(Exists(hers), market__in=user.market_ids, shown_to_field=True)
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


class Campaign(Record):
    """All handovers that one opening of a use has made due. Its status is the roll-up of its handovers."""

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="campaigns")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    opened_by_entry = models.UUIDField(help_text="The lifecycle entry that opened the use.")
    opened_at = models.DateTimeField()
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    release_hash = models.CharField(max_length=64, blank=True)
    shown_to_field = models.BooleanField(default=False, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["use", "opened_by_entry"], name="one_campaign_per_opening"),
            models.CheckConstraint(
                name="released_at_and_by_come_together",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.use)


class HandoverQuerySet(models.QuerySet["Handover"]):
    def with_rules(self) -> HandoverQuerySet:
        """Each with the version of its market's rules in force now, which says how long a stage may last."""
        from accounts.acting import now

        return self.annotate(rules=in_force(now(), of="market"))

    def visible_to(self, user: User) -> HandoverQuerySet:
        """Medical: its own market's.

        Field lead: her tree's, from PREPARED on. A rep: what was assigned to her (decision 11).
        """
        from accounts.people import team_of

        match user.role:
            case Role.MSL:
                return self.filter(Q(preparer=user), market__in=user.market_ids)
            case Role.MSL_LEAD:
                return self.filter(
                    Q(preparer=user) | Q(preparer__in=team_of(user)), market__in=user.market_ids
                )
            case Role.FIELD_LEAD:
                shown = self.filter(market__in=user.market_ids, shown_to_field=True)
                return shown.filter(in_tree(user, who="recipient", kol="relation__kol", market="market"))
            case Role.FIELD_SERVICE:
                return self.filter(recipient=user, shown_to_field=True)
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


class Handover(Record):
    """One attempt to move one relation from Medical to field service (rulebook section 3)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="handovers")
    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="handovers")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=choices(HandoverState))
    state_since = models.DateTimeField(
        help_text="Stage timers count from here; the clock stands still while frozen."
    )
    version = models.PositiveIntegerField(default=1)
    due_since = models.DateTimeField()
    preparer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", help_text="The MSL who answers for it."
    )
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    package = models.JSONField(
        default=dict, help_text="The dossier as signed: the whitelist of R-2.10 and nothing else."
    )
    package_hash = models.CharField(max_length=64, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=24, choices=choices(DeclineReason), blank=True)
    declines = models.PositiveSmallIntegerField(default=0)
    held = models.BooleanField(
        default=False, help_text="Frozen by an order of Compliance, not by the lifecycle."
    )
    review_on = models.DateField(null=True, blank=True)
    shown_to_field = models.BooleanField(default=False, editable=False)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ("state_since", "id")
        indexes = [
            models.Index(fields=["campaign", "state", "state_since", "id"], name="handovers_of_campaign"),
            models.Index(fields=["recipient", "state"], name="handovers_of_recipient"),
            models.Index(fields=["preparer", "state"], name="handovers_of_preparer"),
            models.Index(
                fields=["effective_at"], condition=Q(state="APPROVED"), name="handovers_to_make_effective"
            ),
            models.Index(fields=["relation"], name="handovers_of_relation"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["relation"],
                condition=Q(state__in=IN_FLIGHT),
                name="one_handover_in_flight_per_relation",
            ),
            models.CheckConstraint(
                name="assigned_and_later_has_a_recipient",
                condition=~Q(state__in=["ASSIGNED", "ACCEPTED", "APPROVED", "EFFECTIVE", "CLOSED"])
                | Q(recipient__isnull=False),
            ),
            models.CheckConstraint(
                name="approved_has_three_distinct_people",
                condition=~Q(state__in=["APPROVED", "EFFECTIVE", "CLOSED"])
                | Q(approver__isnull=False, prepared_by__isnull=False, effective_at__isnull=False)
                & ~Q(approver=F("prepared_by"))
                & ~Q(approver=F("recipient"))
                & ~Q(prepared_by=F("recipient")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relation}"

    def told_to(self, user: User | None) -> HandoverState:
        """The state as this person may know it.

        From acceptance to the move field service is told one thing: whether Medical has approved, has not looked
        yet, or looks at a flag first is Medical's (decision 12).
        """
        state = HandoverState(self.state)
        field = user is not None and user.role in (Role.FIELD_SERVICE, Role.FIELD_LEAD)
        return HandoverState.ACCEPTED if field and state == HandoverState.APPROVED else state


class RiskFlag(Record):
    """A medical reason for Compliance to look before a handover is approved (T-05).

    Never shown to field service.
    """

    class Code(models.TextChoices):
        INVESTIGATOR = "INVESTIGATOR", _("active investigator")
        CONTRACT = "CONTRACT", _("contracted expert")
        FORMULARY = "FORMULARY", _("formulary or guideline member")
        DO_NOT_CONTACT = "DO_NOT_CONTACT", _("does not want to be contacted")
        OBJECTION = "OBJECTION", _("objects to marketing")

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="flags")
    code = models.CharField(max_length=16, choices=Code)
    raised_at = models.DateTimeField()
    cleared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "code"], condition=Q(cleared_at=None), name="a_flag_is_raised_once"
            ),
            models.CheckConstraint(
                name="cleared_at_and_by_of_a_flag_come_together",
                condition=Q(cleared_at=None, cleared_by=None)
                | Q(cleared_at__isnull=False, cleared_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_code_display()


class ExitProposal(Record):
    """That a relation should stay with Medical, while a second person is asked (T-10, T-11).

    The reason is a code.
    """

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="proposals")
    to_state = models.CharField(max_length=10, choices=choices(HandoverState))
    reason = models.CharField(max_length=24, choices=choices(ExemptReason), blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover"], condition=Q(settled_at=None), name="one_open_proposal_per_handover"
            ),
            models.CheckConstraint(
                name="settled_at_and_by_of_an_exit_come_together",
                condition=Q(settled_at=None, settled_by=None)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_second_person_settles", condition=Q(settled_by=None) | ~Q(settled_by=F("proposed_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_to_state_display()}: {self.handover_id}"


class HandoverStep(Record):
    """One transition a handover took, who took it, and what was signed.

    Never changed, never removed (I-13).
    """

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="steps")
    transition = models.CharField(max_length=5)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=40, blank=True)
    facts = models.JSONField(default=dict)
    meaning = models.CharField(max_length=40, blank=True)
    signed_name = models.CharField(max_length=200, blank=True)
    signed_role = models.CharField(max_length=24, blank=True)
    package_hash = models.CharField(max_length=64, blank=True)
    manifest_hash = models.CharField(max_length=64, blank=True)
    batch = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ("at", "version", "id")
        constraints = [
            models.UniqueConstraint(fields=["handover", "version"], name="one_step_per_version"),
            models.UniqueConstraint(
                fields=["batch", "handover", "transition"],
                condition=Q(batch__isnull=False),
                name="a_batch_moves_a_handover_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transition}: {self.to_state}"


class Reminder(Record):
    """That a timer has fired for a stay in a state.

    Once each, whatever the clock and the workers do (3.4).
    """

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="reminders")
    version = models.PositiveIntegerField(help_text="The handover's version when it entered the state.")
    stage = models.CharField(max_length=20)
    fired_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "version", "stage"], name="a_timer_fires_once")
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.handover_id}"
