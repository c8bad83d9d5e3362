"""Who acts, for which market, and in which part of the country."""

from __future__ import annotations

import hashlib
import secrets
import zoneinfo
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import holidays
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.base import Record, choices
from accounts.certificates import Certificate
from accounts.factors import FactorReset, FactorRule
from accounts.glass import BreakGlass
from accounts.rights import RightsReview
from compliance.policy import Role, Side, side_of

if TYPE_CHECKING:
    from accounts.acting import Acting

__all__ = ["AbsenceCover", "ApiToken", "Appointment", "BreakGlass", "Certificate", "Custodian",
           "FactorReset", "FactorRule", "IdempotencyKey", "Market", "Notice", "NoticeChoice", "Post",
           "RightsReview", "Territory", "TerritoryRegion", "User"]  # fmt: skip


class Market(Record):
    """A jurisdiction that authorises, with the one time zone that turns its days into instants (decision 9)."""

    code = models.CharField(_("code"), max_length=5, unique=True)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=40)
    calendar = models.CharField(
        _("business calendar"), max_length=10, help_text=_("Country code of its public holidays.")
    )
    active = models.BooleanField(_("active"), default=True)
    staff_names_in_comparisons = models.BooleanField(_("names of employees in comparisons"), default=False)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone)

    def start_of(self, day: date) -> datetime:
        """The instant at which a local day begins here, as an aware datetime."""
        return datetime.combine(day, time.min, self.tz)

    def local_day(self, at: datetime) -> date:
        """The local calendar day of an instant."""
        return at.astimezone(self.tz).date()

    @cached_property
    def _holidays(self) -> Any:
        return holidays.country_holidays(self.calendar)

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays

    def business_days_after(self, day: date, count: int) -> date:
        """The local day `count` business days after `day`."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_business_day(day)
        return day


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person with an account and no role yet; an appointment gives the role."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin, Record):
    """A person with one account. What she may do hangs on her appointment at the instant, never on the account."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("comfortable")
        COMPACT = "compact", _("compact")

    email = models.EmailField(_("e-mail"), unique=True)
    title = models.CharField(_("title"), max_length=40, blank=True)
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    phone = models.CharField(_("business phone"), max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=24, choices=choices(Role), blank=True, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Europe/Berlin")
    language = models.CharField(_("language"), max_length=5, default="en-gb")
    theme = models.CharField(_("theme"), max_length=6, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(_("density"), max_length=11, choices=Density, default=Density.COMFORTABLE)
    start_page = models.CharField(
        _("start page"), max_length=60, blank=True, help_text=_("Where you land after signing in.")
    )
    shortcuts = models.BooleanField(
        _("single-key shortcuts"), default=True, help_text=_("They never work while you type.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the technical admin"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["given_name", "family_name"]

    class Meta:
        ordering = ("family_name", "given_name", "id")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def take_role(self, acting: Acting) -> None:
        """Carry the role of this transaction's instant, looked up by `acting_as`."""
        self.role = acting.role or ""
        self.market_ids = acting.markets
        self.lacks_factor, self.glass = acting.lacks_factor, acting.glass

    market_ids: frozenset[UUID] = frozenset()
    lacks_factor = False
    glass: UUID | None = None

    @property
    def side(self) -> Side | None:
        """The side of the wall this person stands on now; None without an appointment."""
        return side_of(Role(self.role)) if self.role else None


class Appointment(Record):
    """One role of one person for some markets, from and until. One at any instant (R-140)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=24, choices=choices(Role))
    side = models.CharField(max_length=12, choices=choices(Side), editable=False)
    markets = models.ManyToManyField(Market, related_name="+")
    during = DateTimeRangeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_role_per_person_at_any_instant",
                expressions=[("user", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="an_appointment_has_a_length", condition=Q(during__isempty=False)),
            models.CheckConstraint(
                name="a_role_stands_on_its_side",
                condition=Q(*[Q(role=role, side=side_of(role)) for role in Role], _connector=Q.OR),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.side = side_of(Role(self.role))
        super().save(*args, **kwargs)


class Territory(Record):
    """A node of the medical or the commercial tree of a market."""

    side = models.CharField(max_length=12, choices=choices(Side))
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="territories")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ("name", "id")
        verbose_name_plural = "territories"
        constraints = [
            models.UniqueConstraint(
                fields=["side", "market", "name"], name="one_territory_of_a_name_per_tree"
            ),
            models.CheckConstraint(
                name="a_territory_is_medical_or_commercial",
                condition=Q(side__in=[Side.MEDICAL, Side.COMMERCIAL]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryRegion(Record):
    """A region (ISO 3166-2 code or postcode prefix) that belongs to a territory for a time."""

    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="regions")
    region = models.CharField(max_length=12)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_region_is_held_for_some_time", condition=Q(during__isempty=False))
        ]

    def __str__(self) -> str:
        return self.region


class Post(Record):
    """A person's place in a territory, as its lead or as one of its people, from and until."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="posts")
    leads = models.BooleanField(default=False)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_post_is_held_for_some_time", condition=Q(during__isempty=False))
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.territory}"


class AbsenceCoverQuerySet(models.QuerySet["AbsenceCover"]):
    def visible_to(self, user: User) -> AbsenceCoverQuerySet:
        """A lead her team's; anybody else what concerns her."""
        from accounts.people import team_of

        if user.role in (Role.MSL_LEAD, Role.FIELD_LEAD):
            return self.filter(absent__in=team_of(user))
        return self.filter(Q(absent=user) | Q(cover=user))


class AbsenceCover(Record):
    """Somebody who stands in for a colleague of the same side while he is away."""

    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covered_by")
    cover = models.ForeignKey(User, on_delete=models.PROTECT, related_name="covers")
    during = DateTimeRangeField()

    objects = AbsenceCoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="nobody_covers_for_herself", condition=~Q(absent=models.F("cover"))),
            models.CheckConstraint(name="cover_lasts_for_some_time", condition=Q(during__isempty=False)),
        ]

    def __str__(self) -> str:
        return f"{self.cover} for {self.absent}"


class Custodian(Record):
    """The MSL lead who owns in a market what nobody else owns (decision 8)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="custodies")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="custodians")
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_custodian_per_market_at_any_instant",
                expressions=[("market", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.market}"


class Notice(Record):
    """Something one person should know. Told once per key, mailed without content (decision 36)."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    facts = models.JSONField(default=dict, help_text="What the sentence of this kind is filled with.")
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    urgent = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="a_person_is_told_once")]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notice_of_person"),
            models.Index(fields=["created_at"], condition=Q(mailed_at=None), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class NoticeChoice(Record):
    """By which ways a person wants to hear of one kind of notice. Without a row she hears by all of them."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=40)
    inside = models.BooleanField(_("in the application"), default=True)
    mail = models.BooleanField(_("by mail"), default=True)
    digest = models.BooleanField(_("in the digest"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_choice_per_person_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class ApiToken(Record):
    """A person's key to the API. Only its hash is kept; a lost one is replaced, never shown again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, name: str, at: datetime) -> tuple[ApiToken, str]:
        """A new token and its secret, which is shown this once."""
        secret = secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, digest=cls.hash(secret), created_at=at), secret


class IdempotencyKey(Record):
    """The first answer to a creation, kept so that a repeated request gets it again and writes nothing."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_key_is_used_once_per_person")]

    def __str__(self) -> str:
        return self.key
