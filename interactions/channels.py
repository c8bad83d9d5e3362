"""What stands beside the channels of the visit form: where an agreement is missing, before anybody runs into it."""

from __future__ import annotations

from django.db.models import Exists
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.models import Market, User
from compliance.packs import in_force
from compliance.policy import Channel
from compliance.policy.packs import BASE, packs
from kols.models import KOL, Consent

OPT_IN = "opt-in"


def note_of(user: User, kol: KOL | None, market: Market) -> str:
    """Why video and mail would be refused with this expert, where the market asks for an agreement first (R-091).

    The channels stay: what took place is told as it was. One statement.
    """
    if kol is None:
        return ""
    agreed = Consent.objects.visible_to(user).standing().filter(kol=kol, channel=Channel.EMAIL, market=market)
    rules = Market.objects.filter(pk=market.pk).annotate(version=in_force(now()), agreed=Exists(agreed))
    version, has_agreed = rules.values_list("version", "agreed").get()
    asked = packs().get((market.code, version or ""), BASE).consent.get(str(Channel.EMAIL), "")
    if has_agreed or asked != OPT_IN:
        return ""
    return _("No agreement to mail is recorded in %(market)s. Video and mail need one (R-091).") % {
        "market": market.name
    }
