"""Why somebody is worth seeing, in words, and who comes first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interactions.models import LastContact
from interactions.worth import reasons_for
from kols.models import KOL, Institution, ScientificProfile

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def expert(*, tier: int | None = None, unseen: int | None = None, city: str = "") -> KOL:
    kol = KOL(family_name="Jansen", main_institution=Institution(city=city) if city else None)
    # As the query reads them: what is not there is known not to be there.
    kol._state.fields_cache |= {"science": None, "last_contact": None}
    if tier:
        kol.science = ScientificProfile(kol=kol, tier=tier)
    if unseen is not None:
        kol.last_contact = LastContact(kol=kol, at=NOW - timedelta(days=unseen))
    return kol


def said(kol: KOL, near: dict[str, str] | None = None, promised: dict[object, str] | None = None) -> str:
    return reasons_for(kol, NOW, near or {}, promised or {}).sentence


def test_tier_and_days_stand_first():
    assert said(expert(tier=1, unseen=96)) == "Tier 1, last seen 96 days ago"
    assert said(expert(tier=2)) == "Tier 2, never met"
    assert said(expert(unseen=40)) == "Last seen 40 days ago"


def test_a_place_of_today_and_a_promise_are_reasons_of_their_own():
    kol = expert(tier=1, unseen=96, city="Kiel")

    assert said(kol, {"Kiel": "14:00"}) == "Tier 1, last seen 96 days ago. In Kiel, like your 14:00"
    assert said(kol, {"Bonn": "14:00"}) == "Tier 1, last seen 96 days ago"
    assert said(kol, promised={kol.pk: "the poster"}).endswith("ago. Waits for: the poster")


def test_the_first_tier_and_the_long_unseen_come_first_and_what_is_near_or_promised_lifts():
    def weight(kol: KOL, *more: dict[object, str]) -> float:
        near, promised = (*more, {}, {})[:2]
        return reasons_for(kol, NOW, near, promised).weight  # type: ignore[arg-type]

    first, second = expert(tier=1, unseen=60), expert(tier=2, unseen=60, city="Kiel")
    assert weight(first) > weight(second)
    assert weight(expert(tier=2, unseen=200)) > weight(second)
    assert weight(second, {"Kiel": "14:00"}, {second.pk: "the poster"}) > weight(first)
