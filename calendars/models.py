"""What goes out of the calendar by a secret address, and what comes in from another calendar.

All of it hangs on the appointment it was made under: with another role the feed is dead, and what was read for
the old one is not shown any more (R-110).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Appointment, User
from kols.models import KOL

if TYPE_CHECKING:
    from datetime import datetime


def _own(user: User) -> Q:
    """One's own, made under the appointment one holds now."""
    from accounts.acting import now

    return Q(user=user, appointment__during__contains=now())


class Own(Record):
    """Something of one person, under one of her appointments."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class FeedQuerySet(models.QuerySet["Feed"]):
    def visible_to(self, user: User) -> FeedQuerySet:
        return self.filter(_own(user))


class Feed(Own):
    """A calendar that another program reads by a secret address. Only a hash of the secret is kept."""

    name = models.CharField(_("what is it for"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    layers = ArrayField(models.CharField(max_length=10), verbose_name=_("what it shows"))
    names = models.BooleanField(_("with names and places"), default=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()


class SourceQuerySet(models.QuerySet["Source"]):
    def visible_to(self, user: User) -> SourceQuerySet:
        return self.filter(_own(user))


class Source(Own):
    """Another calendar of a person that is read for appointments with experts. Its address is kept encrypted."""

    class Problem(models.TextChoices):
        NONE = "", ""
        ADDRESS = "ADDRESS", _("this address may not be read")
        UNREACHABLE = "UNREACHABLE", _("nobody answers there")
        REFUSED = "REFUSED", _("the other side refuses it")
        TOO_BIG = "TOO_BIG", _("it is too big")
        TOO_SLOW = "TOO_SLOW", _("it takes too long")
        NO_CALENDAR = "NO_CALENDAR", _("that is no calendar")
        KEY = "KEY", _("please enter the address again")

    name = models.CharField(_("name"), max_length=80)
    address = models.TextField(editable=False)
    next_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        indexes = [models.Index(fields=["next_at"], name="sources_due")]

    def __str__(self) -> str:
        return self.name


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: User) -> SuggestionQuerySet:
        return self.filter(_own(user))


class Suggestion(Own):
    """An appointment of another calendar that is with an expert: the expert and the time, nothing else of it."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("offered")
        PLANNED = "PLANNED", _("planned")
        DISMISSED = "DISMISSED", _("no visit")

    source = models.ForeignKey(Source, on_delete=models.CASCADE, null=True, related_name="suggestions")
    kol = models.ForeignKey(KOL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(
        max_length=64, help_text="A hash of the other calendar's own identifier and the start."
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="an_appointment_is_offered_once"),
            models.CheckConstraint(
                name="an_offered_appointment_ends_after_it_begins", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kol}, {self.starts_at:%Y-%m-%d %H:%M}"

    @staticmethod
    def key_of(uid: str, start: datetime) -> str:
        return hashlib.sha256(f"{uid} {start.timestamp()}".encode()).hexdigest()
