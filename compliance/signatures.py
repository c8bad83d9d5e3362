"""What stands under a record: who signed which version of what, in which meaning, and how she proved who she is."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from compliance.policy import Role, Side

if TYPE_CHECKING:
    from accounts.models import User

MEDICAL = [Role.MSL, Role.MSL_LEAD, Role.MEDICAL_INFORMATION, Role.CLINICAL_RESEARCH]
COMMERCIAL = [Role.FIELD_SERVICE, Role.FIELD_LEAD, Role.PRODUCT_MANAGER]


class Meaning(models.TextChoices):
    """What a signature says (21 CFR 11.50). The list is closed."""

    AUTHOR = "AUTHOR", _("author, complete and true")
    PREPARED = "PREPARED", _("prepared")
    ACCEPTED = "ACCEPTED", _("accepted")
    APPROVED_MEDICAL = "APPROVED_MEDICAL", _("approved by Medical")
    APPROVED_COMPLIANCE = "APPROVED_COMPLIANCE", _("approved by Compliance")
    VERIFIED_LIFECYCLE = "VERIFIED_LIFECYCLE", _("verified the lifecycle")
    REVIEWED = "REVIEWED", _("reviewed")
    CLOSED = "CLOSED", _("closed")


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, user: User) -> SignatureQuerySet:
        """Medical and oversight with the record; everybody else her own, a lead of field service her side's."""
        if user.role in (Role.COMPLIANCE, Role.AUDITOR):
            return self
        if user.side == Side.MEDICAL or user.role == Role.FIELD_LEAD:
            return self.filter(side=user.side)
        return self.filter(side=user.side, signer=user) if user.role else self.none()


class Signature(Record):
    """One person's signature under one version of one record. Written once, by `compliance.signing` alone.

    `content` is the canonical text that was signed and `sha256` the hash of its bytes: docs/signatures.md says how
    anybody recomputes it. Lawful erasure may empty the text; the hash stays.
    """

    record_type = models.CharField(max_length=60)
    record_id = models.UUIDField()
    record_version = models.PositiveIntegerField()
    side = models.CharField(max_length=12, choices=choices(Side), help_text="The side whose record it is.")
    signer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=200)
    signer_role = models.CharField(max_length=24, choices=choices(Role))
    at = models.DateTimeField()
    zone = models.CharField(max_length=40)
    meaning = models.CharField(max_length=24, choices=Meaning)
    content = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    canonicalisation = models.CharField(max_length=20)
    policy_version = models.CharField(max_length=64)
    software_version = models.CharField(max_length=60)
    proved_by = models.CharField(max_length=40, help_text="How she showed again who she is.")
    proved_at = models.DateTimeField()
    deed = models.UUIDField(help_text="One for each act of signing, however many records it signs.")
    manifest_sha256 = models.CharField(max_length=64, blank=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        ordering = ("at", "id")
        indexes = [
            models.Index(fields=["record_id", "record_version"], name="signatures_of_record"),
            models.Index(fields=["signer", "-at"], name="signatures_of_person"),
            models.Index(fields=["deed"], name="signatures_of_a_deed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="what_medical_signs_is_a_medical_record",
                condition=~Q(signer_role__in=MEDICAL) | Q(side=Side.MEDICAL),
            ),
            models.CheckConstraint(
                name="what_field_service_signs_is_its_own_record",
                condition=~Q(signer_role__in=COMMERCIAL) | Q(side=Side.COMMERCIAL),
            ),
            models.UniqueConstraint(
                fields=["record_id", "record_version", "meaning", "signer", "deed"],
                name="a_deed_signs_a_version_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.get_meaning_display()}"

    @property
    def said_at(self) -> str:
        """Day and time on the signer's own clock, with the name of the zone."""
        local = self.at.astimezone(ZoneInfo(self.zone))
        return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} ({self.zone})"
