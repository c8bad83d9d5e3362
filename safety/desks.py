"""Who takes a report, by market and by where the product stands (R-130). Data of the organisation."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import Record
from accounts.models import Market, User


class Route(models.TextChoices):
    """Where a report goes. Another company's product goes to nobody of ours (R-132)."""

    PV = "PV", _("authorised: pharmacovigilance")
    SPONSOR = "SPONSOR", _("investigational: the sponsor's safety desk")
    OTHER_COMPANY = "OTHER_COMPANY", _("another company's product")


class Desk(Record):
    """One desk of a market: what it is called, its mailbox, and who leads it."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="safety_desks")
    route = models.CharField(max_length=14, choices=Route)
    name = models.CharField(_("name"), max_length=80)
    mailbox = models.EmailField(_("mailbox"))
    encrypted = models.BooleanField(
        _("the way to this mailbox is encrypted"),
        default=False,
        help_text=_("Only then the report itself is mailed. Otherwise a mail says that one waits here."),
    )
    lead = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lead")
    )

    class Meta:
        ordering = ("market", "route", "id")
        constraints = [
            models.UniqueConstraint(fields=["market", "route"], name="one_safety_desk_per_market_and_route"),
            models.CheckConstraint(
                name="another_companys_product_has_no_desk_of_ours",
                condition=~models.Q(route=Route.OTHER_COMPANY),
            ),
        ]

    def __str__(self) -> str:
        return self.name


def desk_for(market: Market | None, route: str) -> Desk | None:
    """The desk that takes a report; without one for investigational products the market's other one does."""
    if market is None:
        return None
    desks = {desk.route: desk for desk in Desk.objects.filter(market=market).select_related("lead")}
    return desks.get(route) or desks.get(Route.PV)
