"""The desk: everything may be found, nothing may be changed, and looking leaves a trace."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance import actions, audit, desk, policy, reading
from compliance.models import AuditEntry
from compliance.policy import Activity, Basis, Channel, Intent, Kind, MarketZone, Role, Topic, Zone

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def forbidden(role: Role = Role.FIELD_SERVICE) -> policy.Act:
    return policy.Act(
        role=role, intent=Intent.RECORD, kind=Kind.PRODUCT_CALL, channel=Channel.IN_PERSON, starts_at=AT,
        recorded_at=AT, market="DE", packs=frozenset({"DE"}), people=(policy.Person(markets=("DE",)),),
        topics=(Topic(name="Novastat", zones=(MarketZone("DE", Zone.PRE),), basis=Basis.PROACTIVE),),
    )  # fmt: skip


@pytest.fixture
def deviation(felix):
    with acting_as(felix):
        return actions.report_deviation(
            forbidden(), "I spoke of Novastat too early.", happened_at=AT, by=felix
        )


def entries(verb):
    with acting_as(system("look")):
        return list(AuditEntry.objects.filter(verb=verb))


def test_what_happened_although_it_must_not_is_told_and_kept_with_its_decision(deviation, felix, clara):
    assert (deviation.reporter_side, deviation.status, deviation.policy_version) == (
        "COMMERCIAL",
        "OPEN",
        policy.VERSION,
    )
    assert deviation.decision["kind"] == "deviation"
    with acting_as(clara):
        assert [n.kind for n in clara.notices.all()] == ["deviation_reported"]


def test_a_reporter_sees_her_own_and_nobody_elses(deviation, felix, otto, mara, client_of):
    address = reverse("compliance:deviation", args=[deviation.pk])
    assert "too early" in client_of(felix).get(address).text
    assert client_of(otto).get(address).status_code == 404
    assert client_of(mara).get(address).status_code == 404


def test_an_entry_says_what_was_decided_and_what_todays_policy_would_say(felix, clara, client_of):
    with acting_as(felix):
        act = forbidden()
        audit.record(
            "tried", None, by=felix, words="a call", act=act, decision=policy.decide(act), refused=True
        )
    (entry,) = entries("tried")

    page = client_of(clara).get(reverse("compliance:entry", args=[entry.pk])).text

    assert "What was decided" in page
    assert "What today's policy would say" in page
    assert "Novastat is not authorised in DE yet (R-021). Pass the question to Medical." in page
    assert policy.VERSION in page
    assert "the same as then" in page


def test_an_entry_shows_the_row_as_it_was_and_as_it_is(keller, mara, clara, client_of):
    from kols.actions import edit_kol

    with acting_as(mara, at=AT):
        edit_kol(keller, by=mara, specialty="Heart surgery")
    (entry,) = entries("edited")

    page = client_of(clara).get(reverse("compliance:entry", args=[entry.pk])).text

    assert "<del>Cardiology</del>" in page
    assert "<ins>Heart surgery</ins>" in page


@pytest.mark.parametrize("name", ["mara", "lena", "felix", "frieda", "petra", "rita", "sofia", "anton"])
def test_the_trail_does_not_exist_for_others(request, name, clara, client_of, felix):
    with acting_as(felix):
        audit.record("did something", None, by=felix)
    (entry,) = entries("did something")
    browser = client_of(request.getfixturevalue(name))
    names = ("compliance:desk", "compliance:trail", "compliance:trail_export")
    for address in (*map(reverse, names), reverse("compliance:entry", args=[entry.pk])):
        assert client_of(clara).get(address).status_code == 200
        assert browser.get(address).status_code == 404


def test_the_trail_is_found_by_person_word_rule_and_refusal(felix, mara, clara, client_of):
    with acting_as(felix):
        act = forbidden()
        audit.record(
            "tried", None, by=felix, words="a call", act=act, decision=policy.decide(act), refused=True
        )
    with acting_as(mara):
        audit.record("wrote", None, by=mara, words="a visit")
    browser, address = client_of(clara), reverse("compliance:trail")

    def found(**asked):
        return [e.verb for e in browser.get(address, asked).context["rows"] if e.verb in ("tried", "wrote")]

    assert found() == ["wrote", "tried"]
    assert found(person="felix") == ["tried"]
    assert found(verb="wro") == ["wrote"]
    assert found(rule="r-021") == ["tried"]
    assert found(refused="on") == ["tried"]
    assert found(until="2020-01-01") == []


def test_pages_of_the_trail_follow_one_another_without_a_gap(mara, clara, client_of):
    with acting_as(mara):
        for number in range(desk.PAGE + 3):
            audit.record("wrote", None, by=mara, words=f"line {number}")
    browser, address = client_of(clara), reverse("compliance:trail")

    first = browser.get(address, {"verb": "wrote"})
    second = browser.get(address + first.context["next_url"])

    words = [e.subject_words for e in [*first.context["rows"], *second.context["rows"]]]
    assert words == [f"line {number}" for number in reversed(range(desk.PAGE + 3))]
    assert second.context["next_url"] == ""


def test_an_export_is_safe_in_a_spreadsheet_and_leaves_its_hash(mara, clara, client_of):
    with acting_as(mara):
        audit.record("wrote", None, by=mara, words='=HYPERLINK("http://example.org")')

    response = client_of(clara).get(reverse("compliance:trail_export"), {"verb": "wrote"})
    content = b"".join(response.streaming_content)

    (line,) = list(csv.DictReader(io.StringIO(content.decode())))
    assert line["subject_words"] == """'=HYPERLINK("http://example.org")"""
    (entry,) = entries("exported the trail")
    assert entry.facts == {
        "rows": 1, "sha256": hashlib.sha256(content).hexdigest(), "complete": True,
        "filter": {"verb": "wrote"},
    }  # fmt: skip


def test_that_oversight_reads_is_recorded_once_in_a_quarter_of_an_hour(clara, mara, keller):
    for person in (clara, clara, mara):
        with acting_as(person):
            reading.note(person, keller)
    assert [(e.actor_name, e.subject_id) for e in entries("read")] == [("Clara Neumann", keller.pk)]


HOSTILE = (
    {"after": "x" * 300},
    {"after": "9" * 30},
    {"after": "2026-01-01T00:00:00_1"},
    {"person": "\x00"},
    {"kind": "NONE"},
    {"since": "x"},
    {"q": "%" * 80},
    {"since": "2026-02-02", "until": "2026-01-01"},
)


def test_hostile_questions_get_an_answer(clara, client_of):
    browser = client_of(clara)
    for name in ("compliance:desk", "compliance:trail", "compliance:deviations", "compliance:boundary"):
        for asked in HOSTILE:
            assert browser.get(reverse(name), asked).status_code in (200, 400), (name, asked)


def test_the_boundary_is_printed_from_the_table_that_decides(felix, client_of):
    page = client_of(felix).get(
        reverse("compliance:boundary"), {"role": "FIELD_SERVICE", "zone": "PRE", "q": "R-021"}
    )
    rows = page.context["rows"]
    assert {(row["activity"], row["answer"]["text"]) for row in rows} == {
        (policy.in_words(Activity.PRODUCT_CALL), "Not allowed")
    }


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ({"how": "PROACTIVE"}, {"With: Scientific purpose and Approved plan item and Told that it is not authorised"}),
        ({"how": "REACTIVE"}, {"With: Unprompted request and Told that it is not authorised"}),
        ({"how": "PROACTIVE", "market": "JP 2026.2"}, {
            "With: Scientific purpose and Approved plan item and Told that it is not authorised and "
            "Pre-approval by Compliance"}),
        ({"how": "PROACTIVE", "market": "JP 2026.1"}, {
            "With: Scientific purpose and Approved plan item and Told that it is not authorised"}),
        ({"zone": "OPEN", "how": "SCIENTIFIC_CONTACT"}, {"With: Unprompted request or Approved plan item"}),
        ({"zone": "CLOSED"}, {"With: Unprompted request and Told that it is not authorised"}),
        ({"zone": "OPEN", "how": "OWNER"}, {"Allowed"}),
    ],
)  # fmt: skip
def test_the_boundary_is_filtered_by_all_it_turns_on(clara, client_of, asked, answers):
    wanted = {"role": "MSL", "activity": "SCIENTIFIC_EXCHANGE", "zone": "PRE", **asked}
    page = client_of(clara).get(reverse("compliance:boundary"), wanted)

    assert {row["answer"]["text"] for row in page.context["rows"]} == answers
    assert {name: page.context[name] for name in wanted} == wanted


def test_a_filter_nobody_knows_is_none(clara, client_of):
    page = client_of(clara).get(
        reverse("compliance:boundary"),
        {"market": "XX 1", "how": "?", "activity": "DANCE", "role": "x", "zone": "y"},
    )

    assert (page.context["cut"], len(page.context["rows"])) == (True, 400)
    assert [page.context[name] for name in ("market", "how", "activity", "role", "zone")] == [""] * 5


def test_lists_cost_the_same_with_one_row_and_with_many(deviation, felix, clara, client_of, statements):
    browser = client_of(clara)
    address = reverse("compliance:deviations")
    browser.get(address)
    with statements() as one:
        browser.get(address)
    with acting_as(felix):
        for _ in range(3):
            actions.report_deviation(forbidden(), "Again.", happened_at=now(), by=felix)
    with statements() as many:
        browser.get(address)
    assert len(one) == len(many) <= 8
