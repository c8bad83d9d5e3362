"""What may be discussed, and where it stands: product, indication, use, and the use's lifecycle."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.models import Market, User
from compliance.policy import Role, Side, State, Zone, side_of, zone_of
from products.launch import AWAITED, LaunchRelease
from products.materials import LabelVersion, Material, MaterialVersion

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Indication", "LabelVersion", "LaunchRelease", "LifecycleEntry", "Material", "MaterialVersion", "OpenPeriod", "Period",
    "PlanItem", "Product", "Theme", "TherapeuticArea", "Use", "zones_of",
]  # fmt: skip


class TherapeuticArea(Record):
    """A field of medicine, the shared ground of indications, themes and experts."""

    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, user: User) -> ProductQuerySet:
        """Products this person may know about: reps only what is or was open in their markets (decision 14)."""
        if not user.role:
            return self.none()
        return self.filter(Exists(Use.objects.visible_to(user).filter(indication__product=OuterRef("pk"))))


class Product(Record):
    """A medicine of ours, in development or on the market."""

    inn = models.CharField(_("international non-proprietary name"), max_length=300, blank=True)
    brand = models.CharField(_("brand name"), max_length=200, blank=True)
    code_names = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("code names")
    )
    atc = models.CharField(_("ATC code"), max_length=10, blank=True)
    holder = models.CharField(_("holder"), max_length=200, blank=True)
    managers = models.ManyToManyField(User, related_name="managed_products", blank=True)
    created_at = models.DateTimeField()

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ("brand", "inn", "id")
        constraints = [
            models.CheckConstraint(name="a_product_has_a_name", condition=~Q(inn="", brand="", code_names=[]))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name people here say: brand, else substance, else code name."""
        return self.brand or self.inn or self.code_names[0]


class Indication(Record):
    """What a product is for, in the wording of its label. One label scope (R-001)."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="indications")
    name = models.CharField(_("short name"), max_length=120)
    label = models.TextField(_("label wording"))
    area = models.ForeignKey(
        TherapeuticArea, on_delete=models.PROTECT, related_name="indications", null=True, blank=True
    )
    provisional = models.BooleanField(_("to be split"), default=False)

    class Meta:
        ordering = ("product", "name", "id")
        constraints = [
            models.UniqueConstraint("product", Lower("name"), name="one_indication_of_a_name_per_product")
        ]

    def __str__(self) -> str:
        return f"{self.product} for {self.name}"


class UseQuerySet(models.QuerySet["Use"]):
    def open(self, at: datetime) -> UseQuerySet:
        """Uses that field service may discuss at that instant. The SQL twin of `Use.zone`."""
        return self.filter(Exists(OpenPeriod.objects.filter(use=OuterRef("pk"), during__contains=at)))

    def ever_open(self, until: datetime) -> UseQuerySet:
        """Uses that are or were open by then."""
        return self.filter(
            Exists(OpenPeriod.objects.filter(use=OuterRef("pk"), during__startswith__lte=until))
        )

    def with_state(self, at: datetime) -> UseQuerySet:
        """Add `state` and `promotable_from` as they stood at that instant."""
        period = Period.objects.filter(use=OuterRef("pk"), during__contains=at)
        return self.annotate(
            state=Subquery(period.values("state")[:1]),
            state_since=Subquery(period.values("effective_at")[:1]),
            state_promotable_from=Subquery(period.values("promotable_from")[:1]),
        )

    def visible_to(self, user: User) -> UseQuerySet:
        """Uses this person may know about (decision 14, R-104)."""
        from accounts.acting import now

        match user.role:
            case Role.FIELD_SERVICE | Role.FIELD_LEAD:
                return self.filter(market__in=user.market_ids).ever_open(now())
            case Role.PRODUCT_MANAGER:
                return self.filter(market__in=user.market_ids, indication__product__managers=user)
            case (
                Role.MSL
                | Role.MSL_LEAD
                | Role.MEDICAL_INFORMATION
                | Role.CLINICAL_RESEARCH
                | Role.MARKET_ACCESS
            ):
                return self.filter(market__in=user.market_ids)
            case Role.REGULATORY | Role.COMPLIANCE | Role.AUDITOR | Role.SAFETY | Role.PRIVACY:
                return self
            case _:
                return self.none()


class Use(Record):
    """One indication of one product in one market: the unit of permission (R-001)."""

    indication = models.ForeignKey(Indication, on_delete=models.PROTECT, related_name="uses")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="uses")
    expected_on = models.DateField(_("decision expected on"), null=True, blank=True)
    expected_source = models.CharField(_("source of the expectation"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = UseQuerySet.as_manager()

    class Meta:
        ordering = ("indication", "market", "id")
        constraints = [
            models.UniqueConstraint(fields=["indication", "market"], name="one_use_per_indication_and_market")
        ]

    def __str__(self) -> str:
        return f"{self.indication} in {self.market}"

    def zone(self, at: datetime) -> Zone:
        """The zone at that instant: PRE, OPEN or CLOSED (2.1). Asks the database's one view of periods."""
        return zones_of([self], at)[self.pk]

    def standing(self, at: datetime) -> Period | None:
        """The period of the lifecycle that holds at that instant."""
        return self.periods.filter(during__contains=at).first()


class LifecycleQuerySet(models.QuerySet["LifecycleEntry"]):
    def proposed(self) -> LifecycleQuerySet:
        """Entries that wait for a second person."""
        return self.filter(confirmed_at=None, rejected_at=None)

    def visible_to(self, user: User) -> LifecycleQuerySet:
        """The lifecycle of visible uses; commercial people see confirmed entries only."""
        entries = self.filter(use__in=Use.objects.visible_to(user).values("pk"))
        if user.side in (Side.OVERSIGHT,) or user.role == Role.REGULATORY:
            return entries
        return entries.filter(confirmed_at__isnull=False)


class LifecycleEntry(Record):
    """A point from which a use is in a state; a period ends at the next confirmed, unvoided point (decision 1).

    Proposed by one regulatory person, confirmed by another (R-007). Never edited: a mistake is voided by an
    entry of its own that names the voided one, confirmed and countersigned by Compliance (R-012).
    """

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="entries")
    state = models.CharField(_("state"), max_length=16, choices=choices(State), blank=True)
    effective_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    promotable_from = models.DateTimeField(_("may be promoted from"), null=True, blank=True)
    needs_release = models.BooleanField(
        default=False, editable=False, help_text="The rules of the market ask for a launch release (R-010)."
    )
    voids = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="voided_by"
    )
    evidence = models.TextField(
        _("evidence"), help_text=_("Document, number, date, or the register and row.")
    )
    note = models.TextField(_("note"), blank=True)
    source = models.CharField(max_length=40, blank=True)
    source_ref = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    countersigned_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    countersigned_at = models.DateTimeField(null=True, blank=True)
    rejected_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejection = models.CharField(max_length=300, blank=True)

    objects = LifecycleQuerySet.as_manager()

    class Meta:
        ordering = ("use", "effective_at", "recorded_at", "id")
        verbose_name_plural = "lifecycle entries"
        indexes = [
            models.Index(fields=["use", "effective_at"], name="lifecycle_of_use"),
            models.Index(
                fields=["recorded_at"],
                condition=Q(confirmed_at=None, rejected_at=None),
                name="lifecycle_proposed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_entry_is_a_state_or_a_voiding",
                condition=Q(voids=None) & ~Q(state="") | Q(voids__isnull=False, state="", effective_at=None),
            ),
            models.CheckConstraint(
                name="a_confirmed_state_has_an_instant",
                condition=Q(confirmed_at=None) | Q(voids__isnull=False) | Q(effective_at__isnull=False),
            ),
            models.CheckConstraint(
                name="two_different_people_propose_and_confirm",
                condition=Q(confirmed_by=None) | Q(proposed_by=None) | ~Q(confirmed_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="confirmed_at_and_by_come_together",
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="countersigned_at_and_by_come_together",
                condition=Q(countersigned_at=None, countersigned_by=None)
                | Q(countersigned_at__isnull=False, countersigned_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rejected_at_and_by_come_together",
                condition=Q(rejected_at=None, rejected_by=None)
                | Q(rejected_at__isnull=False, rejected_by__isnull=False),
            ),
            models.CheckConstraint(
                name="an_entry_is_confirmed_or_rejected_not_both",
                condition=Q(confirmed_at=None) | Q(rejected_at=None),
            ),
            models.CheckConstraint(
                name="promotion_never_before_authorisation",
                condition=Q(promotable_from=None) | Q(promotable_from__gte=F("effective_at")),
            ),
            models.UniqueConstraint(
                fields=["use", "source", "source_ref", "state"],
                condition=~Q(source_ref=""),
                name="a_source_proposes_a_state_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.use}: {self.get_state_display() if self.state else 'voided'}"

    @property
    def effective_on(self) -> date | None:
        """The market's local day on which it comes into force."""
        return self.use.market.local_day(self.effective_at) if self.effective_at else None


class Period(models.Model):
    """The one view that Python and the triggers share: a state of a use and the instants it holds."""

    entry = models.OneToOneField(
        LifecycleEntry, on_delete=models.DO_NOTHING, primary_key=True, related_name="period"
    )
    use = models.ForeignKey(Use, on_delete=models.DO_NOTHING, related_name="periods")
    state = models.CharField(max_length=16, choices=choices(State))
    effective_at = models.DateTimeField()
    promotable_from = models.DateTimeField(null=True)
    during = DateTimeRangeField()

    class Meta:
        managed = False
        db_table = "products_period"
        ordering = ("use", "effective_at")

    def __str__(self) -> str:
        return self.get_state_display()

    @property
    def awaits_release(self) -> bool:
        """Authorised, and nobody has released the launch yet (R-010)."""
        return self.promotable_from is not None and self.promotable_from >= AWAITED

    def zone(self, at: datetime) -> Zone:
        """PRE, OPEN or CLOSED while this period holds."""
        return zone_of(
            State(self.state), promotable=self.promotable_from is None or self.promotable_from <= at
        )


class OpenPeriod(models.Model):
    """When field service may discuss a use: authorised, and not before `promotable_from`."""

    entry = models.OneToOneField(
        LifecycleEntry, on_delete=models.DO_NOTHING, primary_key=True, related_name="+"
    )
    use = models.ForeignKey(Use, on_delete=models.DO_NOTHING, related_name="open_periods")
    during = DateTimeRangeField()

    class Meta:
        managed = False
        db_table = "products_openperiod"

    def __str__(self) -> str:
        return str(self.during)


def zones_of(uses: Iterable[Use], at: datetime) -> dict[object, Zone]:
    """The zone of each use at that instant, in one query. Before its first entry nothing is known of a use: UNLISTED."""
    wanted = [use.pk for use in uses]
    zones: dict[object, Zone] = dict.fromkeys(wanted, Zone.UNLISTED)
    for period in Period.objects.filter(use__in=wanted, during__contains=at):
        zones[period.use_id] = period.zone(at)
    return zones


class ThemeQuerySet(models.QuerySet["Theme"]):
    def visible_to(self, user: User) -> ThemeQuerySet:
        """Themes are the words of Medical; the commercial side has no list of them."""
        return (
            self if user.role and side_of(Role(user.role)) in (Side.MEDICAL, Side.OVERSIGHT) else self.none()
        )


class Theme(Record):
    """What conversations are about, within an indication or a therapeutic area: the chips of the visit form."""

    name = models.CharField(_("name"), max_length=80)
    indication = models.ForeignKey(
        Indication, on_delete=models.PROTECT, null=True, blank=True, related_name="themes"
    )
    area = models.ForeignKey(
        TherapeuticArea, on_delete=models.PROTECT, null=True, blank=True, related_name="themes"
    )

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [
            models.CheckConstraint(
                name="a_theme_belongs_to_an_indication_or_an_area",
                condition=Q(indication=None, area__isnull=False) | Q(indication__isnull=False, area=None),
            )
        ]

    def __str__(self) -> str:
        return self.name


class PlanItemQuerySet(models.QuerySet["PlanItem"]):
    def visible_to(self, user: User) -> PlanItemQuerySet:
        """Medical those of its markets, oversight all; that there is a plan is nobody else's to know."""
        side = side_of(Role(user.role)) if user.role else None
        if side is Side.OVERSIGHT:
            return self
        return self.filter(use__market__in=user.market_ids) if side is Side.MEDICAL else self.none()


class PlanItem(Record):
    """An approved item of the medical plan: why a use may be raised in scientific exchange, and until when."""

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="plan_items")
    reference = models.CharField(_("reference"), max_length=40)
    purpose = models.TextField(_("scientific purpose"))
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField()

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        ordering = ("reference",)
        constraints = [
            models.CheckConstraint(name="a_plan_item_holds_for_some_time", condition=Q(during__isempty=False))
        ]

    def __str__(self) -> str:
        return self.reference
