"""Who answers to a KOL for a use, on which side of the wall, and from when until when."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.base import Record
from accounts.models import User
from compliance.policy import Role, Side
from kols.models.directory import KOL
from products.models import Use

NOWHERE = UUID(int=0)


def in_tree(lead: User, *, who: str, kol: str, market: str) -> Q:
    """What is a field lead's to see: her team's, and what is nobody's where no other lead answers.

    Nobody's is what is not assigned, or was somebody's who has left. `who`, `kol` and `market` name the
    columns of the person, the expert and the market.
    """
    from accounts.people import elsewhere, team_of

    other = elsewhere(lead, lead.market_ids)
    if other.nothing:
        return Q()
    nobodys = Q(**{f"{who}__isnull": True}) | ~Q(**{f"{who}__in": other.people})
    here = ~_elsewhere(other.territories, kol=kol, market=market)
    return Q(**{f"{who}__in": team_of(lead)}) | nobodys & here


def _elsewhere(territories: tuple[UUID, ...], *, kol: str, market: str) -> Q:
    at = Value(now(), output_field=models.DateTimeField())
    place = Func(F(kol), F(market), at, function="crm_field_territory", output_field=models.UUIDField())
    return Q(In(Coalesce(place, Value(NOWHERE, output_field=models.UUIDField())), territories))


class RelationQuerySet(models.QuerySet["Relation"]):
    def current(self, at: datetime) -> RelationQuerySet:
        return self.filter(during__contains=at)

    def visible_to(self, user: User) -> RelationQuerySet:
        """Medical: its markets. Field service: what was shown to it by ownership or assignment (decision 12)."""
        match user.role:
            case Role.MSL | Role.MSL_LEAD | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                return self.filter(use__market__in=user.market_ids)
            case Role.FIELD_SERVICE:
                owned = Ownership.objects.filter(relation=OuterRef("pk"), side=Side.COMMERCIAL, owner=user)
                shown = Showing.objects.filter(relation=OuterRef("pk"), person=user, ended_at=None)
                return self.filter(Exists(owned) | Exists(shown), shown_to_field=True)
            case Role.FIELD_LEAD:
                return self.filter(_led_by(user), shown_to_field=True, use__market__in=user.market_ids)
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


def _led_by(lead: User) -> Q:
    """Somebody of her team answers for it or was named; or nobody else's people do, and the place is nobody else's."""
    from accounts.people import elsewhere, team_of

    other = elsewhere(lead, lead.market_ids)
    if other.nothing:
        return Q()
    owned = Ownership.objects.of_field().filter(relation=OuterRef("pk"))
    shown = Showing.objects.filter(relation=OuterRef("pk"), ended_at=None)
    hers = Exists(owned.filter(owner__in=team_of(lead))) | Exists(shown.filter(person__in=team_of(lead)))
    theirs = Exists(owned.current(now()).filter(owner__in=other.people)) | Exists(
        shown.filter(person__in=other.people)
    )
    return Q(hers) | ~Q(theirs) & ~_elsewhere(other.territories, kol="kol", market="use__market")


class Relation(Record):
    """That the company answers to a KOL for a use, for a time."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="relations")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="relations")
    during = DateTimeRangeField()
    shown_to_field = models.BooleanField(
        default=False,
        editable=False,
        help_text="Set when a handover of it is prepared, or field service owns it.",
    )

    objects = RelationQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_relation_per_kol_and_use_at_any_instant",
                expressions=[
                    ("kol", RangeOperators.EQUAL),
                    ("use", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="a_relation_begins_and_lasts",
                condition=Q(
                    during__isempty=False,
                    during__lower_inf=False,
                    during__lower_inc=True,
                    during__upper_inc=False,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["use", "id"], name="relations_of_use"),
            models.Index(fields=["kol"], name="relations_of_kol"),
        ]

    def __str__(self) -> str:
        return f"{self.kol} and {self.use}"


class OwnershipQuerySet(models.QuerySet["Ownership"]):
    def current(self, at: datetime) -> OwnershipQuerySet:
        """Who answers at that instant."""
        return self.filter(during__contains=at)

    def overtaken(self, at: datetime) -> OwnershipQuerySet:
        """Still held by Medical although the use is open at that instant."""
        return self.current(at).filter(side=Side.MEDICAL, relation__use__in=Use.objects.open(at))

    def of_field(self) -> OwnershipQuerySet:
        return self.filter(side=Side.COMMERCIAL)

    def visible_to(self, user: User) -> OwnershipQuerySet:
        """Medical and oversight: both sides' rows. Field service: its own rows and nothing else."""
        match user.role:
            case Role.MSL | Role.MSL_LEAD | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                return self.filter(relation__use__market__in=user.market_ids)
            case Role.FIELD_SERVICE:
                return self.of_field().filter(owner=user)
            case Role.FIELD_LEAD:
                held = self.of_field().filter(market__in=user.market_ids)
                return held.filter(in_tree(user, who="owner", kol="relation__kol", market="market"))
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


class Ownership(Record):
    """Who answers to a KOL for a use, and from when until when. Exactly one at every instant (R-115, I-01)."""

    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="ownerships")
    side = models.CharField(
        max_length=12, choices=[(Side.MEDICAL, _("Medical")), (Side.COMMERCIAL, _("Field service"))]
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="ownerships")
    market = models.ForeignKey("accounts.Market", on_delete=models.PROTECT, related_name="+", editable=False)
    during = DateTimeRangeField()
    began_with = models.UUIDField(null=True, help_text="The handover step that began it, if one did (I-05).")

    objects = OwnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_owner_per_relation_at_any_instant",
                expressions=[("relation", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="an_ownership_begins_and_lasts",
                condition=Q(
                    during__isempty=False,
                    during__lower_inf=False,
                    during__lower_inc=True,
                    during__upper_inc=False,
                ),
            ),
            models.CheckConstraint(
                name="an_owner_is_medical_or_field_service",
                condition=Q(side__in=[Side.MEDICAL, Side.COMMERCIAL]),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "side"], name="ownerships_of_owner"),
            models.Index(fields=["relation"], name="ownerships_of_relation"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} for {self.relation}"


class Showing(Record):
    """That a relation was shown to one person of field service, who was named to take it over."""

    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="showings")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relation", "person"],
                condition=Q(ended_at=None),
                name="a_relation_is_shown_once_to_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.relation} shown to {self.person}"


class ScientificContact(Record):
    """An MSL who stays in scientific contact after a handover. Not exclusive, gives no ownership (decision 2)."""

    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="scientific_contacts")
    msl = models.ForeignKey(User, on_delete=models.PROTECT, related_name="scientific_contacts")
    during = DateTimeRangeField()

    def __str__(self) -> str:
        return f"{self.msl} with {self.relation}"


class OpenMatter(Record):
    """Something medical that is still open about a relation, without its content (decision 26)."""

    class Kind(models.TextChoices):
        DRAFT = "DRAFT", _("an entry that is not complete")
        SAFETY = "SAFETY", _("a safety report without acknowledgement")
        INQUIRY = "INQUIRY", _("an open question")
        FOLLOW_UP = "FOLLOW_UP", _("an open follow-up")

    relation = models.ForeignKey(Relation, on_delete=models.PROTECT, related_name="open_matters")
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.UUIDField(help_text="The record this stands for.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["relation", "kind", "source"], name="a_matter_is_open_once")
        ]
        indexes = [models.Index(fields=["relation"], condition=Q(closed_at=None), name="matters_open")]

    def __str__(self) -> str:
        return self.get_kind_display()
