"""What an expert has agreed to, objected to and been told about her data (R-090 to R-095).

Consent for science is given to Medical and stays there; consent for promotion is field service's own. Of an
objection to marketing the directory carries one bit, `KOL.objects_to_marketing`, and nothing else crosses.
"""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Channel, Role, Side
from kols.models.directory import KOL


class Purpose(models.TextChoices):
    """What a consent is for. Each side asks for its own and can use no other (R-092)."""

    SCIENTIFIC = "SCIENTIFIC", _("scientific exchange")
    PROMOTIONAL = "PROMOTIONAL", _("promotion")


PURPOSE_OF: dict[Side | None, Purpose] = {
    Side.MEDICAL: Purpose.SCIENTIFIC,
    Side.COMMERCIAL: Purpose.PROMOTIONAL,
}


class OfOneSideQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """What one's own side has recorded of the experts one may know; oversight all."""
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR | Role.PRIVACY:
                return self
            case (
                Role.MSL
                | Role.MSL_LEAD
                | Role.MEDICAL_INFORMATION
                | Role.CLINICAL_RESEARCH
                | Role.FIELD_SERVICE
                | Role.FIELD_LEAD
            ):
                return self.filter(side=user.side, kol__in=KOL.objects.visible_to(user).values("pk"))
            case _:
                return self.none()


class ConsentQuerySet(OfOneSideQuerySet):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Consent(Record):
    """An expert agrees to be reached on one channel, for one purpose, in one market. Kept when withdrawn."""

    class Source(models.TextChoices):
        FORM = "FORM", _("signed form")
        WEBSITE = "WEBSITE", _("website, confirmed twice")
        MAIL = "MAIL", _("own mail")
        SPOKEN = "SPOKEN", _("said in conversation, confirmed in writing")
        IMPORTED = "IMPORTED", _("taken over from another system")

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="consents")
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose, editable=False)
    channel = models.CharField(_("channel"), max_length=16, choices=choices(Channel))
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(_("given"))
    text_version = models.CharField(_("version of the text"), max_length=40)
    source = models.CharField(_("how it was given"), max_length=8, choices=Source)
    evidence = models.CharField(_("evidence"), max_length=300, help_text=_("Where the proof lies."))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_how = models.CharField(_("how it was withdrawn"), max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at", "id")
        indexes = [models.Index(fields=["kol", "-given_at"], name="consents_of_kol")]
        constraints = [
            models.CheckConstraint(
                name="a_consent_belongs_to_the_side_that_asked",
                condition=Q(side=Side.MEDICAL, purpose=Purpose.SCIENTIFIC)
                | Q(side=Side.COMMERCIAL, purpose=Purpose.PROMOTIONAL),
            ),
            models.CheckConstraint(
                name="a_consent_has_its_evidence", condition=~Q(evidence="") & ~Q(text_version="")
            ),
            models.CheckConstraint(
                name="a_withdrawal_follows_its_consent",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__gte=F("given_at"), withdrawn_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kol", "purpose", "channel", "market"],
                condition=Q(withdrawn_at=None),
                name="one_standing_consent_for_a_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, {self.get_purpose_display()}"


class Objection(Record):
    """An expert does not want something, since when, until it is taken back (R-093, R-094)."""

    class Kind(models.TextChoices):
        MARKETING = "MARKETING", _("marketing")
        SCIENCE = "SCIENCE", _("scientific contact")
        CONTACT = "CONTACT", _("any contact")

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="objections")
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    kind = models.CharField(_("objects to"), max_length=9, choices=Kind)
    since = models.DateTimeField(_("since"))
    evidence = models.CharField(_("evidence"), max_length=300, help_text=_("Where the proof lies."))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_how = models.CharField(_("how it was taken back"), max_length=300, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = OfOneSideQuerySet.as_manager()

    class Meta:
        ordering = ("-since", "id")
        indexes = [models.Index(fields=["kol", "-since"], name="objections_of_kol")]
        constraints = [
            models.CheckConstraint(
                name="field_service_hears_no_objection_to_science",
                condition=Q(side=Side.MEDICAL) | Q(side=Side.COMMERCIAL) & ~Q(kind="SCIENCE"),
            ),
            models.CheckConstraint(
                name="an_objection_is_lifted_after_it_began",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__gte=F("since"), lifted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class PrivacyNotice(Record):
    """That an expert was told which data of hers are kept, and by whom (GDPR Article 14, R-095)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="privacy_notices")
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    given_at = models.DateTimeField(_("told on"))
    text_version = models.CharField(_("version of the text"), max_length=40)
    how = models.CharField(_("how"), max_length=120)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)

    objects = OfOneSideQuerySet.as_manager()

    class Meta:
        ordering = ("-given_at", "id")
        indexes = [models.Index(fields=["kol", "given_at"], name="privacy_notices_of_kol")]

    def __str__(self) -> str:
        return f"{self.text_version}, {self.how}"
