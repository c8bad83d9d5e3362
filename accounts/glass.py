"""Break-glass: for a short time and for a reason an administrator reads what her role does not open (R-107).

Asked by her, granted by Compliance, for minutes. While it is open she stands as an auditor, who changes nothing; the
database itself looks at the clock, so that it ends whether or not anybody thinks of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from compliance.policy import Role

if TYPE_CHECKING:
    from accounts.models import User

LONGEST = 120


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def visible_to(self, user: User) -> Self:
        """Administrators, Compliance and auditors all; nobody else any."""
        return self if user.role in (Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR) else self.none()


class BreakGlass(Record):
    """One opening: who asked and why, whose records, who granted it, from when until when."""

    person = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    minutes = models.PositiveSmallIntegerField(_("for how many minutes"))
    concerning = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("whose records"),
    )  # fmt: skip
    untold_because = models.CharField(_("why she is not told"), max_length=300, blank=True)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    granted = models.BooleanField(null=True)
    during = DateTimeRangeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_glass_takes_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=F("person")),
            ),
            models.CheckConstraint(
                name="whom_it_concerns_decides_nothing",
                condition=Q(concerning=None)
                | (~Q(concerning=F("person")) & (Q(decided_by=None) | ~Q(decided_by=F("concerning")))),
            ),
            models.CheckConstraint(
                name="a_glass_is_decided_whole",
                condition=Q(decided_by=None, decided_at=None, granted=None, during=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, granted=True, during__isnull=False)
                | Q(decided_by__isnull=False, decided_at__isnull=False, granted=False, during=None),
            ),
            models.CheckConstraint(
                name="a_glass_is_open_for_two_hours_at_most",
                condition=Q(minutes__gte=5, minutes__lte=LONGEST) & (Q(reason="", _negated=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"

    def is_open(self, at: datetime) -> bool:
        return bool(self.granted and self.during and at in self.during and self.ended_at is None)
