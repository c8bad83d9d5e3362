"""What Medical knows about an expert. Behind the wall for ever; no field for prescribing or sales (decision 33)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User
from compliance.policy import Role
from kols.models.directory import KOL
from products.models import Use


class MedicalQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> MedicalQuerySet:
        """Medical people for KOLs of their markets, and oversight. Nobody else, ever."""
        match user.role:
            case Role.MSL | Role.MSL_LEAD | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                return self.filter(kol__in=KOL.objects.visible_to(user).values("pk"))
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


class ScientificProfile(Record):
    """How Medical regards an expert scientifically: tier with a written reason, interests, goals."""

    class Tier(models.IntegerChoices):
        ONE = 1, _("Tier 1")
        TWO = 2, _("Tier 2")
        THREE = 3, _("Tier 3")

    kol = models.OneToOneField(KOL, on_delete=models.PROTECT, related_name="science")
    tier = models.PositiveSmallIntegerField(_("tier"), choices=Tier)
    rationale = models.TextField(_("scientific rationale"))
    interests = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("interests")
    )
    goals = models.TextField(_("goals"), blank=True)
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    objects = MedicalQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="a_tier_has_a_written_reason", condition=~Q(rationale=""))]
        indexes = [models.Index(fields=["tier", "kol"], name="science_by_tier")]

    def __str__(self) -> str:
        return f"{self.kol}: {self.get_tier_display()}"


class StudyRole(Record):
    """A KOL's part in a trial of a use: what study conduct may rest on (TRIAL)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="study_roles")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="study_roles")
    trial = models.CharField(_("trial"), max_length=40)
    role = models.CharField(_("role"), max_length=80, default="Investigator")
    during = DateTimeRangeField()

    objects = MedicalQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.role}, {self.trial}"


class Contract(Record):
    """A signed contract for an expert's services on a use: what an advisory board may rest on (CONTRACT)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="contracts")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="contracts")
    reference = models.CharField(_("reference"), max_length=40)
    signed_at = models.DateTimeField(_("signed"))
    during = DateTimeRangeField()

    objects = MedicalQuerySet.as_manager()

    def __str__(self) -> str:
        return self.reference


class VisitGoal(Record):
    """How many visits Medical plans with a KOL in a period."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="goals")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    visits = models.PositiveSmallIntegerField(_("visits"))

    objects = MedicalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kol", "market", "starts_on"], name="one_goal_per_kol_and_period"
            ),
            models.CheckConstraint(
                name="a_period_ends_after_it_begins", condition=Q(ends_on__gte=models.F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visits} visits with {self.kol}"
