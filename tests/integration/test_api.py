"""The API under hostile hands: every role and list, every wrong body, the same key twice, a token of yesterday."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client

from accounts.acting import acting_as, now, system
from accounts.actions import issue_token
from accounts.models import ApiToken, Appointment, IdempotencyKey
from compliance.policy import Refused, Role, Side
from handovers.actions import Signature, assign_handover, open_due_handovers, prepare_handover
from handovers.models import Handover
from interactions.models import FollowUp, Interaction
from kols.actions import end_relation, open_relation, reassign_owner
from products.models import Indication, Use
from safety.models import SafetyReport
from tests.conftest import CAST
from tests.races import at_once

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

NOUNS = ("products", "uses", "kols", "ownerships", "interactions", "follow-ups", "handovers", "notices")
OPEN_TO = {
    "products": {
        "mara",
        "moritz",
        "lena",
        "felix",
        "otto",
        "frieda",
        "petra",
        "clara",
        "rita",
        "ralf",
        "sofia",
    },
    "kols": {"mara", "moritz", "lena", "felix", "otto", "frieda", "clara", "sofia"},
    "ownerships": {"mara", "moritz", "lena", "felix", "otto", "frieda", "clara"},
    "interactions": {"mara", "moritz", "lena", "felix", "otto", "frieda", "clara"},
    "handovers": {"mara", "moritz", "lena", "felix", "otto", "frieda", "clara"},
    "notices": set(CAST),
}
OPEN_TO |= {"uses": OPEN_TO["products"], "follow-ups": OPEN_TO["interactions"]}
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


def visit_of(keller, use, **more):
    """A visit as a well-behaved device sends it."""
    return {
        "kind": "VISIT", "channel": "IN_PERSON", "market": "DE", "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(minutes=30)).isoformat(), "kols": [str(keller.pk)], "side_effect": False,
        "topics": [
            {"subject": "USE", "use": str(use.pk), "basis": "UNSOLICITED_REQUEST", "heard": "Below 30?",
             "documents": {"REQ": {"question": "Below 30?"}, "STATUS": {"said": True}}}
        ],
        **more,
    }  # fmt: skip


def send(client, body, url="/api/interactions/", **headers):
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(url, raw, content_type="application/json", headers=headers)


# Lists


def test_each_role_reads_the_lists_that_are_open_to_it_and_no_other_exists(company, relation, client_of):
    for name in CAST:
        browser = client_of(getattr(company, name))
        for noun in NOUNS:
            status = browser.get(f"/api/{noun}/").status_code
            assert (name, noun, status) == (name, noun, 200 if name in OPEN_TO[noun] else 404)


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize(
    "query",
    ["salary=1", "page_size=0", "page_size=201", "page_size=-1", "page_size=²", "page_size=x", "page_size=1e9",
     "page_size=" + "9" * 400, "offset=1", "ordering=-id", "limit=1", "q=%00", "cursor=%00"],
)  # fmt: skip
def test_an_unknown_parameter_and_an_unusable_size_are_a_400(noun, query, clara, client_of):
    answer = client_of(clara).get(f"/api/{noun}/?{query}")

    assert answer.status_code == 400
    assert answer.json()


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize(
    "cursor", ["x", "%00", "cD0%3D", "cD14", "bz0tMQ==", "cD0lMDA=", "bz05OTk5OTk5OTk5OTk5OTk=", "cD0yMDI2", "🦘", "cD3/"]
)  # fmt: skip
def test_a_cursor_that_nobody_gave_is_never_a_server_error(noun, cursor, relation, clara, client_of):
    assert client_of(clara).get(f"/api/{noun}/", {"cursor": cursor}).status_code in (200, 400, 404)


@pytest.mark.parametrize(
    "path",
    ["kols/?use=x", "kols/?tier=x", "ownerships/?kol=x", "ownerships/?current=maybe", "interactions/?kol=x",
     "interactions/?status=x", "uses/?product=x", "notices/?unread=x", "follow-ups/?open=x", "handovers/?campaign=x",
     "handovers/?state=x", "uses/?market=XX"],
)  # fmt: skip
def test_a_filter_with_nonsense_is_a_400_that_names_it_or_finds_nothing(path, clara, client_of):
    answer = client_of(clara).get(f"/api/{path}")

    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json()["results"] == []


# Bodies

DEEP = "[" * 100_000 + "]" * 100_000
BODIES = {
    "nothing": "", "no object": "[]", "a number": "7", "null": "null", "no json": "{", "not utf-8": b"\xff\xfe{",
    "deep": DEEP, "deep in a field": '{"topics": ' + DEEP + "}", "ten megabytes": '{"note": "' + "x" * 10_000_000 + '"}',
    "a number without end": '{"note": ' + "9" * 5000 + "}", "not a number": '{"side_effect": NaN}',
}  # fmt: skip
WRONG: dict[str, list[Any]] = {
    "note": ["a\x00b", "\ud800", [], {}, "x" * 10_001],
    "title": ["\x00", "x" * 201, {"a": 1}],
    "place": ["\ud800"],
    "market": ["XX", 7, [], {}, "\x00", "DE\x00", None, "\ud800"],
    "kind": ["NONSENSE", 7, [], {}, None, "\x00"],
    "channel": ["\ud800", [], None],
    "starts_at": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "yesterday", 7, [], None,
                  "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00", "\x00", "9" * 400],
    "ends_at": ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 1e308],
    "client_ref": ["x", [], 2**200, -1, "\x00", {}],
    "kols": ["x", [7], [[]], [{}], [None], [str(uuid4())], ["\x00"], 7, {"a": 1}, [True]],
    "people": [[{}], [{"name": "\x00"}], 7, ["x"], [{"name": "A", "audience": "MARTIANS"}], [{"name": "\ud800"}]],
    "topics": [7, "x", [7], [{}], [{"subject": "USE"}], [{"subject": "USE", "use": "x"}], {"subject": "USE"},
               [{"subject": "USE", "use": {}}], [{"subject": "DISEASE", "area": 2**70}],
               [{"subject": "UNLISTED", "product": [1]}], [{"subject": []}], [None]],
    "side_effect": ["x", [], {}, 2**70],
    "side_effect_report": [7, [], "x", {"what_happened": []}],
    "planned": ["x", [], 2**70],
    "late_reason": ["x" * 300, "\x00"],
    "beside": ["x", [7], [str(uuid4())], 7, {"a": 1}, [None], ["\x00"]],
    "joint_request": ["x" * 2001, "\x00", [], "\ud800"],
}  # fmt: skip
DOCUMENTS = [
    7, "x", [], {"REQ": 7}, {"NONSENSE": {}}, {"REQ": {"question": "\x00"}}, {"REQ": {"question": "\ud800"}},
    {"REQ": {"question": 10**400}}, {"REQ": {"\x00": 1}}, {"REQ": {"question": {"a": ["\x00"]}}},
    {"REQ": {"question": None}}, {"REQ": {"asked_at": "never"}}, {"STATUS": {"said": "x"}}, {"PLAN": {"item": "x"}},
    {"REQ": {"asked_at": "9999-12-31T23:59:59-14:00"}}, {"TRIAL": {"trial": []}}, {"\ud800": {}},
]  # fmt: skip


@pytest.mark.parametrize("kind", sorted(BODIES))
@pytest.mark.parametrize("url", ["/api/interactions/", "/api/follow-ups/"])
def test_a_body_that_is_none_is_a_4xx_that_says_so(kind, url, relation, mara, client_of):
    for headers in ({}, {"Idempotency-Key": "k1"}):
        answer = send(client_of(mara), BODIES[kind], url, **headers)

        assert answer.status_code in (400, 413)
        assert answer.json()


@pytest.mark.parametrize("field", sorted(WRONG))
def test_a_wrong_value_is_a_4xx_that_says_so(field, relation, keller, novastat_hf, mara, client_of):
    browser = client_of(mara)
    for value in WRONG[field]:
        more = {"side_effect": True} if field == "side_effect_report" else {}
        answer = send(browser, visit_of(keller, novastat_hf, **more, **{field: value}))
        assert 400 <= answer.status_code < 500 or field in ("side_effect", "planned"), (field, value)
        assert answer.status_code < 500, (field, value)
        assert answer.json()


def test_documents_hold_what_a_record_can_hold(relation, keller, novastat_hf, mara, client_of):
    browser = client_of(mara)
    for documents in DOCUMENTS:
        body = visit_of(keller, novastat_hf)
        body["topics"][0]["documents"] = documents
        assert send(browser, body).status_code < 500, documents


@pytest.mark.parametrize("role", ["mara", "felix", "frieda", "lena"])
def test_follow_ups_take_no_nonsense(role, company, keller, relation, client_of):
    browser = client_of(getattr(company, role))
    good = {"what": "Send it", "due_on": "2030-01-01", "market": "DE"}
    wrong: dict[str, list[Any]] = {
        "what": ["\x00", "\ud800", "", 7.5e300, [], {}, "x" * 301],
        "due_on": ["0000-00-00", "99999-01-01", "x", 7, [], None],
        "market": ["XX", [], {}, 7, None, "\x00"],
        "kol": ["x", str(uuid4()), [], {}, 2**200, "\x00"],
        "promised": ["x", [], {}],
    }
    for name, values in wrong.items():
        for value in values:
            answer = send(browser, {**good, name: value}, "/api/follow-ups/")
            assert (answer.status_code == 400) or (name, value) in [("what", 7.5e300)], (name, value)
    for day in ("0001-01-01", "9999-12-31"):
        assert send(browser, {**good, "due_on": day}, "/api/follow-ups/").status_code < 500


@pytest.mark.parametrize("step", ["preparation", "assignment", "acceptance", "refusal", "approval"])
def test_a_step_of_a_handover_takes_no_nonsense(step, handed_over, company, client_of):
    with acting_as(system("look")):
        row = Handover.objects.get()
    bodies = [
        *BODIES.values(), {"version": -1}, {"version": 2**70}, {"version": "x"}, {"version": []}, {"recipient": "x"},
        {"recipient": str(uuid4())}, {"recipient": {}}, {"reason": "\x00"}, {"reason": []}, {"password": "\x00"},
        {"password": "\ud800"}, {"password": {}}, {"password": "wrong"}, {}, {"version": 2**31}, {"version": 10**30},
        {"recipient": str(company.petra.pk)}, {"password": "wrong", "version": 10**30}, {"version": 2**63},
    ]  # fmt: skip
    for name in ("mara", "lena", "frieda", "felix", "otto", "clara"):
        browser = client_of(getattr(company, name))
        for body in bodies:
            answer = send(browser, body, f"/api/handovers/{row.pk}/{step}/")
            assert 400 <= answer.status_code < 500, (name, str(body)[:80])


# Refusals


def test_a_refusal_names_rules_and_what_is_missing(relation, keller, novastat_hf, mara, client_of):
    body = visit_of(keller, novastat_hf)
    body["topics"][0] |= {"basis": "", "documents": {}}
    answer = send(client_of(mara), body)

    assert answer.status_code == 409
    assert set(answer.json()) >= {"detail", "rules", "missing", "policy_version"}
    assert answer.json()["rules"] == ["R-020"]


def test_the_document_describes_the_refusal_of_every_creation_and_step(mara, client_of):
    paths = client_of(mara).get("/api/schema/?format=json").json()["paths"]
    posts = {path: found["post"]["responses"] for path, found in paths.items() if "post" in found}

    assert [path for path, responses in posts.items() if "409" not in responses] == []


# The same key again


def test_the_same_key_and_body_write_once_and_another_body_is_a_422(
    relation, keller, novastat_hf, mara, client_of
):
    browser, body = client_of(mara), visit_of(keller, novastat_hf)
    first = send(browser, body, **{"Idempotency-Key": "visit-1"})
    again = send(browser, body, **{"Idempotency-Key": "visit-1"})
    other = send(browser, {**body, "note": "something else"}, **{"Idempotency-Key": "visit-1"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    with acting_as(mara):
        assert Interaction.objects.count() == 1


def test_the_same_key_reports_a_side_effect_once(relation, keller, novastat_hf, mara, client_of):
    body = visit_of(keller, novastat_hf, side_effect=True, side_effect_report={"what_happened": "A rash"})
    for _ in range(2):
        assert send(client_of(mara), body, **{"Idempotency-Key": "visit-2"}).status_code == 201
    with acting_as(mara):
        assert SafetyReport.objects.count() == 1


def test_a_side_effect_is_kept_though_the_key_belongs_to_another_request(
    relation, keller, novastat_hf, mara, client_of
):
    browser = client_of(mara)
    send(browser, visit_of(keller, novastat_hf), **{"Idempotency-Key": "visit-3"})
    body = visit_of(keller, novastat_hf, side_effect=True, side_effect_report={"what_happened": "A rash"})

    assert send(browser, body, **{"Idempotency-Key": "visit-3"}).status_code == 422
    with acting_as(mara):
        assert SafetyReport.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 101, "a\x7fb", "ü" * 60])
def test_a_key_is_short_and_printable(key, relation, keller, novastat_hf, mara, client_of):
    assert send(client_of(mara), visit_of(keller, novastat_hf), **{"Idempotency-Key": key}).status_code in (
        201,
        400,
    )


def test_a_key_belongs_to_one_person(relation, keller, novastat_hf, mara, moritz, client_of):
    first = send(client_of(mara), visit_of(keller, novastat_hf), **{"Idempotency-Key": "visit-4"})
    other = send(client_of(moritz), visit_of(keller, novastat_hf), **{"Idempotency-Key": "visit-4"})

    assert first.status_code == 201
    assert other.json().get("id") != first.json()["id"]


@pytest.mark.django_db(transaction=True)
def test_the_same_key_twice_at_one_instant_writes_once(relation, keller, novastat_hf, mara, client_of):
    body = visit_of(keller, novastat_hf)
    one, two = client_of(mara), client_of(mara)
    answers = at_once(
        *(
            lambda browser=browser: send(browser, body, **{"Idempotency-Key": "visit-5"})
            for browser in (one, two)
        )
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    with acting_as(mara):
        assert Interaction.objects.count() == IdempotencyKey.objects.count() == 1


# Tokens


@pytest.fixture
def token(mara) -> SimpleNamespace:
    with acting_as(mara):
        row, secret = issue_token(mara, "tablet")
    return SimpleNamespace(row=row, headers={"Authorization": f"Bearer {secret}"})


def test_a_revoked_token_and_one_of_a_closed_account_open_nothing(token, mara):
    client = Client()
    assert client.get("/api/kols/", headers=token.headers).status_code == 200
    with acting_as(system("close")):
        type(mara).objects.filter(pk=mara.pk).update(is_active=False)
    assert client.get("/api/kols/", headers=token.headers).status_code == 401
    with acting_as(system("close")):
        type(mara).objects.filter(pk=mara.pk).update(is_active=True)
        ApiToken.objects.filter(pk=token.row.pk).update(revoked_at=now())
    assert client.get("/api/kols/", headers=token.headers).status_code == 401
    for secret in ("", "x", "x" * 10_000, "ü", "\x7f"):
        assert client.get("/api/kols/", headers={"Authorization": f"Bearer {secret}"}).status_code in (
            401,
            403,
        )


def test_a_token_that_is_not_valid_is_not_saved_by_a_session(token, mara, client_of):
    answer = client_of(mara).get("/api/kols/", headers={"Authorization": "Bearer of-nobody"})

    assert answer.status_code == 401


def test_the_token_of_somebody_who_changed_sides_opens_the_new_side_alone(
    token, visit, science, relation, company, keller, mara
):
    client = Client()
    assert len(client.get("/api/interactions/", headers=token.headers).json()["results"]) == 1
    with acting_as(company.lena):
        reassign_owner(relation, to=company.moritz, by=company.lena)
    with acting_as(system("appoint")):
        mara.appointments.update(during=DateTimeTZRange(datetime(2024, 1, 1, tzinfo=UTC), now()))
        post = Appointment.objects.create(
            user=mara, role=Role.FIELD_SERVICE, side=Side.COMMERCIAL, during=DateTimeTZRange(now(), None),
            recorded_at=now(),
        )  # fmt: skip
        post.markets.add(company.germany)

    for noun in ("kols", "interactions", "ownerships", "follow-ups", "handovers"):
        assert client.get(f"/api/{noun}/", headers=token.headers).json()["results"] == [], noun
    assert client.get(f"/api/interactions/{visit.pk}/", headers=token.headers).status_code == 404


# What left the line


LEFT = ("EXEMPT", "CANCELLED", "FROZEN", "NO_FIELD", "REVERSED")


@pytest.fixture
def assigned(relation, novastat_hf, authorise, company):
    """Felix is asked to take Professor Keller over."""
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        row = Handover.objects.get()
    with acting_as(company.mara):
        row = prepare_handover(
            row, by=company.mara, signature=Signature(company.mara, "password"), previewed=True
        )
    with acting_as(company.frieda):
        return assign_handover(row, recipient=company.felix, by=company.frieda)


def test_why_a_handover_left_the_line_cannot_be_asked_out(company, assigned, client_of):
    """Felix tries everything on a handover that was his, in each state that takes it away; all answers are one."""
    browser = client_of(company.felix)
    row, heard = assigned, {}
    for state in LEFT:
        _as_if(row, state)
        answers = [browser.get(f"/handovers/{row.pk}/"), browser.get(f"/api/handovers/{row.pk}/")]
        answers += [browser.get(f"/api/handovers/{row.pk}/?state={one}") for one in LEFT]
        for version in (1, 6, 7, 8):
            answers.append(send(browser, {"version": version}, f"/api/handovers/{row.pk}/acceptance/"))
        answers += [
            send(browser, {}, f"/api/handovers/{row.pk}/acceptance/"),
            send(browser, {"reason": "OTHER"}, f"/api/handovers/{row.pk}/refusal/"),
            browser.post(f"/handovers/{row.pk}/acceptance/", follow=True),
            browser.get("/handovers/inbox/"),
        ]
        heard[state] = [(answer.status_code, _bare(answer)) for answer in answers]
    different = [
        (state, place)
        for state in LEFT
        for place, said in enumerate(heard[state])
        if said != heard["EXEMPT"][place]
    ]
    assert different == []
    assert {status for status, _ in heard["EXEMPT"]} <= {200, 400, 404, 409}


def _as_if(row, state):
    from django.db import connection

    with acting_as(system("as if")), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE handovers_handover DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE handovers_handover SET state = %s, version = %s WHERE id = %s",
            [state, 6 + LEFT.index(state), row.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE handovers_handover ENABLE TRIGGER USER")
        cursor.execute("SET ROLE crm_web")


def _bare(answer):
    import re

    return re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]+"', b"", answer.content)


# Who may do what, asked once more behind the lock


def test_oversight_reads_follow_ups_and_writes_none(company, client_of):
    body = {"what": "Look again", "due_on": "2030-01-01", "market": "DE"}

    assert send(client_of(company.clara), body, "/api/follow-ups/").status_code == 409
    with acting_as(company.clara):
        assert not FollowUp.objects.exists()


def test_nobody_ends_what_a_colleague_or_field_service_answers_for(
    handed_over, relation, company, keller, other_use
):
    with acting_as(company.mara):
        own = open_relation(keller, other_use, by=company.mara, at=now() - timedelta(days=1))
    with acting_as(company.moritz), pytest.raises(Refused):
        end_relation(own, by=company.moritz)
    for person in (company.mara, company.lena):
        with acting_as(person), pytest.raises(Refused):
            end_relation(relation, by=person)
    with acting_as(company.mara):
        end_relation(own, by=company.mara)
    with acting_as(company.lena), pytest.raises(Refused):
        reassign_owner(own, to=company.moritz, by=company.lena)


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_the_same_relation_at_one_instant(company, keller, novastat_hf):
    def begin(person):
        with acting_as(person):
            return open_relation(keller, novastat_hf, by=person)

    answers = at_once(lambda: begin(company.mara), lambda: begin(company.moritz))
    assert sum(isinstance(answer, Refused) for answer in answers) == 1


@pytest.fixture
def other_use(company, novastat):
    with acting_as(system("set the stage")):
        other = Indication.objects.create(product=novastat, name="Hypertension", label="Hypertension.")
        return Use.objects.create(indication=other, market=company.germany, created_at=now())
