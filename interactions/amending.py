"""What may still happen to a signed record: the next version of it, or that it is voided (R-142 to R-144).

Both are proposals until the guard of the database has carried them out, on the evidence of the signatures under them.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from interactions.given import Part

__all__ = ["Amendment", "Outcome", "Voiding"]


class Outcome(models.TextChoices):
    """How a proposal ended."""

    OPEN = "OPEN", _("waits for approval")
    DONE = "DONE", _("in force")
    REJECTED = "REJECTED", _("not approved")


SETTLED = Q(outcome="OPEN", settled_by=None, settled_at=None) | ~Q(outcome="OPEN") & Q(
    settled_by__isnull=False, settled_at__isnull=False
)


class Proposal(Part):
    """A change of a signed record: the author asked for it and signed; others may have to sign as well."""

    reason = models.CharField(_("reason"), max_length=1000)
    asked_at = models.DateTimeField(editable=False)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN, editable=False)
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    settled_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(_("why not"), max_length=500, blank=True)

    class Meta(Part.Meta):
        abstract = True


class Amendment(Proposal):
    """The next version of a signed record, with the reason. The earlier one stays readable (R-142).

    `draft` holds the version as proposed. `decides` says whether it changes what the boundary judged, so that the line
    and Compliance have to approve (R-143); the database finds that out itself.
    """

    class Code(models.TextChoices):
        WRONG = "WRONG", _("something was written down wrongly")
        LEFT_OUT = "LEFT_OUT", _("something was left out")
        WRONG_DATE = "WRONG_DATE", _("wrong day or time")
        WRONG_PERSON = "WRONG_PERSON", _("wrong or missing person")
        WRONG_TOPIC = "WRONG_TOPIC", _("wrong or missing topic")

    draft = models.OneToOneField(
        "interactions.Interaction", on_delete=models.PROTECT, related_name="amends", editable=False
    )
    base_version = models.PositiveIntegerField(editable=False)
    code = models.CharField(_("what was wrong"), max_length=12, choices=Code)
    decides = models.BooleanField(null=True, editable=False)

    class Meta:
        ordering = ("-asked_at", "id")
        indexes = [models.Index(fields=["asked_at"], condition=Q(outcome="OPEN"), name="amendments_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction"], condition=Q(outcome="OPEN"), name="a_record_is_amended_once_at_a_time"
            ),
            models.CheckConstraint(name="an_amendment_has_its_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="a_settled_amendment_says_by_whom", condition=SETTLED),
        ]

    def __str__(self) -> str:
        return self.reason


class Voiding(Proposal):
    """That a record does not count: wrong person or twice entered. It stays visible, struck through (R-144).

    Two people sign, the author and her line; where the author reports a deviation instead, she alone (R-143).
    """

    class Code(models.TextChoices):
        WRONG_PERSON = "WRONG_PERSON", _("it was somebody else")
        DUPLICATE = "DUPLICATE", _("it is entered twice")
        DEVIATION = "DEVIATION", _("it is a deviation")

    code = models.CharField(_("why"), max_length=12, choices=Code)
    deviation = models.ForeignKey(
        "compliance.Deviation", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ("-asked_at", "id")
        indexes = [models.Index(fields=["asked_at"], condition=Q(outcome="OPEN"), name="voidings_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction"],
                condition=Q(outcome__in=["OPEN", "DONE"]),
                name="a_record_is_voided_once",
            ),
            models.CheckConstraint(name="a_voiding_has_its_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="a_settled_voiding_says_by_whom", condition=SETTLED),
            models.CheckConstraint(
                name="voided_as_a_deviation_names_it",
                condition=Q(code="DEVIATION", deviation__isnull=False)
                | ~Q(code="DEVIATION") & Q(deviation=None),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
