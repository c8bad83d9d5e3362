"""What changed hands beside the talk, and which answers were changed after the first save.

Models of their own: the ledger of values and samples (R-085 to R-089) and the reasons of R-047 and R-069.
Each is part of a record of contact, lives in its compartment, and is read with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import User
from compliance.policy import Channel
from compliance.policy.things import ValueCategory
from kols.models import KOL
from products.models import MaterialVersion, Use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from interactions.models import Interaction, Topic


class PartQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> PartQuerySet:
        """With the record of contact it is part of."""
        from interactions.models import Interaction

        return self.filter(interaction__in=Interaction.objects.visible_to(user).values("pk"))


class Part(Record):
    """A part of a record of contact; the database gives it the compartment and the author of the whole."""

    interaction = models.ForeignKey(
        "interactions.Interaction", on_delete=models.CASCADE, related_name="%(class)ss"
    )
    compartment = models.CharField(max_length=8, editable=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        abstract = True


class ValueGiven(Part):
    """One thing of value, however small, with recipient, day, category, currency, event and payer (R-088)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="values_given")
    category = models.CharField(_("what"), max_length=8, choices=choices(ValueCategory))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    given_on = models.DateField(_("day"))
    in_practice = models.BooleanField(_("in the practice or clinic"), null=True)
    taxed = models.BooleanField(_("subject to tax for the recipient"), default=False)
    payer = models.CharField(_("paid by"), max_length=120)

    class Meta:
        ordering = ("given_on", "id")
        indexes = [models.Index(fields=["kol", "-given_on"], name="values_of_kol")]
        constraints = [
            models.CheckConstraint(name="a_value_is_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(
                name="a_value_has_a_currency_and_a_payer", condition=Q(currency__regex="^[A-Z]{3}$") & ~Q(payer="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_category_display()}, {self.amount} {self.currency}"


class SampleGiven(Part):
    """A sample handed out on a signed request. Never by Medical (R-085)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="samples_given")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(editable=False)
    quantity = models.PositiveSmallIntegerField(_("packs"))
    requested_at = models.DateTimeField(_("requested on"))
    signed = models.BooleanField(_("signed by the recipient"), default=False)
    lot = models.CharField(_("lot"), max_length=40)
    expires_on = models.DateField(_("expires on"))
    controlled = models.BooleanField(_("controlled substance"), null=True)

    class Meta:
        ordering = ("given_at", "id")
        indexes = [models.Index(fields=["kol", "-given_at"], name="samples_of_kol")]
        constraints = [
            models.CheckConstraint(
                name="medical_hands_out_no_sample", condition=Q(compartment="FIELD")
            ),
            models.CheckConstraint(name="a_sample_is_a_pack_of_a_lot", condition=Q(quantity__gte=1) & ~Q(lot="")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.quantity} × {self.use.indication.product.name}, {self.lot}"


class MaterialGiven(Part):
    """That a version of a material was shown or sent to somebody (R-084). A recall lists them all."""

    version = models.ForeignKey(MaterialVersion, on_delete=models.PROTECT, related_name="given")
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True, help_text="A recipient who is no expert of ours.")
    method = models.CharField(_("how"), max_length=16, choices=choices(Channel))
    given_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("-given_at", "id")
        indexes = [models.Index(fields=["version", "-given_at"], name="recipients_of_material")]
        constraints = [
            models.CheckConstraint(
                name="a_material_is_given_to_somebody",
                condition=Q(kol__isnull=False, name="") | Q(kol=None) & ~Q(name=""),
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class Change(Part):
    """An answer that was changed after the first save, with the reason (R-047, R-069). It stays."""

    class Kind(models.TextChoices):
        DATE = "DATE", _("the day or time")
        INITIATOR = "INITIATOR", _("how it came up")

    kind = models.CharField(max_length=10, choices=Kind)
    about = models.UUIDField(null=True, help_text="The use, product or area of the topic.")
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        indexes = [models.Index(fields=["interaction", "at"], name="changes_of_interaction")]
        constraints = [models.CheckConstraint(name="a_change_has_its_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"

    @property
    def first_start(self) -> datetime:
        """The start that this change left, for a change of the date."""
        from django.utils.dateparse import parse_datetime

        return parse_datetime(self.before)  # type: ignore[return-value]


class Closing(Part):
    """That a lead closed a draft whose author left, unsigned, and what she could say of it (R-117)."""

    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    statement = models.CharField(_("what can be said of it"), max_length=1000)
    safety_report = models.ForeignKey(
        "safety.SafetyReport", on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interaction"], name="a_left_draft_is_closed_once"),
            models.CheckConstraint(name="a_closing_says_something", condition=~Q(statement="")),
        ]

    def __str__(self) -> str:
        return self.statement


class WordMark(Part):
    """A place in a text of the record that stands out, how much it weighs, and why it stays (R-098).

    The words are in the text alone: what is taken out there is nowhere else.
    """

    class Field(models.TextChoices):
        TITLE = "TITLE", _("Title")
        NOTE = "NOTE", _("What to remember")
        SHARED = "SHARED", _("What we shared")
        HEARD = "HEARD", _("What we heard")
        QUESTION = "QUESTION", _("The question")

    field = models.CharField(max_length=8, choices=Field)
    position = models.PositiveSmallIntegerField(null=True, help_text="Which topic the text belongs to.")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=20)
    level = models.CharField(max_length=8)
    kept_because = models.CharField(_("why it stays"), max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["interaction"], name="words_of_interaction"),
            models.Index(fields=["-at", "-id"], condition=Q(level="explain"), name="words_that_stayed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="words_that_must_go_are_not_kept", condition=Q(level__in=["hint", "explain"])
            ),
        ]

    def __str__(self) -> str:
        return self.get_field_display()

    def text_in(self, record: Interaction, topics: Mapping[int, Topic]) -> str:
        """The text it stands in; empty where that is no longer there."""
        topic = topics.get(self.position) if self.position is not None else None
        match self.field:
            case self.Field.TITLE:
                return record.title
            case self.Field.NOTE:
                return record.note
            case _ if topic is None:
                return ""
            case self.Field.SHARED:
                return topic.shared
            case self.Field.HEARD:
                return topic.heard
            case _:
                return str(topic.documents.get("REQ", {}).get("question", ""))
