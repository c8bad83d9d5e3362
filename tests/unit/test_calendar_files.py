"""Calendar files of other people, real and hostile: what is read of them, and that none takes for ever."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as some

from calendars.actions import merged
from calendars.fetching import NotFetched, checked, fetch
from calendars.matching import spelt
from calendars.reading import BIGGEST, NotACalendar, appointments
from calendars.recurrence import Rule

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = datetime(2031, 3, 1, tzinfo=UTC), datetime(2031, 4, 30, tzinfo=UTC)
HOSTILE_SECONDS = 5


def ics(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{body}END:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def starts(content: bytes) -> list[datetime]:
    return [one.start for one in appointments(content, FIRST, LAST, BERLIN)]


def test_an_appointment_is_read_with_time_words_and_addresses():
    [one] = appointments(
        ics(
            "UID:1\nDTSTART;TZID=Europe/Berlin:20310304T100000\nDTEND;TZID=Europe/Berlin:20310304T110000\n"
            "SUMMARY:Prof. Keller\nLOCATION:Hamburg\nATTENDEE;CN=Miriam Keller:mailto:M.Keller@clinic.example"
        ),
        FIRST,
        LAST,
        BERLIN,
    )

    assert (one.start, one.end) == (
        datetime(2031, 3, 4, 9, tzinfo=UTC),
        datetime(2031, 3, 4, 10, tzinfo=UTC),
    )
    assert one.words == "Prof. Keller Hamburg Miriam Keller"
    assert one.addresses == {"m.keller@clinic.example"}


@pytest.mark.parametrize(
    "zone",
    ["", ";TZID=Europe/Berlin", ";TZID=W. Europe Standard Time", ";TZID=Mars/Olympus", ';TZID="Europe/Berlin"',
     ";TZID=/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", ";TZID=../../etc/passwd"],
)  # fmt: skip
def test_zones_are_known_by_name_and_otherwise_the_readers_own(zone):
    assert starts(ics(f"UID:1\nDTSTART{zone}:20310304T100000")) == [datetime(2031, 3, 4, 10, tzinfo=BERLIN)]


@pytest.mark.parametrize(
    "event",
    [
        "UID:no start\nSUMMARY:x",
        "UID:day\nDTSTART;VALUE=DATE:20310304",
        "UID:off\nDTSTART:20310304T100000Z\nSTATUS:CANCELLED",
        "UID:free\nDTSTART:20310304T100000Z\nTRANSP:TRANSPARENT",
        "UID:back\nDTSTART:20310304T100000Z\nDTEND:20310304T090000Z",
        "UID:long\nDTSTART:20310304T100000Z\nDTEND:20310904T090000Z",
        "UID:old\nDTSTART:00010101T000000Z",
        "UID:nonsense\nDTSTART:yesterday",
        "UID:two\nDTSTART:20310304T100000Z\nDTSTART:20310304T100000Z\nDTEND:x",
    ],
)
def test_what_is_no_appointment_is_left_out_and_its_neighbour_is_read(event):
    fine = "UID:fine\nDTSTART:20310305T100000Z"
    try:
        found = starts(ics(event, fine))
    except NotACalendar:
        found = [datetime(2031, 3, 5, 10, tzinfo=UTC)]

    assert found == [datetime(2031, 3, 5, 10, tzinfo=UTC)]


def test_a_series_keeps_its_hour_over_the_change_of_the_clocks_without_what_was_left_out_or_moved():
    series = (
        "UID:1\nDTSTART;TZID=Europe/Berlin:20310318T100000\nRRULE:FREQ=WEEKLY;COUNT=4\n"
        "EXDATE;TZID=Europe/Berlin:20310325T100000"
    )
    moved = (
        "UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20310401T100000\nDTSTART;TZID=Europe/Berlin:20310402T150000"
    )

    assert starts(ics(series, moved)) == [
        datetime(2031, 3, 18, 9, tzinfo=UTC), datetime(2031, 4, 8, 8, tzinfo=UTC),
        datetime(2031, 4, 2, 13, tzinfo=UTC),
    ]  # fmt: skip


BOMB = "UID:{0}\nDTSTART:19700101T000000Z\nRRULE:{1}"
RULES = [
    "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=1", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY",
    "FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO", "FREQ=DAILY;COUNT=999999999", "FREQ=DAILY;INTERVAL=0",
    "FREQ=MONTHLY;BYSETPOS=366;BYDAY=MO", "FREQ=DAILY;INTERVAL=-1", "FREQ=HOURLY;BYSECOND=" + ",".join("0" * 500),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_takes_longer_than_its_window(rule):
    began = time.monotonic()
    try:
        found = starts(ics(*(BOMB.format(number, rule) for number in range(100))))
    except NotACalendar:
        found = []

    assert time.monotonic() - began < HOSTILE_SECONDS * 4
    assert len(found) <= 2000


def test_a_zone_that_explodes_is_thrown_away_unread():
    bomb = (
        "BEGIN:VTIMEZONE\nTZID:Bomb\nBEGIN:STANDARD\nDTSTART:16010101T000000\nRRULE:FREQ=SECONDLY\n"
        "TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\n"
    )

    found = starts(ics("UID:1\nDTSTART;TZID=Bomb:20310304T100000", head=bomb))

    assert found == [datetime(2031, 3, 4, 10, tzinfo=BERLIN)]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00", b"<html>sign in</html>", b"BEGIN:VCALENDAR", b"END:VCALENDAR",
        b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 20_000,
        b"BEGIN:VCALENDAR\r\nX:" + b"a" * 100_000 + b"\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\n" + b" " * BIGGEST,
        ics(*["UID:1\nDTSTART:20310304T100000Z"] * 2001),
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_told_at_once(content):
    began = time.monotonic()
    with pytest.raises(NotACalendar):
        appointments(content, FIRST, LAST, BERLIN)
    assert time.monotonic() - began < HOSTILE_SECONDS * 4


@settings(max_examples=150, deadline=None)
@given(some.binary(max_size=400))
def test_no_bytes_do_anything_but_be_read_or_refused(content):
    for bytes_ in (content, ics("UID:1") + content, b"BEGIN:VCALENDAR\r\n" + content + b"\r\nEND:VCALENDAR"):
        try:
            appointments(bytes_, FIRST, LAST, BERLIN)
        except NotACalendar:
            continue


DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = {
    "DAILY": some.sampled_from(["", ";BYDAY=MO,WE", ";BYMONTH=3", ";BYMONTHDAY=1,15,-1"]),
    "WEEKLY": some.sampled_from(["", ";BYDAY=TU,TH", ";WKST=SU;BYDAY=SU,MO", ";BYDAY=SU"]),
    "MONTHLY": some.sampled_from(
        ["", ";BYDAY=2TU", ";BYDAY=-1FR", ";BYMONTHDAY=-1", ";BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
         ";BYDAY=MO,TU;BYSETPOS=1,3", ";BYMONTHDAY=13;BYDAY=FR"]
    ),
    "YEARLY": some.sampled_from(["", ";BYMONTH=3;BYDAY=1MO", ";BYMONTH=3,4", ";BYMONTHDAY=5", ";BYMONTH=4;BYMONTHDAY=2"]),
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(some.data())
def test_repeating_days_are_those_of_the_standard(data):
    often = data.draw(some.sampled_from(sorted(PARTS)))
    text = f"FREQ={often};INTERVAL={data.draw(some.integers(1, 3))}{data.draw(PARTS[often])}"
    end = data.draw(some.sampled_from(["", ";COUNT=5", ";COUNT=40", ";UNTIL=20310401T000000"]))
    start = datetime(2031, 1, 1) - timedelta(days=data.draw(some.integers(0, 900)))
    first, last = date(2031, 3, 1), date(2031, 4, 15)

    standard = rrulestr(text + end, dtstart=start)
    expected = [at.date() for at in standard if at.date() < last] if end else [
        at.date() for at in standard.between(start, datetime(2031, 4, 15), inc=True) if at.date() < last
    ]  # fmt: skip
    parts = dict(part.split("=") for part in (text + end).split(";"))
    rule = {name: value.split(",") for name, value in parts.items()}
    if "UNTIL" in rule:
        rule["UNTIL"] = [datetime(2031, 4, 1)]
    found = Rule.read(rule, start.date())

    assert found is not None
    assert found.between(first, last) == [day for day in expected if day >= first]


SHIPPED = sorted((Path(icalendar.__file__).parent / "tests").rglob("*.ics"))


def test_the_files_that_broke_other_readers_are_read_or_refused():
    read, refused = 0, []
    began = time.monotonic()
    for file in SHIPPED:
        try:
            appointments(file.read_bytes(), datetime(1998, 1, 1, tzinfo=UTC), LAST, BERLIN)
            read += 1
        except NotACalendar:
            refused.append(file.name)

    assert len(SHIPPED) > 100
    assert read > len(refused)
    assert time.monotonic() - began < HOSTILE_SECONDS * 12


# Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://calendar.example/x.ics", "file:///etc/passwd", "ftp://x.example/a", "gopher://x", "", "https://",
        "https://user:pass@x.example/a.ics", "https://x.example:99999/", "https://x.example/a\r\nHost: y",
        "https://[::1", "//x.example", "javascript:alert(1)", "https://x.example/" + "a" * 3000,
    ],
)  # fmt: skip
def test_only_plain_encrypted_addresses_are_asked(address):
    with pytest.raises(NotFetched) as refused:
        checked(address)
    assert refused.value.problem == "ADDRESS"


def test_webcal_is_https():
    assert checked("webcal://p1.example/a.ics?key=1") == ("p1.example", 443, "/a.ics?key=1")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104 - nothing is bound
        "100.64.0.1", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "2130706433",
        "0x7f.1", "224.0.0.1", "255.255.255.255", "[2002:7f00:1::]", "[64:ff9b::7f00:1]",
    ],
)  # fmt: skip
def test_no_address_inside_is_ever_asked(host):
    with pytest.raises(NotFetched) as refused:
        fetch(f"https://{host}/calendar.ics", allowed=[])
    assert refused.value.problem in ("ADDRESS", "UNREACHABLE")
    if host[0] in "1[" or host == "localhost":
        assert refused.value.problem == "ADDRESS"


# Small things ------------------------------------------------------------------------------------------------------


def test_busy_times_run_together_so_that_their_number_is_not_told():
    at = [FIRST + timedelta(hours=number) for number in range(8)]

    assert merged([(at[4], at[6]), (at[0], at[2]), (at[1], at[3]), (at[6], at[7])]) == [
        (at[0], at[3]), (at[4], at[7]),
    ]  # fmt: skip


def test_a_name_is_the_same_however_its_umlauts_are_spelt():
    assert spelt("Müller-Größe", True) == ["mueller", "groesse"]
    assert spelt("Müller", False) == spelt("MULLER", False) == ["muller"]
