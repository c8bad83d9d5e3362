"""Deciding an act costs three statements at most, however much is talked about and with how many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import AbsenceCover
from compliance import policy
from compliance.policy import Basis, Document, Intent, Kind, MaterialPurpose, Outcome, Role, Side, Subject
from interactions.facts import Present, Spoken, gather
from kols.actions import open_relation, register_kol
from kols.models import PrivacyNotice
from msl_crm.benchmark.deciding import MOST_STATEMENTS, Deciding, measured
from products.models import PlanItem
from tests.conftest import SINCE
from tests.integration.test_interactions import asked, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
DAY = timedelta(days=1)


def decided(by, event, topics, kols, statements):
    """The decision, and how many statements it took."""
    with acting_as(by):
        people = [Present(kol=kol, main=not n) for n, kol in enumerate(kols)]
        with statements() as taken:
            found = gather(
                by=by, role=Role(by.role), intent=Intent.RECORD, event=event, topics=topics, people=people
            )
            answer = policy.decide(found.act)
    return answer, len(taken)


def shown(version):
    return {Document.MAT: {"materials": [str(version.pk)]}}


@pytest.fixture
def colleague(mara, germany, novastat_hf):
    """One more expert of Mara's."""
    with acting_as(mara, at=SINCE):
        kol = register_kol(by=mara, given_name="Ada", family_name="Bauer", main_market=germany)
        open_relation(kol, novastat_hf, by=mara)
        PrivacyNotice.objects.create(
            kol=kol, side=Side.MEDICAL, given_at=SINCE, text_version="1", how="Letter", recorded_by=mara,
            recorded_at=SINCE,
        )  # fmt: skip
    return kol


def test_a_request_answered_with_material_to_two_experts(
    relation, keller, colleague, novastat_hf, heart_failure, mara, lena, clara, germany, deck, statements
):
    science = deck(MaterialPurpose.SCIENTIFIC, by=lena, approved_by=clara)
    said = {
        Document.REQ: {"question": "Below an eGFR of 30?"},
        Document.STATUS: {"said": True},
        **shown(science),
    }
    disease = Spoken(subject=Subject.DISEASE, area=heart_failure.area)
    assert (
        decided(mara, visit(germany), [asked(novastat_hf), disease], [keller, colleague], statements)[1] == 2
    )
    topics = [asked(novastat_hf, documents=said)]
    answer, taken = decided(mara, visit(germany), topics, [keller, colleague], statements)
    assert answer.outcome is not Outcome.NOT_ALLOWED, answer
    assert (answer.missing, taken) == (frozenset(), MOST_STATEMENTS)


def test_a_planned_exchange_rests_on_the_item_that_was_in_force(
    relation, keller, novastat_hf, mara, lena, germany, statements
):
    with acting_as(system("set the stage")):
        at = now()
        item, old = (
            PlanItem.objects.create(
                use=novastat_hf, reference=name, purpose="Gaps of care", approved_by=lena,
                during=DateTimeTZRange(at - 9 * DAY, until),
            )
            for name, until in (("P-1", None), ("P-0", at - 5 * DAY))
        )  # fmt: skip
    for one, missing in ((item, frozenset()), (old, {Document.PLAN, Document.PURPOSE})):
        said = {Document.PLAN: {"item": str(one.pk)}, Document.STATUS: {"said": True}}
        topic = Spoken(subject=Subject.USE, use=novastat_hf, basis=Basis.PROACTIVE, documents=said)
        answer, taken = decided(mara, visit(germany), [topic], [keller], statements)
        assert (answer.missing, taken) == (missing, 2)


@pytest.mark.usefixtures("owned_by_field")
def test_a_call_of_field_service_by_the_owner_and_by_who_covers_him(
    keller, novastat_hf, felix, otto, petra, clara, germany, deck, statements
):
    leaflet = deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara)
    topic = Spoken(
        subject=Subject.USE, use=novastat_hf, documents={Document.SMPC: {"said": True}, **shown(leaflet)}
    )
    event = visit(germany, kind=Kind.PRODUCT_CALL)
    assert decided(felix, event, [topic], [keller], statements)[1] == MOST_STATEMENTS
    assert decided(felix, event, [topic], [keller], statements)[0].missing == frozenset()
    assert decided(otto, event, [topic], [keller], statements)[0].outcome is Outcome.NOT_ALLOWED
    with acting_as(system("set the stage")):
        AbsenceCover.objects.create(
            absent=felix, cover=otto, during=DateTimeTZRange(now() - DAY, now() + DAY)
        )
    answer, taken = decided(otto, event, [topic], [keller], statements)
    assert (answer.outcome, taken) == (Outcome.WITH_DOCUMENTS, MOST_STATEMENTS)
    later = visit(germany, kind=Kind.PRODUCT_CALL, starts_at=datetime.now(UTC) + 2 * DAY)
    assert decided(otto, later, [topic], [keller], statements)[0].outcome is Outcome.NOT_ALLOWED


def test_a_visit_without_any_product(relation, keller, mara, germany, statements):
    answer, taken = decided(mara, visit(germany), [Spoken(subject=Subject.ADMIN)], [keller], statements)
    assert (answer.outcome, taken) == (Outcome.ALLOWED, 2)


def test_the_measurement_counts_and_marks_what_misses_its_target(relation, keller, mara, germany):
    def act():
        people = [Present(kol=keller, main=True)]
        topics = [Spoken(subject=Subject.ADMIN)]
        return policy.decide(
            gather(
                by=mara,
                role=Role.MSL,
                intent=Intent.RECORD,
                event=visit(germany),
                topics=topics,
                people=people,
            ).act
        )

    with acting_as(mara):
        found = measured("a visit", iter([act] * 4))
    assert found.statements == 2
    assert 0 < found.cpu < found.wait + 1
    assert found.database is None or found.database >= 0
    assert "!" not in Deciding("a visit", 3, 4.9, 9.0, 1.0).line()
    assert Deciding("a visit", 4, 5.1, 9.0).line().count("!") == 2
