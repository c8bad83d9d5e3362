"""What is recorded late rewrites nothing: records keep their receipts, differences get a name, plans are called off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Appointment
from accounts.notices import notices_of
from compliance.policy import Act, Document, Kind, MaterialPurpose, Refused, State, Subject
from handovers.actions import countersign_and_enact, enact_entry
from interactions.actions import (
    plan_interaction,
    reassess_what_is_soon,
    rejudge_some,
    settle_mismatch,
)
from interactions.actions import rejudging as work
from interactions.actions.hindsight import in_hindsight
from interactions.facts import Present, Spoken
from interactions.models import Interaction, Mismatch, Rejudging
from kols.actions import reassign_owner
from products.actions import propose_entry, void_entry
from tests.conftest import SINCE
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_ownership import settle
from tests.integration.test_shown import told_of

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
DAY = timedelta(days=1)


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)


def everything():
    while rejudge_some() is not None:
        pass
    with acting_as(system("look")):
        return list(Mismatch.objects.select_related("interaction", "entry", "work", "author"))


@pytest.fixture
def opened(authorise, novastat_hf):
    """Novastat is authorised since ten days, known from the first hour."""
    at = ago(days=10)
    return authorise(novastat_hf, at=at, recorded_at=at)


def freely(use):
    return Spoken(subject=Subject.USE, use=use)


def logged(by, kol, use, market, at, spoken=None, kind=Kind.VISIT):
    with acting_as(by, at=at + timedelta(hours=1)):
        return log(by, kol, visit(market, starts_at=at, kind=kind), spoken or freely(use))


@pytest.mark.usefixtures("opened")
def test_a_suspension_recorded_late_names_every_visit_it_would_have_changed_and_rewrites_none(
    relation, keller, novastat_hf, mara, clara, germany, suspend
):
    before = logged(mara, keller, novastat_hf, germany, ago(days=6))
    between = logged(mara, keller, novastat_hf, germany, ago(days=2))
    assert everything() == []
    receipt = between.decision
    suspend(novastat_hf, at=ago(days=4))

    [found] = everything()
    assert (found.interaction, found.author, found.compartment) == (between, mara, "MEDICAL")
    assert (found.before["outcome"], found.after["outcome"], found.known_when_acted) == (
        "ALLOWED", "WITH_DOCUMENTS", False,
    )  # fmt: skip
    with acting_as(clara):
        between.refresh_from_db()
    assert (between.decision, between.status, before.status) == (receipt, "DRAFT", "DRAFT")
    assert everything() == [found], "asked again, nothing is added"


@pytest.mark.usefixtures("opened")
def test_what_was_on_paper_when_it_took_place_is_said(
    relation, keller, novastat_hf, mara, rita, ralf, germany
):
    """Rita had the suspension on her desk; Ralf confirmed it after the visit."""
    with acting_as(rita, at=ago(days=3)):
        entry = propose_entry(novastat_hf, State.SUSPENDED, effective_at=ago(days=4), evidence="Fax", by=rita)
    early, late = (logged(mara, keller, novastat_hf, germany, ago(days=d)) for d in (3.5, 2))
    with acting_as(ralf):
        enact_entry(entry, by=ralf)
    assert {one.interaction: one.known_when_acted for one in everything()} == {early: False, late: True}


@pytest.mark.usefixtures("opened")
def test_a_voided_authorisation_names_what_rested_on_it(
    relation, keller, novastat_hf, mara, rita, ralf, clara, germany, opened
):
    visited = logged(mara, keller, novastat_hf, germany, ago(days=2))
    everything()
    with acting_as(rita):
        voiding = void_entry(opened, evidence="Another product was meant.", by=rita)
    with acting_as(ralf):
        voiding = enact_entry(voiding, by=ralf)
    assert everything() == [], "it counts when Compliance has signed"
    with acting_as(clara):
        countersign_and_enact(voiding, by=clara)
    [found] = everything()
    assert (found.interaction, found.after["outcome"]) == (visited, "NOT_ALLOWED")


def test_an_authorisation_recorded_late_frees_what_was_not_allowed_to_be_easy(
    relation, keller, novastat_hf, mara, germany, authorise
):
    answered = logged(mara, keller, novastat_hf, germany, ago(days=2), asked(novastat_hf, documents={}))
    authorise(novastat_hf, at=ago(days=3))
    assert [(one.interaction, one.before["kind"], one.after["kind"]) for one in everything()] == [
        (answered, "incomplete", "allowed")
    ]


@pytest.mark.usefixtures("owned_by_field")
def test_a_call_of_field_service_is_named_to_its_author_and_oversight_alone(
    keller, novastat_hf, felix, otto, frieda, mara, lena, clara, petra, germany, suspend
):
    called = logged(felix, keller, novastat_hf, germany, ago(days=2), told_of(novastat_hf), Kind.PRODUCT_CALL)
    suspend(novastat_hf, at=ago(days=4))
    [found] = everything()
    assert (found.interaction, found.after["kind"]) == (called, "deviation")
    for person, count in ((felix, 1), (clara, 1), (otto, 0), (frieda, 0), (mara, 0), (lena, 0), (petra, 0)):
        with acting_as(person):
            seen = Mismatch.objects.visible_to(person).count(), Mismatch.objects.count()
        assert (person.email, *seen) == (person.email, count, count)


@pytest.mark.usefixtures("owned_by_field")
def test_material_that_fell_into_quarantine_before_a_call_is_named_though_its_author_has_left(
    relation, keller, novastat_hf, felix, otto, frieda, petra, clara, germany, suspend, deck
):
    leaflet = deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=ago(days=20))
    shown = {Document.SMPC: {"said": True}, Document.MAT: {"materials": [str(leaflet.pk)]}}
    spoken = Spoken(subject=Subject.USE, use=novastat_hf, documents=shown)
    called = logged(felix, keller, novastat_hf, germany, ago(days=9), spoken, Kind.PRODUCT_CALL)
    with acting_as(frieda):
        reassign_owner(relation, to=otto, by=frieda)
    with acting_as(system("let go")):
        Appointment.objects.filter(user=felix).update(during=DateTimeTZRange(SINCE, now()))
        felix.is_active, felix.role = False, ""
        felix.save(update_fields=["is_active", "role"])
    suspend(novastat_hf, at=ago(days=15))
    found = [one for one in everything() if one.interaction == called]
    assert [one.after["kind"] for one in found] == ["deviation"]
    assert "R-083" in found[0].after["rules"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.usefixtures("opened")
def test_in_whatever_order_the_same_history_is_recorded_the_same_visits_are_named(
    relation, keller, novastat_hf, mara, germany, enter, order
):
    """Suspended, lifted, suspended: visits in each stretch end up where the whole history puts them."""
    visits = [logged(mara, keller, novastat_hf, germany, ago(days=d)) for d in (7, 5, 3, 1)]
    history = [(State.SUSPENDED, 8), (State.AUTHORISED, 6), (State.SUSPENDED, 4)]
    if order == (0, 1, 2):
        for step in order:
            enter(novastat_hf, history[step][0], at=ago(days=history[step][1]))
    else:
        # A later state is known first; what lies before it is filled in afterwards.
        enter(novastat_hf, State.SUSPENDED, at=ago(days=8))
        everything()
        enter(novastat_hf, State.AUTHORISED, at=ago(days=6))
        everything()
        enter(novastat_hf, State.SUSPENDED, at=ago(days=4))
    everything()
    with acting_as(system("look")):
        now_wrong = {
            visit_.pk
            for visit_ in visits
            if in_hindsight(_whole(visit_), Act.from_json(visit_.act), "ENTRY").outcome.name
            != visit_.decision["outcome"]
        }
        named = set(Mismatch.objects.values_list("interaction", flat=True))
    assert now_wrong <= named
    assert now_wrong == {visits[0].pk, visits[2].pk, visits[3].pk}


def _whole(row):
    return Interaction.objects.select_related(*work.RELATED).prefetch_related(*work.TOPICS).get(pk=row.pk)


@pytest.mark.usefixtures("opened")
def test_whoever_is_killed_in_mid_work_has_done_nothing_and_the_next_goes_on(
    relation, keller, novastat_hf, mara, germany, suspend, monkeypatch
):
    rows = [logged(mara, keller, novastat_hf, germany, ago(days=2, minutes=40 * n)) for n in range(5)]
    everything()
    suspend(novastat_hf, at=ago(days=4))
    monkeypatch.setattr(work, "BATCH", 2)
    assert rejudge_some() == 2

    real, asked_for = work._judged, []

    def dies(row, entry):
        asked_for.append(row)
        if len(asked_for) == 2:
            raise KeyboardInterrupt
        return real(row, entry)

    monkeypatch.setattr(work, "_judged", dies)
    with pytest.raises(KeyboardInterrupt):
        rejudge_some()
    monkeypatch.setattr(work, "_judged", real)
    with acting_as(system("look")):
        assert (Mismatch.objects.count(), Rejudging.objects.get(done_at=None).judged) == (2, 2)
    assert {one.interaction for one in everything()} == set(rows)
    with acting_as(system("look")):
        assert not Rejudging.objects.filter(done_at=None).exists()


def plan(by, kol, use, market, at, kind=Kind.VISIT, spoken=None):
    with acting_as(by):
        made = plan_interaction(
            by=by, event=visit(market, starts_at=at, kind=kind), topics=[spoken or freely(use)],
            people=[Present(kol=kol, main=True)],
        )  # fmt: skip
        settle()
    return made


def told(person):
    with acting_as(person):
        return [one.kind for one in notices_of(person) if one.kind == "plan_called_off"]


@pytest.mark.usefixtures("owned_by_field")
def test_a_plan_that_may_not_take_place_any_more_is_called_off_and_its_planner_told(
    keller, novastat_hf, felix, mara, frieda, germany, suspend
):
    ahead = datetime.now(UTC) + 3 * DAY
    planned = plan(felix, keller, novastat_hf, germany, ahead, Kind.PRODUCT_CALL, told_of(novastat_hf))
    other = plan(mara, keller, novastat_hf, germany, ahead, spoken=Spoken(subject=Subject.ADMIN))
    everything()
    suspend(novastat_hf)
    assert everything() == []
    with acting_as(system("look")):
        planned.refresh_from_db()
        other.refresh_from_db()
    assert (planned.status, other.status) == ("CANCELLED", "PLANNED")
    assert [told(one) for one in (felix, mara, frieda)] == [["plan_called_off"], [], []]


@pytest.mark.usefixtures("owned_by_field")
def test_a_plan_is_judged_again_before_it_begins_whatever_changed(keller, novastat_hf, felix, germany, rules):
    """New rules ask for training that Felix does not have: nothing of the lifecycle moved."""
    at = datetime.now(UTC) + timedelta(minutes=40)
    soon = plan(felix, keller, novastat_hf, germany, at, Kind.PRODUCT_CALL, told_of(novastat_hf))
    later = plan(felix, keller, novastat_hf, germany, at + DAY, Kind.PRODUCT_CALL, told_of(novastat_hf))
    rules("2026.2")
    with acting_as(system("judge what is soon")):
        assert reassess_what_is_soon(now()) == 1
        assert reassess_what_is_soon(now()) == 0
        soon.refresh_from_db()
        later.refresh_from_db()
    assert (soon.status, later.status) == ("CANCELLED", "PLANNED")


@pytest.mark.usefixtures("opened")
def test_compliance_settles_with_a_reason_and_nobody_settles_her_own(
    relation, keller, novastat_hf, mara, clara, felix, germany, suspend, client_of
):
    logged(mara, keller, novastat_hf, germany, ago(days=2))
    suspend(novastat_hf, at=ago(days=4))
    [found] = everything()
    page, act = (
        reverse("interactions:mismatches"),
        reverse("interactions:mismatch_settlement", args=[found.pk]),
    )
    html = client_of(clara).get(page).content.decode()
    assert "nobody could know" in html
    assert "Then: allowed. In hindsight: allowed with documents." in html
    for person in (mara, felix):
        assert client_of(person).get(page).status_code == 404
        assert client_of(person).post(act, {"reason": "x"}).status_code == 404
    with acting_as(mara), pytest.raises(Refused):
        settle_mismatch(found.pk, reason="Nothing happened", by=mara)
    client_of(clara).post(act, {"reason": " "})
    client_of(clara).post(act, {"reason": "The letter came two days later."})
    with acting_as(clara):
        found.refresh_from_db()
        assert (found.settled_by, found.reason) == (clara, "The letter came two days later.")
        with pytest.raises(Refused):
            settle_mismatch(found.pk, reason="Again", by=clara)
        with pytest.raises(DatabaseError), transaction.atomic():
            Mismatch.objects.filter(pk=found.pk).update(known_when_acted=True)
    assert "The letter came" in client_of(clara).get(page, {"show": "all"}).content.decode()
    assert "Nothing to settle" in client_of(clara).get(page).content.decode()


def test_a_document_is_no_lifecycle(relation, keller, novastat_hf, mara, germany, authorise):
    """What was missing and is still missing is no mismatch."""
    logged(
        mara,
        keller,
        novastat_hf,
        germany,
        ago(days=2),
        asked(novastat_hf, documents={Document.STATUS: {"said": True}}),
    )
    assert everything() == []
