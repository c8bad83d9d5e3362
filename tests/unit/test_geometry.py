"""Bands over time and the small charts: from dates and numbers to places on a line."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from msl_crm import charts
from msl_crm.geometry import Mark, Row, Segment, lay_out

START, END, TODAY = date(2025, 1, 1), date(2027, 1, 1), date(2026, 1, 1)


def band(*segments, marks=(), today=TODAY, start=START, end=END):
    row = Row("Cardelin", "Heart failure", segments, marks)
    return lay_out([row], start=start, end=end, today=today)


def bars(*segments, **more):
    return [(bar.x, bar.width, bar.fill) for bar in band(*segments, **more).lines[0].bars]


def test_the_middle_of_the_line_is_half_way_between_both_ends():
    assert band().today == "50"


def test_what_has_ended_is_one_solid_bar():
    assert bars(Segment(START, TODAY, "msl")) == [("0", "50", "plum")]


def test_what_goes_on_without_a_settled_owner_is_striped_after_today():
    assert bars(Segment(START, None, "msl")) == [("0", "50", "plum"), ("50", "50", "stripe-plum")]


def test_field_service_stays_solid_after_today():
    assert bars(Segment(START, None, "field")) == [("0", "100", "green")]


def test_a_planned_owner_is_striped_even_if_settled_by_kind():
    assert bars(Segment(TODAY, None, "field", planned=True)) == [("50", "50", "stripe-green")]


def test_the_handover_is_hatched():
    assert bars(Segment(START, TODAY, "handover")) == [("0", "50", "hatch")]


def test_what_begins_before_the_line_starts_at_its_start():
    assert bars(Segment(date(2020, 1, 1), TODAY, "msl")) == [("0", "50", "plum")]


@pytest.mark.parametrize(
    "segment",
    [
        Segment(date(2020, 1, 1), date(2021, 1, 1), "msl"),
        Segment(date(2028, 1, 1), None, "msl"),
        Segment(TODAY, TODAY, "msl"),
        Segment(TODAY, START, "msl"),
    ],
)
def test_what_lies_outside_or_lasts_no_time_is_not_drawn(segment):
    assert bars(segment) == []


def test_today_outside_the_line_has_no_flag():
    assert band(today=date(2030, 1, 1)).today == ""


def test_a_line_that_ends_before_it_starts_is_a_mistake():
    with pytest.raises(ValueError, match="end after its start"):
        lay_out([], start=END, end=START, today=TODAY)


def test_words_of_a_late_mark_stand_left_and_of_an_early_one_right():
    late, early = Mark(date(2026, 10, 1), "authorised"), Mark(date(2025, 2, 1), "filed")
    assert [mark.anchor for mark in band(marks=(late, early)).lines[0].marks] == ["end", "start"]


def test_marks_outside_the_line_are_left_out():
    assert band(marks=(Mark(date(2030, 1, 1), "expected", expected=True),)).lines[0].marks == []


def test_readers_hear_who_from_when_until_when():
    (words,) = band(Segment(START, TODAY, "msl", "Lena Hoffmann, MSL")).lines[0].words
    assert words == {"text": "Lena Hoffmann, MSL", "from": "1 Jan 2025", "to": "1 Jan 2026"}


def test_a_long_line_names_its_years_and_a_short_one_its_quarters():
    assert [tick.text for tick in band().ticks] == ["2025", "2026"]
    short = band(start=date(2026, 1, 15), end=date(2026, 12, 1), today=date(2026, 6, 1))
    assert [tick.text for tick in short.ticks] == ["Apr 2026", "Jul 2026", "Oct 2026"]


def test_a_line_from_the_last_day_of_a_year_names_the_year_that_follows():
    ticks = band(start=date(2024, 12, 31)).ticks
    assert [tick.text for tick in ticks] == ["2025", "2026"]


def test_a_line_from_the_middle_of_a_year_names_that_year_too():
    assert [tick.text for tick in band(start=date(2024, 6, 1)).ticks] == ["2024", "2025", "2026"]


def test_numbers_keep_their_point_in_german():
    with translation.override("de"):
        assert bars(Segment(START, date(2025, 3, 1), "msl")) == [("0", "8.08", "plum")]


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)),
    st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)),
)
def test_no_bar_leaves_the_line_and_pieces_join(one, other):
    begin, finish = sorted((one.replace(tzinfo=UTC), other.replace(tzinfo=UTC)))
    drawn = band(Segment(begin, finish, "msl")).lines[0].bars
    places = [(float(bar.x), float(bar.x) + float(bar.width)) for bar in drawn]
    assert all(x >= 0 and to <= 100.02 for x, to in places)
    assert all(abs(left[1] - right[0]) < 0.03 for left, right in pairwise(places))


@pytest.mark.parametrize(
    ("value", "total", "share"), [(1, 4, "25"), (5, 4, "100"), (-1, 4, "0"), (1, 0, "0"), (1, 3, "33.33")]
)
def test_shares_stay_between_nothing_and_all(value, total, share):
    assert charts.percent(value, total) == share


def test_a_meter_turns_green_at_its_goal():
    assert charts.meter(84, goal=85, total=100, tone="")["tone"] == "amber"
    assert charts.meter(85, goal=85, total=100, tone="")["tone"] == "green"


def test_parts_fill_the_bar_without_gaps():
    parts = charts.parts([{"value": 1, "kind": "green"}, {"value": 3, "kind": "idle"}])
    assert [(part["x"], part["width"]) for part in parts] == [("0", "25"), ("25", "75")]


def test_parts_of_nothing_are_empty():
    assert charts.parts([{"value": 0, "kind": "green"}])[0]["width"] == "0"


def test_the_sixteen_states_become_tiles_with_or_without_the_prefix():
    drawn = charts.tiles({"DE-BE": 58, "BY": 81}, [55, 65, 75, 85], "")
    steps = {tile["code"]: tile["step"] for tile in drawn["tiles"]}
    assert len(steps) == 16
    assert (steps["BE"], steps["BY"], steps["HH"]) == (1, 3, 0)


def test_other_regions_become_bars_longest_first():
    drawn = charts.tiles({"North": 12, "South": 31}, [10, 20, 30, 40], "")
    assert [(bar["label"], bar["width"]) for bar in drawn["bars"]] == [("South", "100"), ("North", "38.71")]


def test_a_line_needs_two_points():
    assert charts.sparkline([3]) == ""
    assert charts.sparkline([1, 2]) == "2,17 64,3"


def test_a_full_week_shows_six_bars_and_tells_the_rest_by_number():
    (day,) = charts.week([{"label": "Mon", "count": 9}])
    assert (len(day["bars"]), day["count"]) == (6, 9)


def test_at_most_eight_neighbours_are_drawn_and_all_are_listed():
    network = charts.network("Albrecht", [{"name": str(i), "weight": i} for i in range(11)])
    assert (len(network["drawn"]), len(network["nodes"])) == (8, 11)
