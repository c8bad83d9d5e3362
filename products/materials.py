"""What may be shown or left behind, and the label it rests on (R-080 to R-084, R-072).

A material has versions; each says what it is approved for. Whether one may be used is never stored: the status
of an instant follows from the instants below, and quarantine from the lifecycle (`crm_quarantined_at`, R-083).
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Activity, Audience, MaterialPurpose, MaterialStatus, Role, Side

# Only these ever reach field service and product managers; the database repeats it.
FOR_THE_COMMERCIAL_SIDE = (MaterialPurpose.PROMOTIONAL, MaterialPurpose.SAFETY)
PURPOSES = [
    (MaterialPurpose.PROMOTIONAL, _("promotion")),
    (MaterialPurpose.SCIENTIFIC, _("scientific exchange")),
    (MaterialPurpose.SIUU, _("unapproved uses of an approved product")),
    (MaterialPurpose.INTERNAL, _("internal training")),
    (MaterialPurpose.SAFETY, _("safety information")),
]
ENDS = ("valid_to", "recalled_at", "retired_at", "quarantined_at")


class Material(Record):
    """A leaflet, deck, reprint or letter, under the number the reviewers gave it."""

    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    purpose = models.CharField(_("approved for"), max_length=12, choices=PURPOSES)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            # Counted for each side, so that a number already taken tells nothing across the wall.
            models.UniqueConstraint(fields=["side", "number"], name="a_number_is_given_once_on_each_side")
        ]

    def __str__(self) -> str:
        return self.name


class MaterialVersionQuerySet(models.QuerySet["MaterialVersion"]):
    def quarantined(self) -> Self:
        """Add `quarantined_at`: when a use it mentions changed its zone or label after the approval (R-083)."""
        found = Func(F("pk"), function="crm_quarantined_at", output_field=models.DateTimeField())
        return self.annotate(quarantined_at=found)

    def usable(self, at: datetime) -> Self:
        """Approved, in force, neither recalled nor retired nor in quarantine at that instant (R-080, R-083)."""
        return (
            self.quarantined()
            .filter(approved_at__lte=at, valid_from__lte=at)
            .filter(*(Q(**{name: None}) | Q(**{f"{name}__gt": at}) for name in ENDS))
        )

    def visible_to(self, user: User) -> Self:
        """Medical its markets'; the commercial side what it may use, of uses it may know of (R-104)."""
        from accounts.acting import now
        from products.models import Use

        here = Exists(MaterialVersion.markets.through.objects.filter(
            materialversion=OuterRef("pk"), market__in=user.market_ids))  # fmt: skip
        mentions = MaterialVersion.uses.through.objects.filter(materialversion=OuterRef("pk"))
        for_them = Q(material__purpose__in=FOR_THE_COMMERCIAL_SIDE)
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR | Role.REGULATORY:
                return self
            case Role.MSL | Role.MSL_LEAD | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                return self.filter(here)
            case Role.FIELD_SERVICE | Role.FIELD_LEAD:
                known = Use.objects.filter(market__in=user.market_ids).ever_open(now()).values("indication")
                strange = Exists(mentions.exclude(use__indication__in=known))
                about = Q(material__purpose=MaterialPurpose.SAFETY) | Exists(mentions)
                return self.filter(here, ~strange, for_them, about, approved_at__lte=now())
            case Role.PRODUCT_MANAGER:
                strange = Exists(mentions.exclude(use__indication__product__managers=user))
                return self.filter(here, ~strange, Exists(mentions), for_them)
            case _:
                return self.none()


class MaterialVersion(Record):
    """One version: what it mentions, for whom, where and by whom it may be used, and until when."""

    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=20)
    kept_at = models.CharField(
        _("where it is kept"), max_length=300, help_text=_("The address or number of the approved file.")
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    uses = models.ManyToManyField("products.Use", related_name="materials", blank=True)
    markets = models.ManyToManyField(Market, related_name="+")
    languages = ArrayField(models.CharField(max_length=5), verbose_name=_("languages"))
    audiences = ArrayField(models.CharField(max_length=16, choices=choices(Audience)))
    roles = ArrayField(models.CharField(max_length=24, choices=choices(Role)))
    activities = ArrayField(models.CharField(max_length=24, choices=choices(Activity)))
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    registered_at = models.DateTimeField(editable=False)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    approved_at = models.DateTimeField(null=True, editable=False)
    approval = models.CharField(_("number of the approval"), max_length=120, blank=True)
    recalled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    recalled_at = models.DateTimeField(null=True, editable=False)
    recall_reason = models.CharField(_("why it is recalled"), max_length=300, blank=True)
    retired_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = MaterialVersionQuerySet.as_manager()

    class Meta:
        ordering = ("material__name", "-valid_from", "id")
        constraints = [
            models.UniqueConstraint(fields=["material", "version"], name="a_version_of_a_material_is_one"),
            models.CheckConstraint(
                name="a_version_is_valid_for_some_time",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="two_people_register_and_approve_a_material",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & ~Q(approved_by=F("registered_by")),
            ),
            models.CheckConstraint(
                name="a_recall_has_its_reason",
                condition=Q(recalled_at=None, recalled_by=None)
                | Q(recalled_at__isnull=False, recalled_by__isnull=False) & ~Q(recall_reason=""),
            ),
            models.CheckConstraint(
                name="a_retirement_has_somebody",
                condition=Q(retired_at=None, retired_by=None)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material.name}, {self.version}"

    def status_at(self, at: datetime) -> MaterialStatus:
        """Where the review stood at an instant."""
        if self.retired_at is not None and self.retired_at <= at:
            return MaterialStatus.RETIRED
        approved = self.approved_at is not None and self.approved_at <= at
        return MaterialStatus.APPROVED if approved else MaterialStatus.IN_REVIEW


class LabelVersion(Record):
    """From when a version of the label of a use holds. A new one asks for new training and a new review."""

    use = models.ForeignKey("products.Use", on_delete=models.PROTECT, related_name="labels")
    version = models.CharField(_("version of the label"), max_length=40)
    effective_at = models.DateTimeField(_("in force from"))
    evidence = models.CharField(_("evidence"), max_length=300)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    recorded_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("use", "-effective_at")
        constraints = [
            models.UniqueConstraint(fields=["use", "effective_at"], name="one_label_of_a_use_at_an_instant")
        ]

    def __str__(self) -> str:
        return self.version
