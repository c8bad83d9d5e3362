"""Visits of both sides to one expert: two records, linked for oversight alone (R-060 to R-063)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import User
from compliance.policy import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from interactions.facts import Spoken
    from kols.models import KOL

__all__ = ["JointVisit"]


class JointVisitQuerySet(models.QuerySet["JointVisit"]):
    def visible_to(self, user: User) -> JointVisitQuerySet:
        return self if user.role in (Role.COMPLIANCE, Role.AUDITOR) else self.none()


class JointVisit(Record):
    """That two records tell of one visit. Neither side learns of it: each has its own record and nothing more."""

    medical = models.ForeignKey("interactions.Interaction", on_delete=models.PROTECT, related_name="+")
    # Without a key in the database: it would lock the row and hold it, and a rep could tell that it is linked.
    field = models.ForeignKey(
        "interactions.Interaction", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    overlapping = models.BooleanField(_("at the same time"))
    before_authorisation = models.BooleanField(
        _("while what is not authorised was a topic"),
        help_text="Field service had not left when such a topic came up (R-063).",
    )
    found_at = models.DateTimeField()

    objects = JointVisitQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at", "id")
        indexes = [models.Index(fields=["-found_at", "id"], name="joint_visits_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["medical", "field"], name="two_records_are_linked_once"),
            models.CheckConstraint(name="a_record_is_not_linked_to_itself", condition=~Q(medical=F("field"))),
        ]

    def __str__(self) -> str:
        return str(self.medical)


def is_introduction(
    kols: Sequence[KOL],
    topics: Iterable[Spoken],
    handed_over: Iterable[tuple[UUID, UUID, datetime]],
    before: int,
    allowed: int,
) -> bool:
    """Whether this is the visit at which a handover is introduced: soon after it, not yet had, about nothing else.

    `handed_over` are the relations that came from Medical to whoever of field service is there, within PP-05.
    """
    fresh = {(kol, use) for kol, use, _since in handed_over}
    experts = {kol.pk for kol in kols}
    about = {topic.use.pk for topic in topics if topic.use is not None}
    met = experts <= {kol for kol, _use in fresh} and all(
        (kol, use) in fresh for kol in experts for use in about
    )
    return bool(experts) and met and before < allowed
