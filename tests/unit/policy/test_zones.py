"""Zones at the second, across days on which clocks change, and with voided or unconfirmed points."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.policy import (
    LifecyclePoint,
    Standing,
    State,
    Zone,
    decide,
    derive_zone,
    local_day,
    strictest_zone,
    zone_of,
    zone_of_day,
    zones_during,
)
from compliance.policy.zones import STRICTNESS

from .acts import call, novastat

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SECOND = timedelta(seconds=1)


def point(state: State, at: datetime, **facts: object) -> LifecyclePoint:
    return LifecyclePoint(state=state, effective_at=at, **facts)  # type: ignore[arg-type]


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


SUBMITTED = point(State.SUBMITTED, berlin(2025, 1, 1))
AUTHORISED = point(State.AUTHORISED, berlin(2026, 6, 15))
SUSPENDED = point(State.SUSPENDED, berlin(2026, 9, 1))
HISTORY = (SUSPENDED, SUBMITTED, AUTHORISED)


@pytest.mark.parametrize(
    ("state", "zone"),
    [
        *((state, Zone.PRE) for state in (State.PRECLINICAL, State.CLINICAL, State.SUBMITTED)),
        *((state, Zone.PRE) for state in (State.REFUSED, State.APPL_WITHDRAWN, State.EMERGENCY)),
        *((state, Zone.OPEN) for state in (State.AUTHORISED, State.CONDITIONAL)),
        *((state, Zone.CLOSED) for state in (State.SUSPENDED, State.WITHDRAWN)),
        (None, Zone.UNLISTED),
    ],
)
def test_each_state_gives_its_zone(state: State | None, zone: Zone) -> None:
    assert zone_of(state) is zone
    assert zone_of(state, promotable=False) is (Zone.PRE if zone is Zone.OPEN else zone)


def test_emergency_supply_opens_only_where_the_pack_says_so() -> None:
    assert zone_of(State.EMERGENCY, emergency_opens=True) is Zone.OPEN
    others = set(State) - {State.EMERGENCY}
    assert all(zone_of(state, emergency_opens=True) is zone_of(state) for state in others)


def test_an_unknown_state_has_no_zone() -> None:
    with pytest.raises(ValueError, match="FANCY"):
        zone_of("FANCY")


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        (SUBMITTED.effective_at - SECOND, Zone.UNLISTED),
        (SUBMITTED.effective_at, Zone.PRE),
        (AUTHORISED.effective_at - SECOND, Zone.PRE),
        (AUTHORISED.effective_at, Zone.OPEN),
        (AUTHORISED.effective_at + SECOND, Zone.OPEN),
        (SUSPENDED.effective_at - SECOND, Zone.OPEN),
        (SUSPENDED.effective_at, Zone.CLOSED),
    ],
)
def test_a_zone_changes_at_the_second(at: datetime, zone: Zone) -> None:
    assert derive_zone(HISTORY, at) is zone
    # Told in another time zone it is the same moment.
    assert derive_zone(HISTORY, at.astimezone(NEW_YORK)) is zone


@pytest.mark.parametrize(("shift", "allowed"), [(-SECOND, False), (timedelta(), True), (SECOND, True)])
def test_a_product_call_turns_allowed_at_that_second(shift: timedelta, allowed: bool) -> None:
    at = AUTHORISED.effective_at + shift
    topic = novastat(derive_zone(HISTORY, at), standing=Standing.OWNER, documents=frozenset({"SMPC", "MAT"}))

    assert decide(call(topic, starts_at=at, ends_at=at, recorded_at=at)).allowed is allowed


def test_authorised_but_not_yet_to_be_promoted_is_pre() -> None:
    launch = berlin(2026, 7, 1)
    history = (SUBMITTED, point(State.AUTHORISED, AUTHORISED.effective_at, promotable_from=launch))

    assert derive_zone(history, launch - SECOND) is Zone.PRE
    assert derive_zone(history, launch) is Zone.OPEN
    assert zones_during(history, launch - SECOND, launch + SECOND) == (Zone.PRE, Zone.OPEN)


def test_a_launch_release_before_the_authorisation_opens_nothing() -> None:
    early = point(State.AUTHORISED, AUTHORISED.effective_at, promotable_from=berlin(2026, 1, 1))

    assert derive_zone((SUBMITTED, early), AUTHORISED.effective_at - SECOND) is Zone.PRE


@pytest.mark.parametrize("facts", [{"confirmed": False}, {"voided": True}])
def test_a_point_that_is_not_confirmed_or_is_voided_changes_nothing(facts: dict[str, bool]) -> None:
    proposed = point(State.AUTHORISED, AUTHORISED.effective_at, **facts)

    assert derive_zone((SUBMITTED, proposed), berlin(2026, 8, 1)) is Zone.PRE


def test_of_two_points_at_one_instant_the_later_recorded_holds() -> None:
    at = berlin(2026, 6, 15)
    first = point(State.AUTHORISED, at, recorded_at=berlin(2026, 6, 15))
    second = point(State.WITHDRAWN, at, recorded_at=berlin(2026, 6, 16))

    assert derive_zone((second, first), at) is derive_zone((first, second), at) is Zone.CLOSED


@pytest.mark.parametrize(
    ("on", "zone"),
    [
        (date(2026, 6, 14), Zone.PRE),
        (date(2026, 6, 15), Zone.OPEN),
        (date(2026, 8, 31), Zone.OPEN),
        (date(2026, 9, 1), Zone.CLOSED),
        (date(2024, 12, 31), Zone.UNLISTED),
    ],
)
def test_a_day_is_open_only_if_all_of_it_is(on: date, zone: Zone) -> None:
    assert zone_of_day(HISTORY, on, BERLIN) is zone


def test_a_change_at_noon_keeps_the_whole_day_closed_to_field_service() -> None:
    history = (SUBMITTED, point(State.AUTHORISED, berlin(2026, 6, 15, 12)))

    assert zone_of_day(history, date(2026, 6, 15), BERLIN) is Zone.PRE
    assert zone_of_day(history, date(2026, 6, 16), BERLIN) is Zone.OPEN
    # Noon in Berlin is six in the morning in New York: neither has the whole day.
    assert zone_of_day(history, date(2026, 6, 15), NEW_YORK) is Zone.PRE


def test_the_same_instant_opens_another_day_elsewhere() -> None:
    assert zone_of_day(HISTORY, date(2026, 6, 14), NEW_YORK) is Zone.PRE
    assert zone_of_day(HISTORY, date(2026, 6, 15), NEW_YORK) is Zone.OPEN


@pytest.mark.parametrize(
    ("on", "zone", "hours"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 6, 15), "Europe/Berlin", 24),
        # Clocks change at midnight itself: there is no such midnight, or there are two.
        (date(2024, 9, 8), "America/Santiago", 23),
        (date(2025, 11, 2), "America/Havana", 25),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(on: date, zone: str, hours: int) -> None:
    start, end = local_day(on, ZoneInfo(zone))

    assert end - start == timedelta(hours=hours)
    assert start.tzinfo is UTC
    assert start.astimezone(ZoneInfo(zone)).date() == on
    assert (start - SECOND).astimezone(ZoneInfo(zone)).date() == on - timedelta(days=1)


@pytest.mark.parametrize("at", [(2026, 10, 25, 2, 30), (2026, 10, 25, 23, 59, 59)])
def test_a_change_late_on_a_long_day_keeps_it_from_being_open(at: tuple[int, ...]) -> None:
    history = (SUBMITTED, point(State.AUTHORISED, berlin(*at).replace(fold=1)))

    assert zone_of_day(history, date(2026, 10, 25), BERLIN) is Zone.PRE
    assert zone_of_day(history, date(2026, 10, 26), BERLIN) is Zone.OPEN


def test_the_strictest_zone_of_nothing_is_unlisted() -> None:
    assert strictest_zone(()) is Zone.UNLISTED
    assert strictest_zone((Zone.OPEN, Zone.PRE)) is Zone.PRE
    assert set(STRICTNESS) == set(Zone)


def test_an_event_that_runs_through_a_short_opening_meets_every_zone() -> None:
    assert zones_during(HISTORY, berlin(2026, 6, 1), berlin(2026, 10, 1)) == (
        *(Zone.PRE, Zone.OPEN, Zone.CLOSED),
    )


points = st.builds(
    LifecyclePoint,
    state=st.sampled_from(State),
    effective_at=st.datetimes(datetime(2026, 6, 1), datetime(2026, 6, 30), timezones=st.just(BERLIN)),
    confirmed=st.booleans(),
    voided=st.booleans(),
)


@given(st.lists(points, max_size=5), st.dates(date(2026, 6, 1), date(2026, 6, 30)), st.integers(0, 86399))
def test_an_open_day_is_open_at_each_of_its_seconds(
    history: list[LifecyclePoint], on: date, second: int
) -> None:
    at = local_day(on, BERLIN)[0] + timedelta(seconds=second)

    if zone_of_day(history, on, BERLIN) is Zone.OPEN:
        assert derive_zone(history, at) is Zone.OPEN


def test_emergency_supply_opens_by_the_pack_wherever_a_zone_is_asked_for() -> None:
    history = (SUBMITTED, point(State.EMERGENCY, berlin(2026, 6, 15)))
    at, on = berlin(2026, 6, 15, 9), date(2026, 6, 15)
    week = (berlin(2026, 6, 10), berlin(2026, 6, 20))

    assert (derive_zone(history, at), derive_zone(history, at, emergency_opens=True)) == (Zone.PRE, Zone.OPEN)
    assert zones_during(history, *week) == (Zone.PRE,)
    assert zones_during(history, *week, emergency_opens=True) == (Zone.PRE, Zone.OPEN)
    assert zone_of_day(history, on, BERLIN) is Zone.PRE
    assert zone_of_day(history, on, BERLIN, emergency_opens=True) is Zone.OPEN


def test_of_several_zones_the_one_that_permits_least_counts() -> None:
    assert strictest_zone((Zone.OPEN, Zone.NONE)) is Zone.OPEN
    assert strictest_zone((Zone.PRE, Zone.CLOSED, Zone.OPEN)) is Zone.CLOSED
    assert strictest_zone((Zone.CLOSED, Zone.UNLISTED)) is Zone.UNLISTED


def test_the_later_period_holds_whenever_it_was_recorded() -> None:
    at = berlin(2026, 6, 15)
    early = point(State.WITHDRAWN, berlin(2026, 6, 1), recorded_at=berlin(2026, 7, 1))
    late = point(State.AUTHORISED, at, recorded_at=berlin(2026, 5, 1))

    assert derive_zone((early, late), at) is Zone.OPEN
    # Not recorded at an instant of its own: recorded when it took effect.
    unstated, corrected = point(State.AUTHORISED, at), point(State.WITHDRAWN, at, recorded_at=at + SECOND)
    before = point(State.WITHDRAWN, at, recorded_at=at - SECOND)
    assert derive_zone((corrected, unstated), at) is derive_zone((unstated, corrected), at) is Zone.CLOSED
    assert derive_zone((before, unstated), at) is derive_zone((unstated, before), at) is Zone.OPEN
