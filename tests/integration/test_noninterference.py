"""Two worlds that differ only in what the commercial side may not know give it the same bytes everywhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import get_resolver, resolve

from accounts.acting import acting_as, now, system
from compliance.models import Deviation
from compliance.policy import Basis, Channel, Kind, Side, State, Subject
from handovers.actions import open_due_handovers
from handovers.models import Campaign, Handover
from interactions.actions import add_follow_up, log_interaction
from interactions.facts import Event, Present, Spoken
from interactions.models import FollowUp, Interaction
from kols.actions import open_relation, register_kol, set_science
from kols.models import KOL, Contract, Relation, ScientificContact, StudyRole, VisitGoal
from kols.models.ownership import RelationQuerySet
from msl_crm.access import may_use, rule_of
from products.models import Indication, LifecycleEntry, PlanItem, Product, Theme, Use
from safety.actions import report_side_effect
from safety.models import SafetyReport
from tests.integration.test_routes import patterns

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

COMMERCIAL_PEOPLE = ("felix", "frieda", "petra")
RECORDS = (KOL, Product, Use, Relation, Campaign, Handover, Interaction, FollowUp, SafetyReport, Deviation)
# The library keeps the time of the last visit there; it knows nothing of the business.
LEFT_OUT = ("logout", "/admin/", "/account/")
QUERIES = (
    "/search/?q=keller",
    "/search/?q=quokka",
    "/search/?q=novastat",
    "/kols/?q=keller",
    "/kols/?view=unseen&tier=1&since=30",
    "/kols/export/?q=keller",
    "/interactions/?view=drafts",
    "/handovers/?state=DUE",
    *(
        f"/api/{noun}/{query}"
        for noun in (
            "products", "uses", "kols", "ownerships", "interactions", "follow-ups", "handovers", "notices",
        )
        for query in ("", "?page_size=1", "?q=keller")
    ),
)  # fmt: skip


@pytest.fixture
def stage(handed_over, visit, science, novastat, novastat_hf, company, keller, authorise):
    """Beside the expert whom Felix has taken over: a second open use that nobody answers for, and a call of his."""
    with acting_as(system("set the stage")):
        indication = Indication.objects.create(
            product=novastat, name="Kidney disease", label="CKD in adults."
        )
        other = Use.objects.create(indication=indication, market=company.germany, created_at=now())
        pre = Use.objects.create(
            indication=Indication.objects.create(
                product=novastat, name="Hypertension", label="Hypertension."
            ),
            market=company.germany,
            created_at=now(),
        )
        for use in (other, pre):
            LifecycleEntry.objects.create(
                use=use, state=State.SUBMITTED, effective_at=datetime(2024, 1, 1, tzinfo=UTC), evidence="Letter",
                proposed_by=company.rita, recorded_at=now(), confirmed_by=company.ralf, confirmed_at=now(),
            )  # fmt: skip
    with acting_as(company.mara):
        relation = open_relation(keller, other, by=company.mara)
    authorise(other)
    with acting_as(company.felix):
        report_side_effect(by=company.felix, kol=keller, product=novastat, what_happened="A rash.")
        add_follow_up(
            by=company.felix,
            what="Send the label",
            due_on=date(2030, 1, 1),
            market=company.germany,
            kol=keller,
        )
    company.other, company.pre, company.relation = other, pre, relation
    return company


def ids() -> list[str]:
    with acting_as(system("look")):
        return [
            str(pk) for model in RECORDS for pk in model.objects.order_by("pk").values_list("pk", flat=True)
        ]


def addresses(person, known: list[str]) -> list[str]:
    """Every address this person may ask for: each route, with each record's id in each place."""
    found = []
    for route, pattern in patterns(get_resolver()):
        if any(mark in route for mark in "(^\\") or any(mark in f"/{route}" for mark in LEFT_OUT):
            continue
        names = list(pattern.pattern.converters)
        for values in product(known, repeat=min(len(names), 1)):
            numbered = re.sub(r"<int:[^>]+>", "1", route)
            path = "/" + re.sub(r"<[^>]+>", values[0] if values else "", numbered)
            if may_use(person, rule_of(resolve(path))):
                found.append(path)
    return sorted(
        {*found, *QUERIES, *(f"/api/{noun}/{pk}/" for noun in ("kols", "handovers") for pk in known)}
    )


def answer(browser, path: str) -> tuple:
    """Status, headers and bytes, without what is random in each."""
    got = browser.get(path)
    body = b"".join(got.streaming_content) if got.streaming else got.content
    body = re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": ?|data-csrf=)"[^"]+"', b"", body)
    # A key for a form that has not been sent yet.
    body = re.sub(rb'name="client_ref" value="[^"]+"', b"", body)
    # `Expires` is the second of the answer, on every personal page.
    headers = sorted((name, value) for name, value in got.headers.items() if name != "Expires")
    return got.status_code, headers, body


def seen(people, client_of, known) -> dict[tuple[str, str], tuple]:
    found, closed = {}, set()
    for person in people:
        browser = client_of(person)
        for path in addresses(person, known):
            view = resolve(path.partition("?")[0]).func
            if view not in closed:
                found[person.given_name, path] = answer(browser, path)
                if found[person.given_name, path][0] == 405:
                    closed.add(view)
    return found


def differences(before: dict, after: dict) -> list[tuple[str, str]]:
    return [key for key in before if before[key] != after[key]]


def medical_lives_on(company, keller) -> None:
    """A week of Medical, Safety and Compliance."""
    mara, moritz, germany, pre = company.mara, company.moritz, company.germany, company.pre
    with acting_as(mara):
        hidden = register_kol(by=mara, given_name="Miriam", family_name="Keller-Quokka", main_market=germany)
        open_relation(hidden, pre, by=mara)
        open_relation(keller, pre, by=mara)
        set_science(keller, tier=3, rationale="Quokka", interests=["Wombat"], goals="Bilby", by=mara)
        start = now() - timedelta(hours=3)
        record = log_interaction(
            by=mara,
            event=Event(
                kind=Kind.VISIT, channel=Channel.PHONE, starts_at=start, ends_at=start, market=germany
            ),
            topics=[Spoken(subject=Subject.USE, use=pre, basis=Basis.UNSOLICITED_REQUEST, heard="Quokka")],
            people=[Present(kol=keller, main=True)],
            side_effect=False,
        )
        add_follow_up(
            by=mara,
            what="Quokka paper",
            due_on=date(2030, 1, 1),
            market=germany,
            kol=keller,
            interaction=record,
        )
    with acting_as(moritz):
        report_side_effect(
            by=moritz, kol=keller, product=company.other.indication.product, what_happened="Quokka"
        )
    with acting_as(system("the week goes on")):
        ever = DateTimeTZRange(now() - timedelta(days=9), None)
        Theme.objects.create(name="Quokka", indication=company.other.indication)
        PlanItem.objects.create(
            use=pre, reference="QK-1", purpose="Quokka", approved_by=company.lena, during=ever
        )
        StudyRole.objects.create(kol=keller, use=pre, trial="QUOKKA-1", during=ever)
        Contract.objects.create(kol=keller, use=pre, reference="QK-2", signed_at=now(), during=ever)
        VisitGoal.objects.create(
            kol=keller, market=germany, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), visits=7
        )
        Deviation.objects.create(
            reporter=moritz, reporter_side=Side.MEDICAL, happened_at=now(), recorded_at=now(), words="Quokka",
            act={}, decision={}, policy_version="1",
        )  # fmt: skip
    open_due_handovers()
    with acting_as(system("look")):
        assert Handover.objects.filter(state="DUE").exists()
        assert ScientificContact.objects.exists()


def test_what_medical_does_changes_no_byte_for_the_commercial_side(stage, keller, client_of):
    people = [getattr(stage, name) for name in COMMERCIAL_PEOPLE]
    known = [*ids(), str(uuid4())]
    before = seen(people, client_of, known)
    assert {status for status, _, _ in before.values()} <= {200, 302, 400, 404, 405}
    assert sum(status == 200 for status, _, _ in before.values()) > 60

    medical_lives_on(stage, keller)

    assert differences(before, seen(people, client_of, known)) == []


def test_a_filter_that_is_forgotten_is_noticed(stage, keller, client_of, monkeypatch):
    """The positive control: with one rule broken, and the database's lock open, the comparison must fail."""
    people, known = [stage.frieda], ids()
    monkeypatch.setattr(RelationQuerySet, "visible_to", lambda rows, user: rows)
    monkeypatch.setattr("kols.models.directory.KOLQuerySet.visible_to", lambda rows, user: rows)
    before = seen(people, client_of, known)

    medical_lives_on(stage, keller)

    assert ("Frieda", "/kols/?q=keller") in differences(before, seen(people, client_of, known))


def test_what_is_new_is_as_unknown_as_what_never_was(stage, keller, client_of):
    """The ids that Medical's week has made, asked for by the commercial side, against an id of nobody."""
    old = set(ids())
    medical_lives_on(stage, keller)
    nobody, fresh = str(uuid4()), [pk for pk in ids() if pk not in old]
    wrong = []
    for name in COMMERCIAL_PEOPLE:
        person = getattr(stage, name)
        browser = client_of(person)
        for pk in fresh:
            for path in addresses(person, [pk]):
                if pk in path:
                    status, headers, body = answer(browser, path)
                    theirs = answer(browser, path.replace(pk, nobody))
                    if (status, headers, body.replace(pk.encode(), b"")) != (
                        theirs[0], theirs[1], theirs[2].replace(nobody.encode(), b""),
                    ):  # fmt: skip
                        wrong.append((name, path, status, theirs[0]))
    assert wrong == []
