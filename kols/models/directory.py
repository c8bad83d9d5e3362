"""The directory: who the experts are and where they work. Shared by all sides; nothing medical is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User
from compliance.policy import Role

if TYPE_CHECKING:
    from uuid import UUID


class Institution(Record):
    """A hospital, practice, university or society."""

    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    street = models.CharField(_("street"), max_length=250, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    region = models.CharField(
        _("region"), max_length=8, blank=True, help_text=_("ISO 3166-2, for example DE-HH.")
    )
    country = models.CharField(_("country"), max_length=2, blank=True)
    source = models.CharField(max_length=40, blank=True)
    source_key = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("name", "id")
        indexes = [models.Index(fields=["region"], name="institution_region")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_key"],
                condition=~Q(source_key=""),
                name="an_institution_is_imported_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}" if self.city else self.name


class KOLQuerySet(models.QuerySet["KOL"]):
    def listed(self) -> KOLQuerySet:
        """Not merged, not archived."""
        return self.filter(status__in=[KOL.Status.ACTIVE, KOL.Status.TO_VERIFY])

    def practising_in(self, markets: frozenset[UUID]) -> KOLQuerySet:
        """KOLs with a practice in any of these markets."""
        return self.filter(Exists(Practice.objects.filter(kol=OuterRef("pk"), market__in=markets)))

    def visible_to(self, user: User) -> KOLQuerySet:
        """The KOLs this person may know about.

        Field service knows those it owns or was ever assigned; what it may not know does not exist (decision 12).
        """
        from kols.models.ownership import Ownership, Relation

        match user.role:
            case Role.MSL | Role.MSL_LEAD | Role.MEDICAL_INFORMATION | Role.CLINICAL_RESEARCH:
                return self.practising_in(user.market_ids)
            case Role.FIELD_SERVICE | Role.FIELD_LEAD:
                shown = Relation.objects.visible_to(user).filter(kol=OuterRef("pk"))
                owned = Ownership.objects.visible_to(user).filter(relation__kol=OuterRef("pk"))
                return self.filter(Exists(shown) | Exists(owned))
            case Role.COMPLIANCE | Role.AUDITOR | Role.PRIVACY | Role.SAFETY:
                return self
            case _:
                return self.none()

    def matching(self, words: str) -> KOLQuerySet:
        """KOLs in whose search column every word occurs, however accents and umlauts are spelt (decision 37)."""
        from django.db.models import Func, TextField, Value

        found = self
        for word in words.split()[:6]:
            found = found.filter(
                search__contains=Func(Value(word[:60]), function="crm_fold", output_field=TextField())
            )
        return found


class KOL(Record):
    """A key opinion leader: an expert, a decision maker, a physician whom the company talks with."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        TO_VERIFY = "TO_VERIFY", _("to verify")
        ARCHIVED = "ARCHIVED", _("archived")
        MERGED = "MERGED", _("merged")

    class Licence(models.TextChoices):
        UNKNOWN = "UNKNOWN", _("not checked")
        VERIFIED = "VERIFIED", _("verified")
        EXPIRED = "EXPIRED", _("expired")

    title = models.CharField(_("title"), max_length=80, blank=True)
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    family_name = models.CharField(_("family name"), max_length=120)
    suffix = models.CharField(_("suffix"), max_length=40, blank=True)
    sort_name = models.CharField(max_length=300, editable=False)
    specialty = models.CharField(_("specialty"), max_length=200, blank=True)
    languages = ArrayField(
        models.CharField(max_length=5), default=list, blank=True, verbose_name=_("languages")
    )
    email = models.EmailField(_("professional e-mail"), blank=True)
    phone = models.CharField(_("professional phone"), max_length=60, blank=True)
    preferred_channel = models.CharField(_("preferred channel"), max_length=20, blank=True)
    preferred_times = models.CharField(_("preferred times"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=8, choices=Licence, default=Licence.UNKNOWN)
    formulary_member = models.BooleanField(_("formulary or guideline member"), default=False)
    paid_services_need_approval = models.BooleanField(
        _("paid services need approval by Compliance"), default=False
    )
    do_not_contact = models.BooleanField(_("do not contact"), default=False)
    objects_to_marketing = models.BooleanField(
        _("objects to marketing"), default=False, db_default=False, editable=False,
        help_text=_("Kept by the database from what either side was told (R-093)."),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    main_institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    search = models.TextField(
        editable=False, default="", help_text="Kept by triggers: folded names, places, identifiers."
    )

    objects = KOLQuerySet.as_manager()

    class Meta:
        ordering = ("sort_name", "id")
        verbose_name = "KOL"
        indexes = [
            models.Index(fields=["sort_name", "id"], name="kol_by_name"),
            GinIndex(OpClass(F("search"), name="gin_trgm_ops"), name="kol_search"),
            models.Index(fields=["main_institution"], name="kol_main_institution"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Title, given name, family name, suffix."""
        name = " ".join(part for part in (self.title, self.given_name, self.family_name) if part)
        return f"{name}, {self.suffix}" if self.suffix else name

    @property
    def place(self) -> str:
        return str(self.main_institution) if self.main_institution_id else ""


class Practice(Record):
    """A market in which a KOL practises; exactly one is the main one."""

    kol = models.ForeignKey(KOL, on_delete=models.CASCADE, related_name="practices")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    main = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kol", "market"], name="a_kol_practises_once_per_market"),
            models.UniqueConstraint(fields=["kol"], condition=Q(main=True), name="one_main_market_per_kol"),
        ]
        indexes = [models.Index(fields=["market", "kol"], name="practice_of_market")]

    def __str__(self) -> str:
        return f"{self.kol} in {self.market}"


class Affiliation(Record):
    """Where a KOL works, as what, from and until."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="affiliations")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="affiliations")
    function = models.CharField(_("function"), max_length=200, blank=True)
    main = models.BooleanField(_("main"), default=False)
    during = DateTimeRangeField()

    class Meta:
        ordering = ("-main", "id")
        constraints = [
            models.CheckConstraint(
                name="an_affiliation_lasts_for_some_time", condition=Q(during__isempty=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kol} at {self.institution}"


class Identifier(Record):
    """A number by which a register knows a KOL: NPI, ORCID and the like."""

    class Scheme(models.TextChoices):
        NPI = "NPI", "NPI"
        ORCID = "ORCID", "ORCID"
        LANR = "LANR", "LANR"
        OPEN_PAYMENTS = "OPEN_PAYMENTS", "Open Payments"
        OTHER = "OTHER", _("other")

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="identifiers")
    scheme = models.CharField(_("register"), max_length=16, choices=Scheme)
    value = models.CharField(_("number"), max_length=80)

    class Meta:
        ordering = ("scheme", "value")
        constraints = [models.UniqueConstraint("scheme", Upper("value"), name="a_number_names_one_kol")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"


class Committee(Record):
    """A body that decides on use: a drug commission, a guideline group, a payer."""

    name = models.CharField(_("name"), max_length=250)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    market = models.ForeignKey(
        Market, on_delete=models.PROTECT, related_name="committees", null=True, blank=True
    )
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, null=True, blank=True, related_name="committees"
    )

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Seat(Record):
    """A KOL's place on a committee, from and until."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="seats")
    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(_("role"), max_length=80, blank=True)
    during = DateTimeRangeField()

    def __str__(self) -> str:
        return f"{self.kol} on {self.committee}"
