"""Lists of experts as somebody has narrowed them, kept under a name of her own."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.base import Record
from accounts.models import Appointment, User
from compliance.policy import Side


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def standing(self) -> Self:
        return self.filter(removed_at=None)

    def visible_to(self, user: User) -> Self:
        """Medical's own: hers, and what colleagues who work in one of her markets share. A name tells of trials
        and of plans; nobody else has a list of them."""
        if user.side is not Side.MEDICAL:
            return self.none()
        colleagues = Appointment.objects.filter(
            user=OuterRef("owner"), side=Side.MEDICAL, during__contains=now(), markets__in=user.market_ids
        )
        return self.filter(Q(owner=user) | Q(Exists(colleagues), shared=True))


class SavedView(Record):
    """A name for an address of the list of experts: what it is narrowed to, and in which order."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)
    shared = models.BooleanField(_("shared with the team"), default=False)
    starts = models.BooleanField(_("the list opens with it"), default=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], condition=Q(removed_at=None), name="one_view_of_a_name_per_person"
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(removed_at=None, starts=True), name="one_view_to_start_with"
            ),
            models.CheckConstraint(name="a_view_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
