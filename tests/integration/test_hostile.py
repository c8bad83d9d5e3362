"""Every form and every address under hostile hands: never a server error, never more than "does not exist"."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, resolve

from accounts.acting import acting_as, system
from compliance.models import AuditEntry, RowChange
from handovers.models import Campaign, Handover
from interactions.actions import add_follow_up
from interactions.models import FollowUp, Interaction
from kols.actions import register_kol
from kols.models import KOL, Relation
from msl_crm.access import PUBLIC, may_use, rule_of
from products.models import Product, Use
from safety.models import SafetyReport
from tests.integration.test_routes import patterns, routes

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

PEOPLE = ("mara", "lena", "felix", "frieda", "petra", "clara", "rita", "sofia", "anton")
RECORDS = (KOL, Product, Use, Relation, Campaign, Handover, Interaction, FollowUp, SafetyReport)
NASTY = (
    "", "\x00", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "²", "٣", "-1", "9" * 5000, "1e999",
    "0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59", "99:99", "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>", "' OR 1=1 --", "{{ 7*7 }}", "x" * 70_000, "../../etc/passwd", "a\r\nSet-Cookie: b=c",
)  # fmt: skip
NAME = re.compile(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"')
GUESSED = (
    "kol", "kind", "plan", "version", "client_ref", "market", "item", "batch", "state", "reason", "password", "previewed",
    "q", "what", "due_on", "date", "starts", "minutes", "side_effect", "se-what_happened", "deviation", "deviation_words",
    "added", "topic", "next", "user", "role", "territory", "name", "email", "use", "evidence", "effective_on", "case_id",
    "answer", "recipient", "language", "theme", "duplicates", "row", "choice",
)  # fmt: skip


def filled(known: list[str]) -> list[str]:
    """Every route, with one of the ids in each of its places."""
    found = []
    for route, _pattern in patterns(get_resolver()):
        if any(mark in route for mark in "(^\\") or "logout" in route:
            continue
        for pk in known if "<" in route else known[:1]:
            numbered = re.sub(r"<int:[^>]+>", "1", route)
            found.append("/" + re.sub(r"<[^>]+>", pk, numbered))
    return sorted(set(found))


@pytest.fixture
def known(handed_over, visit, science, company, keller):
    with acting_as(company.mara):
        add_follow_up(
            by=company.mara, what="Paper", due_on=date(2030, 1, 1), market=company.germany, kol=keller
        )
    with acting_as(system("look")):
        return [str(model.objects.order_by("pk").first().pk) for model in RECORDS if model.objects.exists()]


@pytest.mark.parametrize("name", ["mara", "felix", "frieda", "rita"])
def test_no_form_breaks_on_nonsense(name, known, company, client_of):
    """Garbage in every field of every form a person can reach, and in fields nobody has asked for."""
    person, wrong = getattr(company, name), []
    browser = client_of(person)
    browser.raise_request_exception = False
    for path in filled(known):
        rule = rule_of(resolve(path))
        if not may_use(person, rule) or rule == PUBLIC:
            continue
        page = browser.get(path)
        if page.status_code == 404:
            continue
        fields = set(NAME.findall(page.content.decode(errors="replace"))) if not page.streaming else set()
        fields = (fields | set(GUESSED)) - {"csrfmiddlewaretoken"}
        for shift in (0, 7, 13):
            data = {field: NASTY[(place + shift) % len(NASTY)] for place, field in enumerate(sorted(fields))}
            if (status := browser.post(path, data).status_code) >= 500:
                wrong.append((path, shift, status))
    assert wrong == []


@pytest.mark.parametrize("name", ["mara", "felix", "clara"])
def test_no_address_breaks_on_a_hostile_query(name, known, company, client_of):
    person, wrong = getattr(company, name), []
    browser = client_of(person)
    browser.raise_request_exception = False
    for path in filled(known):
        if not may_use(person, rule_of(resolve(path))):
            continue
        if browser.get(path).status_code != 200:
            continue
        for shift in (0, 5, 11):
            query = {field: NASTY[(place + shift) % len(NASTY)][:400] for place, field in enumerate(QUERY)}
            if (status := browser.get(path, query).status_code) >= 500:
                wrong.append((path, shift, status))
    assert wrong == []


QUERY = (
    "q", "page", "after", "before", "sort", "tier", "since", "view", "region", "use", "column", "msl", "rep", "kol", "kind",
    "from", "to", "day", "verb", "actor", "subject", "market", "date", "campaign", "added", "plan", "state", "product",
    "person", "rule", "refused", "cursor", "month", "period", "team", "status", "owner", "next", "old", "open",
)  # fmt: skip


@pytest.mark.parametrize("name", ["felix", "frieda", "petra", "moritz"])
def test_another_persons_row_is_answered_like_no_row(name, known, company, client_of):
    """GET and POST on each route with an id that exists but is not hers, and with an id of nobody."""
    person, wrong, nobody = getattr(company, name), [], str(uuid4())
    browser = client_of(person)
    compared = 0
    for pk in known:
        for path in filled([pk]):
            if pk not in path or not may_use(person, rule_of(resolve(path))):
                continue
            if browser.get(path).status_code != 404:
                continue
            for ask in (browser.get, browser.post):
                theirs, none = ask(path), ask(path.replace(pk, nobody))
                compared += 1
                if (theirs.status_code, bare(theirs, pk)) != (none.status_code, bare(none, nobody)):
                    wrong.append((path, theirs.status_code, none.status_code))
    assert wrong == []
    assert compared > 10


def bare(answer, pk: str) -> bytes:
    body = re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?)"[^"]+"', b"", answer.content)
    return body.replace(pk.encode(), b"")


@pytest.mark.parametrize("name", ["mara", "felix"])
def test_methods_that_no_view_knows_are_refused(name, known, company, client_of):
    person = getattr(company, name)
    browser, wrong = client_of(person), []
    for path in routes():
        if "/account/" in path or not may_use(person, rule_of(resolve(path))):
            continue
        for method in ("PUT", "PATCH", "DELETE"):
            status = browser.generic(method, path, b"{}", content_type="application/json").status_code
            # Pages that only read answer any method alike; none may write or break.
            if status >= 500:
                wrong.append((method, path, status))
    assert wrong == []


@pytest.mark.parametrize("there", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_no_redirect_leads_elsewhere(there, known, company, client_of):
    wrong = []
    for name in ("mara", "anton"):
        person = getattr(company, name)
        browser = client_of(person)
        for path in [*routes(), *(f"/notices/{pk}/read/" for pk in known)]:
            if "logout" in path or not may_use(person, rule_of(resolve(path))):
                continue
            asked = dict.fromkeys(("next", "back", "url", "return_to", "return"), there)
            for ask in (browser.post, browser.get):
                location = ask(path, asked, headers={"referer": there}).headers.get("Location", "")
                if "evil" in location.split("?")[0] or location.startswith("javascript"):
                    wrong.append((path, location))
    assert wrong == []


def test_every_export_disarms_formulas(company, germany, novastat_hf, relation, client_of):
    with acting_as(company.mara):
        for text in ("=cmd()", "+1", "-1", "@sum", "\t=1", "\r=1"):
            register_kol(
                by=company.mara, given_name="A", family_name=f"{text}x", main_market=germany, specialty=text
            )
    for name, path in (
        ("mara", "/kols/export/"),
        ("clara", "/compliance/trail/export.csv"),
    ):
        answer = client_of(getattr(company, name)).get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        cells = [cell for row in rows for cell in row]
        assert [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t") or re.match(r"-\D", cell)] == []
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith("attachment")
        assert "\n" not in disposition
        assert "\r" not in disposition


UPLOADS = (
    ("a.csv", b""), ("a.csv", b"\x00" * 100), ("a.csv", b"\xff\xfe\x00"), ("a.xlsx", b"PK\x03\x04broken"), ("a.xlsx", b""),
    ("a.exe", b"MZ"), ("../../a.csv", b"a,b\n1,2\n"), ("a\r\nX: y.csv", b"a;b"), ("a.csv", b"family_name\n" + b'"' * 9999),
    ("a.csv", b"family_name\n\x00\n"), ("a.json", b"{"), ("x" * 300 + ".csv", b"a"), ("a.zip", b"PK\x05\x06" + b"\0" * 18),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "path"), [("mara", "/imports/people/new/"), ("rita", "/imports/authorisations/new/")]
)
def test_no_upload_breaks_the_reader(name, path, company, client_of):
    browser = client_of(getattr(company, name))
    fields = set(NAME.findall(browser.get(path).content.decode())) - {"csrfmiddlewaretoken"}
    for filename, content in UPLOADS:
        data = dict.fromkeys(fields, "DE") | {"file": SimpleUploadedFile(filename, content)}
        answer = browser.post(path, data)
        assert answer.status_code < 500, filename


# Errors and the technical admin


def test_error_pages_name_nothing(company, client_of, client):
    for answer in (client_of(company.felix).get(f"/kols/{uuid4()}/"), client.get("/nothing-here/")):
        text = answer.content.decode()
        assert "Traceback" not in text
        assert "URLconf" not in text
        assert "kols.views" not in text


@pytest.mark.parametrize("name", ["felix", "petra", "anton"])
def test_a_staff_member_of_any_side_reaches_no_regulated_record_in_the_technical_admin(
    name, company, client_of
):
    person = getattr(company, name)
    with acting_as(system("make staff")):
        type(person).objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    person.refresh_from_db()
    browser = client_of(person)
    assert browser.get("/admin/").status_code == (200 if name == "anton" else 404)
    for app, model in (
        ("kols", "kol"), ("kols", "relation"), ("interactions", "interaction"), ("handovers", "handover"),
        ("safety", "safetyreport"), ("compliance", "auditentry"), ("compliance", "rowchange"), ("imports", "upload"),
    ):  # fmt: skip
        assert browser.get(f"/admin/{app}/{model}/").status_code == 404


@pytest.mark.parametrize("name", ["felix", "frieda", "petra", "anton", "mara"])
def test_trail_and_history_are_empty_outside_oversight(name, known, company):
    with acting_as(getattr(company, name)):
        assert not AuditEntry.objects.visible_to(getattr(company, name)).exists()
        assert not AuditEntry.objects.exists()
        assert not RowChange.objects.exists()


def test_a_product_manager_meets_no_expert(known, company, keller, client_of):
    browser = client_of(company.petra)
    for path in [*filled(known), "/search/?q=keller", "/search/?q=mara"]:
        if may_use(company.petra, rule_of(resolve(path.partition("?")[0]))):
            answer = browser.get(path)
            assert b"Keller" not in answer.content.replace(b'value="keller"', b"")
            assert str(keller.pk).encode() not in answer.content or str(keller.pk) in path


def test_trying_tells_field_service_nothing(known, company, keller, hospital, client_of):
    """R-048(c): an expert whom Medical knows and an id of nobody get one answer, whatever is tried on them."""
    with acting_as(company.mara):
        hidden = register_kol(
            by=company.mara, family_name="Hidden", main_market=company.germany, institution=hospital
        )
    browser = client_of(company.felix)
    tries = (
        ("/interactions/new/", "kol"), ("/interactions/plan/", "kol"), ("/interactions/question/", "kol"),
        ("/safety/new/", "kol"), ("/interactions/follow-ups/", "kol"),
    )  # fmt: skip
    for path, field in tries:
        answers = []
        for pk in (hidden.pk, uuid4()):
            got = [browser.get(path, {field: pk}), browser.post(path, {field: pk, "kind": "PRODUCT_CALL"})]
            answers.append([(answer.status_code, _calm(answer, pk)) for answer in got])
        assert answers[0] == answers[1], path


def _calm(answer, pk) -> bytes:
    return re.sub(rb'name="client_ref" value="[^"]+"', b"", bare(answer, str(pk)))
