"""Where an expert practises, and the places experts work at."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Market, User
from compliance import audit
from compliance.policy import Deed
from kols.models import KOL, Institution, Practice


@audit.action
def set_markets(kol: KOL, *, main: Market, markets: Iterable[Market], by: User) -> None:
    """Note in which markets an expert practises. The main one is always among them.

    Markets of other people stay: nobody takes an expert away from a market that is not hers.
    """
    audit.permit(Deed.EDIT_KOL, on=kol, by=by)
    kol = KOL.objects.select_for_update(no_key=True).get(pk=kol.pk)
    wanted = {main.pk} | {market.pk for market in markets}
    held = {practice.market_id: practice for practice in kol.practices.all()}
    Practice.objects.filter(kol=kol, market__in=(set(held) & by.market_ids) - wanted).delete()
    kol.practices.filter(main=True).exclude(market=main).update(main=False)
    for market in sorted(wanted - set(held)):
        Practice.objects.create(kol=kol, market_id=market, main=market == main.pk)
    kol.practices.filter(market=main, main=False).update(main=True)
    audit.record("set markets of", kol, by=by, market=main.code, markets=len(wanted))


@audit.action
def find_or_note_institution(name: str, *, city: str = "", country: str = "", by: User) -> Institution:
    """The institution of that name in that city; noted if nobody has named it before."""
    audit.permit(Deed.EDIT_KOL, on=None, by=by, words=name)
    known = Institution.objects.filter(name__iexact=name, city__iexact=city).order_by("id").first()
    if known is not None:
        return known
    place = Institution.objects.create(name=name, city=city, country=country)
    audit.record("noted institution", place, by=by)
    return place
