"""Accounts field service asks for: what it asked, and, behind the wall, what Medical made of it (R-048, decision 12)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User
from compliance.policy import Role
from products.models import Use

__all__ = ["AccountAnswer", "AccountRequest"]


class AccountRequestQuerySet(models.QuerySet["AccountRequest"]):
    def open(self) -> AccountRequestQuerySet:
        return self.filter(answer=None)

    def visible_to(self, user: User) -> AccountRequestQuerySet:
        """Field service sees what it asked itself; the MSL lead her markets'; oversight all."""
        match user.role:
            case Role.FIELD_SERVICE | Role.FIELD_LEAD:
                return self.filter(author=user)
            case Role.MSL_LEAD:
                return self.filter(market__in=user.market_ids)
            case Role.COMPLIANCE | Role.AUDITOR:
                return self
            case _:
                return self.none()


class AccountRequest(Record):
    """An expert named by field service in its own words, and a product that is open. It is looked up nowhere.

    The row knows no answer: what Medical found stands in a table of its own that field service cannot read.
    """

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="+")
    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name of the expert"), max_length=200)
    place = models.CharField(_("institution and town"), max_length=200)
    asked_at = models.DateTimeField()

    objects = AccountRequestQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "id")
        indexes = [models.Index(fields=["author", "-asked_at"], name="accounts_asked_by")]
        constraints = [
            models.CheckConstraint(
                name="an_account_asked_for_has_a_name", condition=~Q(name="") & ~Q(place="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.place}"


class AccountAnswer(Record):
    """What the MSL lead made of it, for Medical and oversight alone. Whoever asked learns of an account by its handover."""

    class Found(models.TextChoices):
        BEGUN = "BEGUN", _("Medical answers now; a handover follows")
        ANSWERED = "ANSWERED", _("Somebody answers already")
        DECLINED = "DECLINED", _("Nobody is to answer")

    request = models.OneToOneField(AccountRequest, on_delete=models.PROTECT, related_name="answer")
    found = models.CharField(_("what was found"), max_length=10, choices=Found)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_found_display()
