"""What somebody is trained for, qualified for and bound to: facts of a day, kept with their proof (R-070, R-072)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from compliance.policy import CertificateKind, Role, Side

if TYPE_CHECKING:
    from accounts.models import User

KINDS = [
    (CertificateKind.PRODUCT_TRAINING, _("product training")),
    (CertificateKind.QUALIFICATION, _("qualification to inform professionals")),
    (CertificateKind.INTERNAL_USE_ONLY, _("signed: for internal use only")),
]


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def held(self, at: datetime) -> Self:
        """Those that are valid at an instant. The end is not part of it."""
        return self.annotate(ends_at=Least("valid_to", "revoked_at")).filter(
            Q(ends_at=None) | Q(ends_at__gt=at), valid_from__lte=at
        )

    def visible_to(self, user: User) -> Self:
        """Her own of this side, and her qualifications; a lead those of her team; Compliance and auditors all."""
        from accounts.people import team_of

        own = Q(person=user) & (Q(side=user.side) | Q(kind=CertificateKind.QUALIFICATION))
        match user.role:
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case Role.MSL_LEAD | Role.FIELD_LEAD:
                return self.filter(own | Q(person__in=team_of(user), side=user.side))
            case "":
                return self.none()
            case _:
                return self.filter(own)


class Certificate(Record):
    """One person's training, qualification or signature, from and until. Never changed; revoked at most once.

    Without a use it holds for every use, without a market for every market. `label` is the version of the
    label the training was about; when a newer one comes into force, it no longer counts.
    """

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="certificates")
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS)
    use = models.ForeignKey(
        "products.Use", on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    market = models.ForeignKey(
        "accounts.Market", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("version of the label"), max_length=40, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=300, help_text=_("Where the proof lies."))
    recorded_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    revocation = models.CharField(_("why it no longer holds"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("-valid_from", "id")
        indexes = [
            models.Index(fields=["person", "-valid_from"], name="certificates_of_person"),
            models.Index(fields=["valid_to"], condition=Q(revoked_at=None), name="certificates_ending"),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_certificate_holds_for_some_time",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(name="a_certificate_has_its_evidence", condition=~Q(evidence="")),
            models.CheckConstraint(
                name="nobody_records_her_own_certificate", condition=~Q(person=F("recorded_by"))
            ),
            models.CheckConstraint(
                name="training_is_about_a_use",
                condition=Q(kind=CertificateKind.QUALIFICATION, use=None, label="")
                | Q(use__isnull=False) & ~Q(kind=CertificateKind.QUALIFICATION),
            ),
            models.CheckConstraint(
                name="a_revocation_has_its_reason",
                condition=Q(revoked_at=None, revoked_by=None, revocation="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revocation=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def last_day(self) -> datetime | None:
        """The end as people say it: an instant of the last day on which it still holds."""
        ends = [at for at in (self.valid_to, self.revoked_at) if at is not None]
        return min(ends) - timedelta(seconds=1) if ends else None
