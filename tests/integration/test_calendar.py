"""The calendar: what stands in it for whom, how it is laid out, and moving by the fields."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import AbsenceCover
from calendars import entries, grid
from compliance.models import AuditEntry
from compliance.policy import Channel, Kind, Refused
from interactions.actions import add_follow_up, move_plan, plan_interaction
from interactions.facts import Event, Present
from interactions.models import Interaction

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

MONDAY = date(2031, 3, 3)
VIEWS = ("", "agenda", "day", "week", "month")


@pytest.fixture
def planned(relation, mara, germany, keller):
    """A plan of Mara's with Professor Keller on Tuesday, 4 March 2031, 10:00 to 10:30 in Berlin."""
    return plan(mara, germany, keller)


def plan(by, market, kol, day=date(2031, 3, 4), clock=time(10, 0), minutes=30):
    start = datetime.combine(day, clock, market.tz)
    kind = Kind.VISIT if by.role.startswith("MSL") else Kind.PRODUCT_CALL
    event = Event(
        kind=kind, channel=Channel.IN_PERSON, starts_at=start, ends_at=start + timedelta(minutes=minutes),
        market=market,
    )  # fmt: skip
    with acting_as(by):
        return plan_interaction(by=by, event=event, people=[Present(kol=kol, main=True)])


def page(client, **query) -> str:
    answer = client.get(reverse("calendars:calendar"), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_plan_promise_and_absence(planned, mara, moritz, germany, keller, client_of, view):
    with acting_as(mara):
        add_follow_up(
            by=mara,
            what="Send the poster",
            due_on=date(2031, 3, 4),
            market=germany,
            promised=True,
            kol=keller,
        )
    with acting_as(system("set the stage")):
        away = DateTimeTZRange(datetime(2031, 3, 4, tzinfo=UTC), datetime(2031, 3, 6, tzinfo=UTC))
        AbsenceCover.objects.create(absent=mara, cover=moritz, during=away)

    shown = page(client_of(mara), view=view, on="2031-03-04")

    for words in ("Keller", "Send the poster", "Away"):
        assert words in shown, (view, words)
    assert reverse("interactions:detail", args=[planned.pk]) in shown
    assert "Keller" not in page(client_of(mara), view=view, on="2031-05-20")


def test_nobody_else_finds_the_plan_and_the_lead_finds_it_in_the_team_layer(
    planned, mara, moritz, lena, felix, frieda, client_of
):
    asked = {"view": "week", "on": "2031-03-04"}
    assert "Keller" in page(client_of(mara), **asked)
    assert "Keller" not in page(client_of(lena), **asked)
    team = page(client_of(lena), team="1", **asked)
    assert "Keller" in team
    assert "Mara Lindqvist" in team
    assert reverse("interactions:detail", args=[planned.pk]) not in team
    for person in (moritz, felix, frieda):
        assert "Keller" not in page(client_of(person), team="1", **asked), person


def test_the_calendar_of_field_service_is_the_same_bytes_whatever_medical_plans(
    relation, mara, moritz, germany, keller, felix, frieda, client_of
):
    def seen():
        return [
            page(client_of(person), view=view, on="2031-03-04", team="1").partition("<main")[2]
            for person in (felix, frieda)
            for view in VIEWS
        ]

    before = seen()
    plan(mara, germany, keller)
    with acting_as(mara):
        add_follow_up(by=mara, what="Send it", due_on=date(2031, 3, 4), market=germany, promised=True)
    with acting_as(system("set the stage")):
        away = DateTimeTZRange(datetime(2031, 3, 4, tzinfo=UTC), datetime(2031, 3, 6, tzinfo=UTC))
        AbsenceCover.objects.create(absent=mara, cover=moritz, during=away)

    assert "Keller" in page(client_of(mara), view="week", on="2031-03-04")
    assert seen() == before


def test_a_slot_leads_to_the_plan_form_with_its_day_and_time_filled_in(relation, mara, keller, client_of):
    client = client_of(mara)
    slot = f"{reverse('interactions:plan')}?on=2031-03-05&amp;at=09:30"
    assert slot in page(client, view="week", on="2031-03-04")

    chooser = client.get(reverse("interactions:plan"), {"on": "2031-03-05", "at": "09:30"}).content.decode()
    assert f"?kol={keller.pk}&amp;kind=VISIT&amp;on=2031-03-05&amp;at=09%3A30%3A00" in chooser
    form = client.get(
        reverse("interactions:plan"), {"kol": str(keller.pk), "on": "2031-03-05", "at": "09:30:00"}
    ).content.decode()
    assert 'value="2031-03-05"' in form
    assert 'value="09:30"' in form


@pytest.mark.parametrize(
    "query",
    [
        {"on": "2031-13-45"}, {"on": "\x00"}, {"view": "<b>"}, {"on": "0001-01-01"}, {"on": "9999-12-31"},
        {"view": "month", "on": "9999-12-31"}, {"team": "1"},
    ],
)  # fmt: skip
def test_a_strange_address_shows_a_calendar_all_the_same(company, mara, client_of, query):
    page(client_of(mara), **query)


def test_a_plan_is_moved_by_its_fields_and_judged_for_its_new_day(planned, mara, germany, client_of):
    client = client_of(mara)
    address = reverse("interactions:move", args=[planned.pk])
    assert 'value="2031-03-04"' in client.get(address).content.decode()

    answer = client.post(address, {"on": "2031-03-06", "at": "16:00", "minutes": "60", "place": "Ward 3"})

    assert answer.status_code == 302
    with acting_as(mara):
        moved = Interaction.objects.get()
    assert moved.starts_at == datetime(2031, 3, 6, 15, 0, tzinfo=UTC)
    assert (moved.ends_at - moved.starts_at, moved.place) == (timedelta(hours=1), "Ward 3")
    assert moved.act["starts_at"].startswith("2031-03-06")
    with acting_as(mara):
        assert moved.attendees.get().at == moved.starts_at
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="moved", subject_id=planned.pk, refused=False).count() == 1


def test_nobody_moves_a_colleagues_plan_or_one_that_was_called_off(planned, mara, moritz, lena, client_of):
    address = reverse("interactions:move", args=[planned.pk])
    sent = {"on": "2031-03-06", "at": "16:00", "minutes": "60"}
    for person in (moritz, lena):
        assert client_of(person).post(address, sent).status_code == 404
    with acting_as(moritz), pytest.raises(Refused):
        move_plan(planned, by=moritz, starts_at=now(), ends_at=now(), place="")
    client_of(mara).post(reverse("interactions:cancellation", args=[planned.pk]))
    assert client_of(mara).post(address, sent).status_code == 404


def test_a_plan_is_not_moved_to_a_day_on_which_it_would_have_been_refused(planned, mara, client_of):
    answer = client_of(mara).post(
        reverse("interactions:move", args=[planned.pk]), {"on": "2023-03-06", "at": "16:00", "minutes": "60"}
    )

    assert answer.status_code == 409
    with acting_as(mara):
        assert Interaction.objects.get().starts_at == planned.starts_at


def test_what_is_elsewhere_is_told_in_both_zones(relation, mara, germany, keller, client_of):
    plan(mara, germany, keller)
    with acting_as(mara):
        mara.time_zone = "Asia/Tokyo"
        mara.save(update_fields=["time_zone"])

    shown = page(client_of(mara), view="day", on="2031-03-04")

    assert "18:00–18:30" in shown
    assert "10:00 in Berlin" in shown


# Layout -----------------------------------------------------------------------------------------------------------


def entry(start: str, end: str, day: date = MONDAY, **more) -> entries.Entry:
    def at(clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        return datetime.combine(day, time(0), UTC) + timedelta(hours=hour, minutes=minute)

    return entries.Entry(key=start, layer=entries.VISITS, start=at(start), end=at(end), title=start, **more)


def column(*found: entries.Entry) -> list[tuple[str, int, list[str]]]:
    lines = grid.lines(grid.days(MONDAY, 1, list(found), MONDAY))
    return [
        (f"{cell.at:%H:%M}", cell.rows, [one.title for one in cell.entries])
        for line in lines
        for cell in line.cells
        if cell.entries
    ]


def test_entries_take_the_rows_of_their_length_and_share_them_where_they_overlap():
    found = column(entry("09:00", "10:00"), entry("09:45", "11:15"), entry("14:10", "14:20"))

    assert found == [("09:00", 5, ["09:00", "09:45"]), ("14:00", 1, ["14:10"])]


def test_every_row_of_the_table_has_the_same_width_whatever_overlaps():
    found = [
        entry("06:15", "07:00"),
        entry("09:00", "12:00"),
        entry("11:30", "11:45"),
        entry("20:30", "32:00"),
    ]
    lines = grid.lines(grid.days(MONDAY, 2, found, MONDAY))
    covered = [0] * len(lines)
    for number, line in enumerate(lines):
        for cell in line.cells:
            for row in range(number, number + cell.rows):
                covered[row] += 1

    assert covered == [2] * len(lines)
    assert (lines[0].at, lines[-1].at) == (time(0, 0), time(23, 30))


def test_what_runs_past_midnight_stands_on_its_evening_and_opens_no_night():
    found = [entry("23:45", "24:15")]
    lines = grid.lines(grid.days(MONDAY, 2, found, MONDAY))

    assert [(cell.day, cell.at) for line in lines for cell in line.cells if cell.entries] == [
        (MONDAY, time(23, 30))
    ]
    assert lines[0].at == time(7, 0)


def test_a_month_begins_on_a_monday_and_holds_every_day_of_it():
    found = grid.weeks(date(2031, 2, 14), [], date(2031, 2, 14))

    assert [len(week) for week in found] == [7] * len(found)
    assert found[0][0].day.weekday() == 0
    assert [day.day for week in found for day in week if not day.outside] == [
        date(2031, 2, number) for number in range(1, 29)
    ]


def test_the_night_the_clocks_change_keeps_its_hours(mara):
    spring = datetime(2031, 3, 30, 3, 0, tzinfo=mara.tz)
    one = entries.Entry("x", entries.VISITS, spring, spring + timedelta(minutes=30), "Early")

    lines = grid.lines(grid.days(date(2031, 3, 30), 1, [one], MONDAY))

    assert [cell.at for line in lines for cell in line.cells if cell.entries] == [time(3, 0)]
