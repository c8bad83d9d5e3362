"""Which territory a KOL belongs to when the region of the main affiliation is not the answer."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models

from accounts.base import Record
from accounts.models import Territory
from kols.models.directory import KOL


class Alignment(Record):
    """A dated exception: this KOL belongs to this territory, whatever the region says (decision 9)."""

    kol = models.ForeignKey(KOL, on_delete=models.PROTECT, related_name="alignments")
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="alignments")
    side = models.CharField(max_length=12, editable=False)
    market = models.ForeignKey("accounts.Market", on_delete=models.PROTECT, related_name="+", editable=False)
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_alignment_per_kol_side_and_market_at_any_instant",
                expressions=[
                    ("kol", RangeOperators.EQUAL),
                    ("side", RangeOperators.EQUAL),
                    ("market", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.kol} in {self.territory}"
