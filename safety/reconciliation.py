"""The monthly comparison of our list with pharmacovigilance's, signed and kept (R-131)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User
from compliance.policy import Role


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    def visible_to(self, user: User) -> ReconciliationQuerySet:
        """Safety and those who read everything."""
        return self if user.role in (Role.SAFETY, Role.COMPLIANCE, Role.AUDITOR) else self.none()


class Reconciliation(Record):
    """One month of one market, or of all: what both lists have, and what one has alone.

    Numbers and case numbers, no word of a case. Once it is signed nothing of it changes.
    """

    market = models.ForeignKey(Market, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    month = models.DateField(_("month"))
    compared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    compared_at = models.DateTimeField()
    file_sha256 = models.CharField(max_length=64)
    matched = models.JSONField(default=list)
    only_here = models.JSONField(default=list)
    only_there = models.JSONField(default=list)
    remark = models.CharField(_("what follows from it"), max_length=1000, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        ordering = ("-compared_at", "id")
        indexes = [models.Index(fields=["-compared_at", "id"], name="reconciliations_by_time")]
        constraints = [
            models.CheckConstraint(
                name="a_difference_is_signed_with_what_follows",
                condition=models.Q(signed_at=None, signed_by=None)
                | models.Q(signed_at__isnull=False, signed_by__isnull=False)
                & (~models.Q(remark="") | models.Q(only_here=[], only_there=[])),
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}, {self.market.code if self.market else '*'}"
