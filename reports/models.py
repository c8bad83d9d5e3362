"""Figures kept by the transactions that cause them, so that a dashboard reads rows, not history.

Medical figures only: how recently experts were seen and how many contacts a person logged. Nothing here
knows of sales, prescriptions or market share, and nothing may be added that does (decision 33).
"""

from __future__ import annotations

from django.db import models

from accounts.base import Record
from accounts.models import Market, User
from kols.models import KOL


class Pulse(Record):
    """One expert in one market: where, which tier, and when Medical last met her. Kept by triggers."""

    kol = models.ForeignKey(KOL, on_delete=models.CASCADE, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=8, blank=True)
    tier = models.PositiveSmallIntegerField(null=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kol", "market"], name="one_pulse_per_kol_and_market")]
        indexes = [
            models.Index(fields=["market", "region", "tier", "last_at"], name="pulse_of_market"),
            models.Index(fields=["market", "tier", "last_at", "kol"], name="pulse_by_recency"),
            models.Index(fields=["tier", "last_at", "kol"], name="pulse_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kol_id}: {self.last_at}"


class PulseCount(Record):
    """So many experts of a market, region and tier were last met on that day (UTC), or never.

    Entries of the same kind are added up; one may be negative. Kept by triggers on `Pulse`.
    """

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=8, blank=True)
    tier = models.PositiveSmallIntegerField(null=True)
    day = models.DateField(null=True)
    kols = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["market", "region", "tier", "day"], name="pulses_of_market")]

    def __str__(self) -> str:
        return f"{self.kols} on {self.day}"


class DayCount(Record):
    """How many medical contacts a person logged on a day (UTC), in a market. Kept by triggers.

    Entries of the same person, market and day are added up; one may be negative.
    """

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    contacts = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["market", "day"], name="count_by_day"),
            models.Index(fields=["author", "day"], name="count_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.day}: {self.contacts}"
