"""Which roles must have a second factor, and what is done when somebody has lost hers (R-140)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from compliance.policy import Role

if TYPE_CHECKING:
    from accounts.models import User


class FactorRule(Record):
    """A role whose people must have a second factor before anything else opens to them. No row: they may."""

    role = models.CharField(max_length=24, choices=choices(Role), unique=True)
    set_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_role_display()


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def visible_to(self, user: User) -> Self:
        """Administrators and Compliance all; anybody else those of her own account."""
        if user.role in (Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR):
            return self
        return self.filter(person=user)


class FactorReset(Record):
    """One person's second factors taken away because they are lost: asked by one, granted by another."""

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.CharField(_("reason"), max_length=300)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_lost_factor_takes_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="nobody_resets_her_own_factor",
                condition=~Q(asked_by=F("person")) & (Q(decided_by=None) | ~Q(decided_by=F("person"))),
            ),
            models.CheckConstraint(
                name="a_reset_is_decided_whole",
                condition=Q(decided_by=None, decided_at=None, granted=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, granted__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["person"], name="one_reset_waits_per_person", condition=Q(decided_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"
