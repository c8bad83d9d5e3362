"""A decision day is rehearsed: what the report says is what the day brings, whatever is decided and whenever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate
from compliance.models import AuditEntry
from compliance.policy import CertificateKind, Kind, MaterialPurpose, Side, State, Subject
from handovers.actions import countersign_and_enact, enact_entry, follow_facts, open_due_handovers
from handovers.models import Handover
from handovers.rehearsal import Back, consequences_of, prospects
from interactions.actions import rejudge_some
from interactions.facts import Spoken
from interactions.models import Interaction
from kols.actions import open_relation, register_kol
from kols.models import Institution, Ownership
from products.actions import propose_entry, void_entry
from products.models import MaterialVersion
from products.supposing import Supposed
from reports.rehearsal import rehearse
from tests.conftest import SINCE
from tests.integration.test_late_knowledge import plan
from tests.integration.test_shown import told_of

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
DAY = timedelta(days=1)


@pytest.fixture
def expert(company, novastat_hf):
    """One more expert in a region, for whom somebody answers since 2024."""

    def expert(name, region, owner=None):
        owner = owner or company.mara
        with acting_as(system("set the stage"), at=SINCE):
            hospital = region and Institution.objects.create(
                name=f"{name} clinic", region=region, country="DE"
            )
        with acting_as(owner, at=SINCE):
            kol = register_kol(by=owner, given_name="Ada", family_name=name, main_market=company.germany,
                               institution=hospital or None)  # fmt: skip
            open_relation(kol, novastat_hf, by=owner)
        return kol

    return expert


def supposed(use, state, at):
    return Supposed(use=use, state=state, at=at)


def quarantined():
    """Every material in quarantine, and since when."""
    with acting_as(system("look")):
        rows: list[Any] = list(MaterialVersion.objects.quarantined())
        return {(row.pk, row.quarantined_at) for row in rows if row.quarantined_at is not None}


def called_off():
    with acting_as(system("look")):
        return set(Interaction.objects.filter(status="CANCELLED").values_list("pk", flat=True))


def handovers(state):
    with acting_as(system("look")):
        return set(Handover.objects.filter(state=state).values_list("pk", flat=True))


def the_day(at):
    """What the clock does on the day: handovers follow and open, plans are judged anew."""
    with acting_as(system("the day"), at=at):
        follow_facts()
        open_due_handovers()
        while rejudge_some() is not None:
            pass


def prospects_of(at):
    """Who would take over what is due, asked of the handovers that have been opened."""
    with acting_as(system("look"), at=at):
        rows = Handover.objects.filter(state="DUE").order_by("relation")
        return set(prospects(list(rows.select_related(
            "relation__kol__main_institution", "relation__use__market", "relation__use__indication", "preparer",
        )), at))  # fmt: skip


@pytest.mark.parametrize("days", [5, 0, -3])
def test_an_authorisation_opens_what_was_rehearsed_with_whom_and_for_want_of_what(
    relation,
    keller,
    novastat_hf,
    expert,
    rules,
    felix,
    otto,
    frieda,
    mara,
    moritz,
    lena,
    clara,
    petra,
    germany,
    authorise,
    deck,
    days,
):
    """Felix is trained and qualified in the north, Otto in the south is not, and in Saxony there is nobody."""
    rules("2026.2")
    expert("Bauer", "DE-BY")
    expert("Sachs", "DE-SN", moritz)
    expert("Ohne", "")
    month = datetime.now(UTC) - 30 * DAY
    for kind, use in ((CertificateKind.PRODUCT_TRAINING, novastat_hf), (CertificateKind.QUALIFICATION, None)):
        with acting_as(frieda):
            record_certificate(felix, kind, use=use, valid_from=month, evidence="Academy", by=frieda)
    science = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara, at=month)
    at = datetime.now(UTC) + days * DAY
    # Made for the launch and valid from it: this one stays.
    deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=month, valid_from=at)
    with acting_as(lena):
        found = rehearse(supposed(novastat_hf, State.AUTHORISED, at))

    assert {(one.kol, one.region, one.rep and one.rep.name, one.lacks) for one in found.moves.due} == {
        ("Prof. Dr. Miriam Keller", "DE-HH", "Felix Brandt", ()),
        ("Ada Bauer", "DE-BY", "Otto Unger", ("qualification_valid", "training_valid")),
        ("Ada Sachs", "DE-SN", None, ()),
        ("Ada Ohne", "", None, ()),
    }
    assert found.regions_without_rep == {"": 1, "DE-SN": 1}
    assert found.missing == {("Otto Unger", "qualification_valid"): 1, ("Otto Unger", "training_valid"): 1}
    assert {version.pk for version, _since in found.materials} == {science.pk}

    authorise(novastat_hf, at=at, recorded_at=min(at, datetime.now(UTC)))
    assert handovers("DUE") == set()
    day = max(at, datetime.now(UTC))
    the_day(day)
    assert prospects_of(day) == set(found.moves.due)
    assert quarantined() == {(version.pk, since) for version, since in found.materials}
    assert called_off() == {one.plan for one in found.plans} == set()


@pytest.mark.parametrize("state", [State.SUSPENDED, State.WITHDRAWN])
@pytest.mark.parametrize("days", [3, 0, -2])
@pytest.mark.usefixtures("owned_by_field")
def test_a_suspension_gives_back_stops_and_ends_what_was_rehearsed(
    relation,
    keller,
    novastat_hf,
    expert,
    felix,
    petra,
    mara,
    moritz,
    frieda,
    clara,
    germany,
    enter,
    deck,
    days,
    state,
):
    """Felix answers for Keller and has a call in his calendar; for Bauer the handover is under way."""
    expert("Bauer", "DE-BY", moritz)
    open_due_handovers()
    leaflet = deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=datetime.now(UTC) - 20 * DAY)
    at = datetime.now(UTC) + days * DAY
    calls = [
        plan(
            felix,
            keller,
            novastat_hf,
            germany,
            datetime.now(UTC) + n * DAY,
            Kind.PRODUCT_CALL,
            told_of(novastat_hf),
        )
        for n in (1, 4, 9)
    ]
    plan(
        mara, keller, novastat_hf, germany, datetime.now(UTC) + 4 * DAY, spoken=Spoken(subject=Subject.ADMIN)
    )
    disease = Spoken(subject=Subject.DISEASE, area=novastat_hf.indication.area)
    calls.append(
        plan(felix, keller, novastat_hf, germany, datetime.now(UTC) + 5 * DAY, Kind.PRODUCT_CALL, disease)
    )
    with acting_as(clara):
        found = rehearse(supposed(novastat_hf, state, at))
    assert found.moves.back == (Back(relation.pk, "Prof. Dr. Miriam Keller", felix.pk, mara.pk, at),)
    assert found.moves.stopped == handovers("DUE") != set()
    assert {one.plan for one in found.plans} == {call.pk for call in calls if call.starts_at >= at}
    assert {version.pk for version, _since in found.materials} == {leaflet.pk}

    entry = enter(novastat_hf, state, at=at)
    assert entry.enacted.reversed == len(found.moves.back)
    the_day(max(at, datetime.now(UTC)))
    with acting_as(system("look")):
        rows = Ownership.objects.filter(during__startswith=at, side=Side.MEDICAL)
        assert {(row.relation_id, row.owner_id) for row in rows} == {
            (b.relation, b.to) for b in found.moves.back
        }
    assert handovers("FROZEN") == found.moves.stopped
    assert called_off() == {one.plan for one in found.plans}
    assert quarantined() == {(version.pk, since) for version, since in found.materials}


@pytest.mark.usefixtures("owned_by_field")
def test_what_was_stopped_goes_on_when_it_is_open_again_as_rehearsed(
    relation, novastat_hf, expert, moritz, suspend, enter, lena
):
    expert("Bauer", "DE-BY", moritz)
    open_due_handovers()
    suspend(novastat_hf, at=datetime.now(UTC) - DAY)
    at = datetime.now(UTC) - timedelta(minutes=5)
    with acting_as(lena):
        found = rehearse(supposed(novastat_hf, State.AUTHORISED, at))
    assert found.moves.resumed == handovers("FROZEN") != set()
    assert [one.kol for one in found.moves.due] == ["Prof. Dr. Miriam Keller"]
    enter(novastat_hf, State.AUTHORISED, at=at)
    the_day(datetime.now(UTC))
    with acting_as(system("look")):
        fresh = Handover.objects.filter(state="DUE").exclude(pk__in=found.moves.resumed)
        assert {row.relation_id for row in fresh} == {one.relation for one in found.moves.due}
    assert found.moves.resumed <= handovers("DUE")


@pytest.mark.usefixtures("owned_by_field")
def test_a_voiding_takes_back_and_cancels_what_was_rehearsed(
    relation, novastat_hf, expert, moritz, rita, ralf, clara
):
    expert("Bauer", "DE-BY", moritz)
    open_due_handovers()
    with acting_as(system("look")):
        entry = novastat_hf.entries.get(state=State.AUTHORISED)
    with acting_as(rita):
        voiding = void_entry(entry, evidence="Wrong row", by=rita)
    with acting_as(clara):
        found = rehearse(Supposed.that(voiding))
    assert [(one.relation, one.to) for one in found.moves.back] == [(relation.pk, relation_owner(relation))]
    with acting_as(ralf):
        voiding = enact_entry(voiding, by=ralf)
    with acting_as(clara):
        voiding = countersign_and_enact(voiding, by=clara)
    done = voiding.enacted  # type: ignore[attr-defined]
    assert (done.reversed, done.cancelled) == (1, len(found.moves.cancelled))
    assert handovers("CANCELLED") == found.moves.cancelled != set()
    assert found.moves.stopped == handovers("FROZEN") == set()


def relation_owner(relation):
    with acting_as(system("look")):
        return Ownership.objects.filter(relation=relation, side=Side.MEDICAL).earliest("during").owner_id


@pytest.mark.usefixtures("owned_by_field")
def test_an_entry_that_waits_tells_the_same_numbers_and_asking_writes_nothing(
    novastat_hf, expert, moritz, rita, clara, mara, felix, keller, germany
):
    expert("Bauer", "DE-BY", moritz)
    plan(
        felix, keller, novastat_hf, germany, datetime.now(UTC) + DAY, Kind.PRODUCT_CALL, told_of(novastat_hf)
    )
    open_due_handovers()
    with acting_as(rita):
        entry = propose_entry(novastat_hf, State.SUSPENDED, effective_at=now(), evidence="Fax", by=rita)
    with acting_as(system("look")):
        before = AuditEntry.objects.count()
    with acting_as(clara):
        numbers, found = consequences_of(entry), rehearse(Supposed.that(entry))
    assert (numbers.back, numbers.stopped) == (len(found.moves.back), len(found.moves.stopped)) == (1, 1)
    with acting_as(system("look")):
        assert AuditEntry.objects.count() == before
    assert (called_off(), handovers("FROZEN")) == (set(), set())


# The page --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("owned_by_field")
def test_the_lead_reads_it_before_the_day_and_field_service_finds_no_such_page(
    keller, novastat_hf, expert, moritz, germany, felix, frieda, petra, mara, rita, lena, clara, client_of
):
    expert("Sachs", "DE-SN", moritz)
    plan(
        felix,
        keller,
        novastat_hf,
        germany,
        datetime.now(UTC) + 9 * DAY,
        Kind.PRODUCT_CALL,
        told_of(novastat_hf),
    )
    page = reverse("reports:rehearsal")
    asked = {
        "use": str(novastat_hf.pk),
        "state": "SUSPENDED",
        "on": f"{datetime.now(UTC) + 3 * DAY:%Y-%m-%d}",
    }
    html = client_of(lena).get(page, asked).content.decode()
    assert "Prof. Dr. Miriam Keller: from Felix Brandt back to Mara Lindqvist" in html
    assert "1 plan of others" in html, "whose call it is, is no matter of Medical"
    assert "Felix Brandt, " not in html
    assert "Felix Brandt, " in client_of(clara).get(page, asked).content.decode()
    with acting_as(system("look")):
        read = AuditEntry.objects.filter(verb="read", subject_id=novastat_hf.pk)
        assert [entry.actor for entry in read] == [str(clara.pk)], (
            "that oversight looked is a line of the trail"
        )
    again = client_of(lena).get(page, {**asked, "state": "AUTHORISED", "on": f"{datetime.now(UTC):%Y-%m-%d}"})
    assert "Sachsen: 1 expert, and nobody to take over" in again.content.decode()
    assert page in client_of(lena).get(reverse("handovers:list")).content.decode()
    for person in (felix, frieda, petra, mara, rita):
        assert client_of(person).get(page, asked).status_code == 404
        assert page not in client_of(person).get("/").content.decode()


@pytest.mark.parametrize(
    "query", [{"use": "x"}, {"use": ""}, {"state": "MAYBE"}, {"on": "9999-12-31"}, {"on": "soon"}]
)
def test_a_rehearsal_nobody_understands_comes_back(relation, novastat_hf, lena, client_of, query):
    asked = {"use": str(novastat_hf.pk), "state": "SUSPENDED", "on": "2027-01-01", **query}
    assert client_of(lena).get(reverse("reports:rehearsal"), asked).status_code == 422
