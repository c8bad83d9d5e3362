"""Two worlds that differ only in what the commercial side may not know give it the same bytes everywhere.

Each week is a random choice of what Medical, Safety and Compliance may do; the commercial side is asked before
and after. Twenty weeks here, a thousand in `dev.py long`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from datetime import UTC, date, datetime
from random import Random
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import resolve

from accounts.acting import acting_as, now, system
from compliance.grants import OURS
from compliance.models import AuditEntry
from compliance.policy import State
from handovers.actions import (
    Signature,
    accept_handover,
    assign_handover,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Handover
from interactions.actions import add_follow_up
from interactions.models import Interaction
from kols.actions import open_relation
from kols.models.ownership import RelationQuerySet
from msl_crm import navigation
from products.models import Indication, LifecycleEntry, Use
from safety.actions import report_side_effect
from tests.integration.medical_weeks import WEEK, one_week
from tests.integration.two_worlds import (
    COMMERCIAL_PEOPLE,
    World,
    allowed,
    answer,
    body_of,
    for_the,
    from_urlconf,
    ids,
    one_of_each,
    operations,
)

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
WEEKS = int(os.environ.get("CRM_WEEKS", "20"))
SEED = int(os.environ.get("CRM_SEED", "2026"))
# So many requests are asked again after each week; all of them after the last.
AFTER_EACH = 12


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
    company.use, company.keller, company.client_ref = novastat_hf, keller, uuid4()
    company.accepted = accepted(company, keller, novastat, authorise)
    return company


def accepted(company, keller, novastat, authorise):
    """A third use whose handover Felix has accepted and nobody has approved yet."""
    with acting_as(system("set the stage")):
        indication = Indication.objects.create(product=novastat, name="Lipids", label="Lipids in adults.")
        third = Use.objects.create(indication=indication, market=company.germany, created_at=now())
        LifecycleEntry.objects.create(
            use=third, state=State.SUBMITTED, effective_at=datetime(2024, 1, 1, tzinfo=UTC), evidence="Letter",
            proposed_by=company.rita, recorded_at=now(), confirmed_by=company.ralf, confirmed_at=now(),
        )  # fmt: skip
    with acting_as(company.mara):
        relation = open_relation(keller, third, by=company.mara)
    authorise(third)
    open_due_handovers()
    with acting_as(system("look")):
        row = Handover.objects.get(relation=relation)
    with acting_as(company.mara):
        row = prepare_handover(
            row, by=company.mara, signature=Signature(company.mara, "password"), previewed=True
        )
    with acting_as(company.frieda):
        row = assign_handover(row, recipient=company.felix, by=company.frieda)
    with acting_as(company.felix):
        return accept_handover(row, by=company.felix)


def test_each_thing_of_a_week_takes_place(stage):
    """A week that were refused would prove nothing."""
    idle = []
    for name in sorted(WEEK):
        sid, before = transaction.savepoint(), trace()
        WEEK[name](stage, Random(SEED))
        idle += [name] if trace() == before else []
        transaction.savepoint_rollback(sid)
    assert idle == []


def trace() -> tuple[int, ...]:
    with acting_as(system("look")):
        tables = [
            model for model in apps.get_models() if model._meta.app_label in OURS and model._meta.managed
        ]
        return tuple(model._default_manager.count() for model in tables)


def test_p08_no_week_of_medical_changes_a_byte_for_the_commercial_side(stage, client_of):
    rng = Random(SEED)
    world = World([getattr(stage, name) for name in COMMERCIAL_PEOPLE], client_of)
    answered = [status for status, _, _ in world.first.values()]
    assert [ask for ask, got in world.first.items() if got[0] >= 500] == []
    assert answered.count(200) > 120
    assert len({ask[1].partition("?")[0] for _, ask in world.first}) > 120

    done = []
    for _week in range(WEEKS):
        done.append(one_week(stage, rng))
        among = rng.sample(sorted(world.first), AFTER_EACH)
        assert (done[-1], world.differences(among)) == (done[-1], [])
    assert world.differences() == []
    assert sum("refused" in what for week in done for what in week) < WEEKS
    assert {what for week in done for what in week} >= ({*WEEK} if WEEKS > 100 else {"what_is_due_opens"})


# Positive controls: with one fault put in, the very same comparison must notice.


def control(stage, client_of, name: str, path: str, act: str) -> list[tuple[str, str, str]]:
    world = World([getattr(stage, name)], client_of, [path])
    assert world.differences() == [], "nothing has happened yet"
    WEEK[act](stage, Random(SEED))
    return world.differences()


def test_a_filter_that_is_forgotten_is_noticed(stage, client_of, monkeypatch):
    path = "/kols/?q=keller"
    assert control(stage, client_of, "frieda", path, "an_expert_is_found") == []
    monkeypatch.setattr(RelationQuerySet, "visible_to", lambda rows, user: rows)
    monkeypatch.setattr("kols.models.directory.KOLQuerySet.visible_to", lambda rows, user: rows)

    assert ("Frieda", "GET", path) in control(stage, client_of, "frieda", path, "an_expert_is_found")


def test_a_count_that_leaks_is_noticed(stage, client_of, monkeypatch):
    """The number in the side bar, counted once without asking for whom."""

    def everybodys(request) -> int:
        with acting_as(system("a fault")):
            return Interaction.objects.count()

    monkeypatch.setitem(navigation._counts, "handovers:inbox", everybodys)
    found = control(stage, client_of, "felix", "/products/", "a_visit_is_logged")
    assert ("Felix", "GET", "/products/") in found


def test_a_sequence_that_is_shared_is_noticed(stage, client_of, monkeypatch):
    """A number of its own for each row, drawn from where everybody draws."""

    def numbered(row, instance):
        with acting_as(system("a fault")):
            last = AuditEntry.objects.order_by("-sequence").first()
        return {"number": last.sequence if last else 0}

    monkeypatch.setattr("accounts.api.NoticeSerializer.to_representation", numbered)
    path = "/api/notices/"
    assert control(stage, client_of, "felix", path, "science_is_noted") == [("Felix", "GET", path)]


def test_what_is_new_is_as_unknown_as_what_never_was(stage, client_of):
    """The ids that Medical's week has made, asked for by the commercial side, against an id of nobody."""
    old = set(ids())
    for name in ("an_expert_is_found", "a_visit_is_logged", "something_is_to_do", "a_side_effect_is_reported",
                 "a_deviation_is_followed", "what_is_due_opens"):  # fmt: skip
        WEEK[name](stage, Random(SEED))
    fresh, nobody, wrong = sorted(set(ids()) - old), str(uuid4()), []
    assert len(fresh) >= 6
    for name in COMMERCIAL_PEOPLE:
        person = getattr(stage, name)
        browser = client_of(person)
        paths = [
            path
            for path in from_urlconf(defaultdict(lambda: [nobody]))
            if nobody in path and allowed(person, path)
        ]
        paths += [
            f"/api/{noun}/{nobody}/" for noun in ("kols", "handovers", "interactions", "follow-ups", "uses")
        ]
        for number, path in enumerate(sorted(paths)):
            none = answer(browser, path)
            for pk in (fresh[number % len(fresh)], fresh[(number + 1) % len(fresh)]):
                got = answer(browser, path.replace(nobody, pk))
                if (got[0], got[1], got[2].replace(pk.encode(), b"")) != (
                    none[0], none[1], none[2].replace(nobody.encode(), b""),
                ):  # fmt: skip
                    wrong.append((name, path, got[0], none[0]))
    assert wrong == []


FIELD = re.compile(r'<(?:input|select|textarea|button)[^>]*\bname="([^"]+)"')


def test_an_id_in_a_body_is_told_like_one_of_nobody(stage, client_of):
    """Every field of every form and of every writing operation, with an id Medical has just made and with nobody's."""
    old = set(ids())
    for name in ("an_expert_is_found", "a_visit_is_logged", "something_is_to_do", "what_is_due_opens"):
        WEEK[name](stage, Random(SEED))
    fresh, nobody, known = sorted(set(ids()) - old), str(uuid4()), one_of_each()
    wrong, compared = [], 0
    for name in ("felix", "frieda"):
        person, browser = getattr(stage, name), client_of(getattr(stage, name))
        browser.raise_request_exception = False
        for ask, number in tried(person, browser, known):
            hidden = fresh[number % len(fresh)]
            theirs, none = (
                answer(browser, path.replace(ID, pk), method, body.replace(ID, pk))
                for pk in (hidden, nobody)
                for method, path, body in [ask]
            )
            compared += 1
            if theirs[:2] != none[:2] or theirs[2].replace(hidden.encode(), b"") != none[2].replace(
                nobody.encode(), b""
            ):
                wrong.append((name, ask, theirs[0], none[0]))
    assert wrong == []
    assert compared > 60


ID = "00000000-0000-4000-8000-0000000000ff"


def tried(person, browser, known):
    """Each request with ID where the guessed one goes, numbered."""
    found = []
    for method, path, operation in operations():
        if method == "GET":
            continue
        places = [re.sub(r"\{[^}]+\}", pk, path) for pk in (for_the(path, known) if "{" in path else [""])]
        found += [(method, place, body_of(operation, [ID], 0)) for place in places if allowed(person, place)]
    views = set()
    for path in sorted(from_urlconf(known)):
        if path.startswith("/api/") or "?" in path or not allowed(person, path):
            continue
        view = resolve(path).view_name
        status, _headers, body = answer(browser, path) if view not in views else (0, [], b"")
        if status == 200:
            views.add(view)
            fields = set(FIELD.findall(body.decode(errors="replace"))) - {"csrfmiddlewaretoken", "q"}
            found += [("POST", path, f"{field}={ID}") for field in sorted(fields)]
    return [(ask, number) for number, ask in enumerate(found)]
