"""The feed and what comes in: secret addresses, the wall, and that nothing unmatched is ever kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.acting import acting_as, now, system
from accounts.models import Appointment
from calendars import actions, refreshing
from calendars.models import Feed, Source, Suggestion
from compliance.models import AuditEntry
from compliance.policy import Channel, Kind, Role
from interactions.actions import add_follow_up, plan_interaction
from interactions.facts import Event, Present
from interactions.models import Interaction

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def planned(relation, mara, germany, keller):
    return plan(mara, germany, keller)


def tomorrow(market, clock=time(10, 0), days=1) -> datetime:
    return datetime.combine(datetime.now(market.tz).date() + timedelta(days=days), clock, market.tz)


def plan(by, market, kol, *, kind=Kind.VISIT):
    start = tomorrow(market)
    event = Event(
        kind=kind, channel=Channel.IN_PERSON, starts_at=start, ends_at=start + timedelta(minutes=30),
        market=market,
    )  # fmt: skip
    with acting_as(by):
        return plan_interaction(by=by, event=event, people=[Present(kol=kol, main=True)], place="Ward 3")


def subscribe(browser, **more) -> str:
    """Open a feed on the page; its path."""
    sent = {"name": "My phone", "layers": ["visits", "due", "absences"], **more}
    page = browser.post(reverse("calendars:feed_new"), sent).content.decode()
    return re.search(r"<code>https?://[^/]+(/[^<]+)</code>", page)[1]


def read(path: str) -> list[str]:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    return sorted(str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).walk("VEVENT"))


def change_role(person, role: Role, markets) -> None:
    with acting_as(system("set the stage")):
        held = person.appointments.get(during__contains=now())
        held.during = DateTimeTZRange(held.during.lower, now())
        held.save(update_fields=["during"])
        fresh = Appointment.objects.create(
            user=person, role=role, during=DateTimeTZRange(now(), None), recorded_at=now()
        )
        fresh.markets.set(markets)


# Out ---------------------------------------------------------------------------------------------------------------


def test_a_feed_says_visit_and_time_and_no_name(planned, mara, germany, keller, client_of):
    with acting_as(mara):
        add_follow_up(by=mara, what="Send the poster", due_on=germany.local_day(now()), market=germany,
                      promised=True, kol=keller)  # fmt: skip
    path = subscribe(client_of(mara))

    assert read(path) == ["Follow-up due", "Visit"]
    raw = Client().get(path).content.decode()
    for words in ("Keller", "poster", "Ward 3", str(planned.pk), str(keller.pk), "Lindqvist"):
        assert words not in raw
    assert tomorrow(germany).astimezone(UTC).strftime("DTSTART:%Y%m%dT%H%M%SZ") in raw


def test_names_are_shown_where_the_owner_asks_for_them_and_only_the_layers_she_chose(
    planned, mara, germany, client_of
):
    with acting_as(mara):
        add_follow_up(
            by=mara, what="Send it", due_on=germany.local_day(now()), market=germany, promised=False
        )
    path = subscribe(client_of(mara), layers=["visits"], names="on")

    assert read(path) == ["Prof. Dr. Miriam Keller"]
    assert "LOCATION:Ward 3" in Client().get(path).content.decode()


def test_the_secret_is_kept_as_a_hash_and_shown_once(company, mara, client_of):
    browser = client_of(mara)
    secret = subscribe(browser).split("/")[-1].removesuffix(".ics")

    with acting_as(mara):
        assert Feed.objects.get().digest == Feed.hash(secret)
    assert secret not in browser.get(reverse("calendars:sharing")).content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM calendars_feed WHERE calendars_feed::text LIKE %s", [f"%{secret}%"]
        )
        assert cursor.fetchone() == (0,)
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="opened a calendar feed", actor=str(mara.pk)).count() == 1


def test_a_revoked_a_wrong_and_an_unknown_address_are_the_same_page(planned, mara, moritz, client_of):
    path = subscribe(client_of(mara))
    assert read(path) == ["Visit"]
    with acting_as(mara):
        feed = Feed.objects.get()
    assert client_of(moritz).post(reverse("calendars:feed_revoke", args=[feed.pk])).status_code == 404
    assert read(path) == ["Visit"]

    client_of(mara).post(reverse("calendars:feed_revoke", args=[feed.pk]))

    def asked(where):
        answer = Client().get(where)
        return answer.status_code, re.sub(rb'X-CSRFToken": "[^"]+"', b"", answer.content)

    assert asked(path)[0] == 404
    assert asked(path) == asked("/calendar/feed/wrong.ics") == asked("/calendar/nothing/")


def test_the_feed_dies_with_the_role_and_does_not_come_back_on_the_other_side(
    relation, keller, moritz, germany, client_of
):
    plan(moritz, germany, keller)
    path = subscribe(client_of(moritz), names="on")
    assert read(path) == ["Prof. Dr. Miriam Keller"]

    change_role(moritz, Role.FIELD_SERVICE, [germany])

    assert Client().get(path).status_code == 404
    assert "My phone" not in client_of(moritz).get(reverse("calendars:sharing")).content.decode()
    assert read(subscribe(client_of(moritz))) == []


def test_somebody_whose_account_is_closed_has_no_feed(company, moritz, client_of):
    path = subscribe(client_of(moritz))
    assert read(path) == []
    with acting_as(system("set the stage")):
        moritz.is_active = False
        moritz.save(update_fields=["is_active"])

    assert Client().get(path).status_code == 404


def test_the_feed_shows_its_owners_calendar_whoever_is_signed_in_where_it_is_read(
    planned, mara, felix, client_of
):
    path = subscribe(client_of(mara))

    answer = client_of(felix).get(path)

    assert str(Calendar.from_ical(answer.content).walk("VEVENT")[0]["SUMMARY"]) == "Visit"
    assert read(subscribe(client_of(felix))) == []


def test_the_feeds_of_field_service_are_the_same_whatever_medical_plans(
    relation, mara, germany, keller, felix, frieda, client_of
):
    paths = [subscribe(client_of(person), names="on") for person in (felix, frieda)]
    before = [re.sub(rb"DTSTAMP:\S+", b"", Client().get(path).content) for path in paths]

    plan(mara, germany, keller)

    assert read(subscribe(client_of(mara))) == ["Visit"]
    assert [re.sub(rb"DTSTAMP:\S+", b"", Client().get(path).content) for path in paths] == before


def test_reading_a_feed_is_noted_for_its_owner(company, mara, client_of):
    browser = client_of(mara)
    path = subscribe(browser)
    assert "not read yet" in browser.get(reverse("calendars:sharing")).content.decode()
    read(path)
    assert "last read" in browser.get(reverse("calendars:sharing")).content.decode()


def test_a_feed_is_read_and_nothing_else(company, mara, client_of):
    path = subscribe(client_of(mara))
    assert [Client().post(path).status_code, Client().head(path).status_code] == [405, 200]


# In ----------------------------------------------------------------------------------------------------------------


def outlook(*events: tuple[datetime, str, str]) -> str:
    """A calendar file with appointments: start, title, and the address of whoever is invited."""
    rows = [
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{at.astimezone(UTC) + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nSUMMARY:{title}\r\n"
        + (f"ATTENDEE:mailto:{address}\r\n" if address else "")
        + "END:VEVENT\r\n"
        for number, (at, title, address) in enumerate(events)
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{''.join(rows)}END:VCALENDAR\r\n"


def hand_in(browser, text: str):
    return browser.post(reverse("calendars:file_in"), {"text": text}, follow=True)


def test_what_is_with_an_expert_is_offered_and_planned_with_one_tap(
    relation, mara, germany, keller, client_of
):
    browser = client_of(mara)
    page = hand_in(browser, outlook((tomorrow(germany), "Termin bei Prof. Keller", ""))).content.decode()
    with acting_as(mara):
        offered = Suggestion.objects.get()
    address = reverse("calendars:suggestion_plan", args=[offered.pk])
    assert address in page

    browser.post(address)

    with acting_as(mara):
        visit = Interaction.objects.get()
        assert visit.attendees.get().kol == keller
    assert (visit.status, visit.starts_at) == ("PLANNED", tomorrow(germany))
    assert address not in browser.get(reverse("calendars:calendar")).content.decode()
    hand_in(browser, outlook((tomorrow(germany), "Termin bei Prof. Keller", "")))
    with acting_as(mara):
        assert Suggestion.objects.filter(state="OPEN").count() == 0


@pytest.mark.parametrize(
    ("title", "address", "found"),
    [
        ("Miriam Keller", "", 1), ("keller, MIRIAM: coffee", "", 1), ("Prof. Keller", "", 1),
        ("Besprechung", "m.keller@clinic.example", 1), ("Besprechung", "M.Keller@Clinic.Example", 1),
        ("Keller aufräumen", "", 0), ("Kellermeister Miriam", "", 0), ("Dentist", "", 0),
        ("Besprechung", "somebody@clinic.example", 0),
    ],
)  # fmt: skip
def test_experts_are_known_by_name_or_by_address(
    relation, mara, germany, keller, client_of, title, address, found
):
    with acting_as(system("set the stage")):
        keller.email = "m.keller@clinic.example"
        keller.save(update_fields=["email"])

    hand_in(client_of(mara), outlook((tomorrow(germany), title, address)))

    with acting_as(mara):
        assert Suggestion.objects.count() == found


def test_what_is_with_nobody_is_busy_and_never_stored(relation, mara, lena, germany, client_of):
    browser = client_of(mara)
    secret = "Appointment at the oncologist"
    hand_in(browser, outlook((tomorrow(germany), secret, "doctor@private.example")))

    on = tomorrow(germany).date().isoformat()
    page = browser.get(reverse("calendars:calendar"), {"view": "day", "on": on}).content.decode()
    assert "Busy" in page
    assert secret not in page
    with acting_as(system("look")):
        assert Suggestion.objects.count() == 0
    kept = cache.get_many([f"busy:{mara.pk}:MSL:{where}" for where in ("file", "")])
    assert [len(times) for times in kept.values()] == [1]
    assert all(isinstance(at, float) for times in kept.values() for pair in times for at in pair)
    for table in tables():
        with acting_as(system("look")), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} AS t WHERE t::text ILIKE %s", ["%oncologist%"])
            assert cursor.fetchone() == (0,), table
    # The lead's layer of her team has no busy blocks: it is nobody's business.
    team = client_of(lena).get(reverse("calendars:calendar"), {"view": "day", "on": on, "team": "1"})
    assert "Busy" not in team.content.decode()
    assert read(subscribe(browser)) == []


def tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if name != "django_session"]


def test_an_expert_one_may_not_know_is_matched_to_nobody(relation, mara, felix, germany, keller, client_of):
    with acting_as(system("set the stage")):
        keller.email = "m.keller@clinic.example"
        keller.save(update_fields=["email"])
    text = outlook((tomorrow(germany), "Prof. Miriam Keller", "m.keller@clinic.example"))

    told = hand_in(client_of(felix), text).content.decode()
    strange = hand_in(client_of(felix), text.replace("eller", "ahler")).content.decode()

    hand_in(client_of(mara), text)
    with acting_as(mara):
        assert Suggestion.objects.count() == 1
    with acting_as(felix):
        assert Suggestion.objects.count() == 0
    token = re.compile(r'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]+"')
    assert token.sub("", told) == token.sub("", strange)


def test_what_is_offered_is_ones_own_and_goes_with_the_role(
    relation, keller, mara, moritz, germany, client_of
):
    with acting_as(system("set the stage")):
        keller.email = "m.keller@clinic.example"
        keller.save(update_fields=["email"])
    hand_in(client_of(moritz), outlook((tomorrow(germany), "Coffee", "m.keller@clinic.example")))
    with acting_as(moritz):
        offered = Suggestion.objects.get()
    for name in ("suggestion_plan", "suggestion_dismiss"):
        address = reverse(f"calendars:{name}", args=[offered.pk])
        assert client_of(mara).post(address).status_code == 404
    assert "Keller" in client_of(moritz).get(reverse("calendars:calendar")).content.decode()

    change_role(moritz, Role.FIELD_SERVICE, [germany])

    assert "Keller" not in client_of(moritz).get(reverse("calendars:calendar")).content.decode()
    with acting_as(moritz), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM calendars_suggestion")
        assert cursor.fetchone() == (0,)


def test_not_a_visit_is_not_offered_again_and_can_be_undone(relation, mara, germany, client_of):
    browser, text = client_of(mara), outlook((tomorrow(germany), "Prof. Keller", ""))
    hand_in(browser, text)
    with acting_as(mara):
        address = reverse("calendars:suggestion_dismiss", args=[Suggestion.objects.get().pk])
    assert f"{address}?undo=1" in browser.post(address, follow=True).content.decode()
    hand_in(browser, text)
    with acting_as(mara):
        assert Suggestion.objects.get().state == "DISMISSED"
    browser.post(f"{address}?undo=1")
    with acting_as(mara):
        assert Suggestion.objects.get().state == "OPEN"


@pytest.mark.parametrize("text", ["", "nonsense", "BEGIN:VCALENDAR\nBEGIN:VEVENT"])
def test_a_file_that_is_no_calendar_is_told_so(company, mara, client_of, text):
    answer = client_of(mara).post(reverse("calendars:file_in"), {"text": text})
    assert answer.status_code == 422


# Another calendar by its address --------------------------------------------------------------------------------------


def test_the_address_of_another_calendar_is_kept_encrypted_and_never_shown(company, mara, moritz, client_of):
    browser = client_of(mara)
    address = "https://calendar.example/private-4711/basic.ics"
    browser.post(reverse("calendars:source_new"), {"name": "Work", "address": address})

    page = browser.get(reverse("calendars:sharing")).content.decode()
    assert "Work" in page
    assert "4711" not in page
    with acting_as(system("look")):
        row = Source.objects.get()
    assert "4711" not in row.address
    remove = reverse("calendars:source_remove", args=[row.pk])
    assert client_of(moritz).post(remove).status_code == 404
    browser.post(remove)
    with acting_as(system("look")):
        assert Source.objects.count() == 0


@pytest.mark.parametrize(
    "address", ["http://calendar.example/a.ics", "file:///etc/passwd", "calendar.example"]
)
def test_an_address_that_may_not_be_read_is_refused_at_once(company, mara, client_of, address):
    answer = client_of(mara).post(reverse("calendars:source_new"), {"name": "Work", "address": address})
    assert answer.status_code == 422
    assert "https:// or webcal://" in answer.content.decode()


def test_an_address_inside_our_own_network_is_told_as_a_problem_and_asked_less_often(
    company, mara, client_of
):
    browser = client_of(mara)
    browser.post(reverse("calendars:source_new"), {"name": "Work", "address": "https://127.0.0.1/a.ics"})

    assert [refreshing.refresh_next(), refreshing.refresh_next()] == [True, False]

    assert "this address may not be read" in browser.get(reverse("calendars:sharing")).content.decode()
    with acting_as(system("look")):
        assert Source.objects.get().next_at > now() + timedelta(hours=1)


def test_what_another_calendar_dropped_is_not_offered_any_more(relation, mara, germany):
    with acting_as(mara):
        source = actions.add_source(by=mara, name="Work", address="https://calendar.example/a.ics")
        actions.take_in(outlook((tomorrow(germany), "Prof. Keller", "")).encode(), by=mara, source=source)
        assert Suggestion.objects.count() == 1
        moved = outlook((tomorrow(germany, time(15, 0)), "Prof. Keller", "")).encode()
        actions.take_in(moved, by=mara, source=source)
        assert [row.starts_at for row in Suggestion.objects.all()] == [tomorrow(germany, time(15, 0))]
        actions.remove_source(source, by=mara)
        assert Suggestion.objects.count() == 0


def test_the_calendar_of_somebody_who_changed_role_is_not_read(company, moritz, germany):
    with acting_as(moritz):
        actions.add_source(by=moritz, name="Work", address="https://127.0.0.1/a.ics")
    change_role(moritz, Role.FIELD_SERVICE, [germany])

    assert refreshing.refresh_next() is False


def test_one_has_at_most_five_of_each(company, mara, client_of):
    browser = client_of(mara)
    for number in range(6):
        last = browser.post(reverse("calendars:feed_new"), {"name": f"{number}", "layers": ["visits"]})
        other = browser.post(
            reverse("calendars:source_new"), {"name": f"{number}", "address": "https://calendar.example/a"}
        )
    assert (last.status_code, other.status_code) == (422, 422)
    with acting_as(mara):
        assert (Feed.objects.count(), Source.objects.count()) == (5, 5)
