"""What was written down later was not known then: everything a contact is judged by, by the history of its rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, system
from accounts.models import AbsenceCover
from compliance.policy import Basis, Document, Intent, Kind, Role, Subject
from interactions.facts import Present, Spoken, gather
from kols.actions import register_kol
from kols.models import Contract, Practice, ScientificContact, StudyRole
from products.models import PlanItem
from tests.integration.test_interactions import visit
from tests.integration.test_may_i import DAY, may

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def since():
    """Some days ago; what began then is written down today."""
    return DateTimeTZRange(datetime.now(UTC) - 5 * DAY, None)


def lacks(person, kol, use, **more):
    """What was missing by what was known yesterday, and by what is known now."""
    yesterday = datetime.now(UTC) - DAY
    return [may(person, kol, use, at=yesterday, then=t, **more).decision.missing for t in (True, False)]


def test_a_cover_counts_from_when_it_was_arranged(relation, keller, novastat_hf, mara, moritz, since):
    with acting_as(system("arrange")):
        AbsenceCover.objects.create(absent=mara, cover=moritz, during=since)
    before, after = lacks(moritz, keller, novastat_hf, basis=Basis.UNSOLICITED_REQUEST)
    assert before - after == {Document.PRECLEAR}


def test_a_scientific_contact_counts_from_when_it_was_noted(
    relation, keller, novastat_hf, moritz, since, owned_by_field
):
    with acting_as(system("note")):
        ScientificContact.objects.create(relation=relation, msl=moritz, during=since)
    before, after = lacks(moritz, keller, novastat_hf, basis=Basis.UNSOLICITED_REQUEST)
    assert before - after == {Document.PRECLEAR}


def test_studies_contracts_and_plan_items_count_from_when_they_were_entered(
    relation, keller, novastat_hf, mara, lena, germany, since
):
    with acting_as(system("enter")):
        StudyRole.objects.create(kol=keller, use=novastat_hf, trial="NOVA-7", during=since)
        Contract.objects.create(
            kol=keller, use=novastat_hf, reference="C-9", signed_at=since.lower, during=since
        )
        item = PlanItem.objects.create(
            use=novastat_hf, reference="P-1", purpose="Renal", approved_by=lena, during=since
        )
    study, board = (
        lacks(mara, keller, novastat_hf, kind=kind, basis=basis)
        for kind, basis in (
            (Kind.STUDY_VISIT, Basis.STUDY_SUPPORT), (Kind.ADVISORY_BOARD, Basis.CONTRACTED_BOARD),
        )
    )  # fmt: skip
    assert study[0] - study[1] == {Document.TRIAL}
    assert board[0] - board[1] == {Document.CONTRACT}

    at = datetime.now(UTC) - DAY
    raised = Spoken(
        subject=Subject.USE,
        use=novastat_hf,
        basis=Basis.PROACTIVE,
        documents={Document.PLAN: {"item": item.pk}},
    )
    with acting_as(mara):
        found = [
            gather(
                by=mara, role=Role.MSL, intent=Intent.RECORD, event=visit(germany, starts_at=at), topics=[raised],
                people=[Present(kol=keller, main=True)], known_at=known,
            ).accepted[0].keys()
            for known in (at, None)
        ]  # fmt: skip
    assert found[1] - found[0] == {Document.PLAN, Document.PURPOSE}


def test_where_an_expert_practises_counts_from_when_it_was_noted(
    novastat_hf, mara, germany, switzerland, since
):
    with acting_as(mara, at=since.lower):
        kol = register_kol(by=mara, family_name="Otto", main_market=germany)
    with acting_as(system("note")):
        Practice.objects.create(kol=kol, market=switzerland)
    found = [
        may(mara, kol, novastat_hf, at=datetime.now(UTC) - DAY, then=t, basis=Basis.UNSOLICITED_REQUEST)
        for t in (True, False)
    ]
    assert [{place.market for place in one.act.topics[0].zones} for one in found] == [{"DE"}, {"DE", "CH"}]
