"""What is shown at a contact, and who may show it: materials of the register, training, the rules in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate
from accounts.models import Appointment, Market
from accounts.notices import notices_of
from compliance.policy import Act, CertificateKind, Document, Kind, MaterialPurpose, Refused, Role, Subject
from handovers.models import Handover
from interactions.actions import tell_of_same_day
from interactions.facts import Spoken
from interactions.models import MaterialGiven
from products.material_actions import recall_material
from tests.integration.test_interactions import ASKED, asked, log, visit
from tests.integration.test_log_visit import filled, records

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
S = MaterialPurpose.SCIENTIFIC


@pytest.fixture
def slides(deck, lena, clara):
    """A scientific deck that Compliance approved yesterday."""
    return deck(S, by=lena, approved_by=clara)


@pytest.fixture
def leaflet(deck, petra, clara):
    return deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara)


def showing(use, *versions):
    return asked(use, documents={**ASKED, Document.MAT: {"materials": [str(one.pk) for one in versions]}})


def shown():
    with acting_as(system("look")):
        return list(MaterialGiven.objects.select_related("kol"))


def why(by, keller, event, topic):
    with acting_as(by), pytest.raises(Refused) as refusal:
        log(by, keller, event, topic)
    return refusal.value.decision.rules


def act_of(record):
    return Act.from_json(record.act)


# Materials --------------------------------------------------------------------------------------------------------


def test_a_version_shown_is_a_row_with_recipient_method_and_time(
    slides, relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), showing(novastat_hf, slides))

    [row] = shown()
    assert (row.version_id, row.kol, row.method, row.given_at, row.compartment, row.author_id) == (
        slides.pk, keller, "IN_PERSON", record.starts_at, "MEDICAL", mara.pk,
    )  # fmt: skip
    [fact] = act_of(record).materials
    assert (fact.purpose, fact.version, fact.markets) == (S, "1", ("DE",))
    with acting_as(mara):
        assert record.topics.get().documents["MAT"]["materials"] == [
            {"id": str(slides.pk), "name": str(slides)}
        ]


def test_what_was_recalled_before_the_visit_is_refused_and_what_was_shown_before_stays(
    slides, relation, keller, novastat_hf, mara, clara, germany
):
    early = visit(germany, starts_at=datetime.now(UTC) - timedelta(hours=5))
    with acting_as(clara, at=datetime.now(UTC) - timedelta(hours=3)):
        recall_material(slides, reason="A figure was wrong.", by=clara)

    with acting_as(mara):
        assert log(mara, keller, early, showing(novastat_hf, slides)).missing == []
        with pytest.raises(Refused) as refusal:
            log(mara, keller, visit(germany), showing(novastat_hf, slides))
    assert "R-080" in refusal.value.decision.rules
    assert len(shown()) == 1


def test_what_mentions_a_use_that_was_suspended_is_in_quarantine_from_that_instant(
    slides, relation, keller, novastat_hf, mara, germany, authorise, suspend
):
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(hours=30))
    suspend(novastat_hf, at=datetime.now(UTC) - timedelta(hours=4))

    with acting_as(mara), pytest.raises(Refused) as refusal:
        log(mara, keller, visit(germany), showing(novastat_hf, slides))
    assert "R-083" in refusal.value.decision.rules


def test_medical_shows_no_promotional_material(
    leaflet, relation, keller, novastat_hf, mara, germany, authorise
):
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(hours=20))

    assert "R-064" in why(mara, keller, visit(germany), showing(novastat_hf, leaflet))
    assert shown() == []


def test_what_field_service_must_not_know_of_is_as_if_it_did_not_exist(
    slides, rules, keller, novastat_hf, felix, germany, owned_by_field
):
    """Naming Medical's deck, and naming nothing that exists, answers the same."""
    rules("2026.2")
    answers = []
    for one in (str(slides.pk), "0b7e0a52-1f0e-4c9c-9a48-0f6f8f9c1d11"):
        call = Spoken(
            subject=Subject.USE, use=novastat_hf,
            documents={Document.SMPC: {"said": True}, Document.MAT: {"materials": [one]}},
        )  # fmt: skip
        with acting_as(felix), pytest.raises(Refused) as refusal:
            log(felix, keller, visit(germany, kind=Kind.PRODUCT_CALL), call)
        answers.append((str(refusal.value), refusal.value.decision.rules, refusal.value.decision.missing))
    assert answers[0] == answers[1]


def test_an_edit_writes_the_recipients_anew(slides, relation, keller, novastat_hf, mara, germany):
    from interactions.actions import amend_interaction
    from interactions.facts import Present

    with acting_as(mara):
        record = log(mara, keller, visit(germany), showing(novastat_hf, slides))
        amend_interaction(
            record, by=mara, event=visit(germany), topics=[asked(novastat_hf)],
            people=[Present(kol=keller, main=True)], version=1,
        )  # fmt: skip
    assert shown() == []


def test_the_form_offers_what_may_be_shown_that_day_and_keeps_what_was_chosen(
    slides, leaflet, relation, keller, novastat_hf, mara, client_of, germany
):
    """A lecture asks for material: the register is offered, and of it Medical's alone."""
    browser = client_of(mara)
    html = browser.get(
        reverse("interactions:new"), {"kol": keller.pk, "kind": "SCIENTIFIC_LECTURE"}
    ).content.decode()
    assert str(slides.pk) in html
    assert str(leaflet.pk) not in html

    block = f"use-{novastat_hf.pk}"
    answer = browser.post(
        reverse("interactions:new"),
        filled(
            keller, novastat_hf, kind="SCIENTIFIC_LECTURE", title="Reading endpoints",
            **{f"{block}-materials": [str(slides.pk)]},
        ),
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    assert [row.version_id for row in shown()] == [slides.pk]
    [record] = records()
    page = browser.get(reverse("interactions:edit", args=[record.pk])).content.decode()
    assert f'value="{slides.pk}" checked' in page.replace("\n", " ") or f'value="{slides.pk}"' in page


# Training, qualification, changing sides ------------------------------------------------------------------------


def call(use, *versions):
    return Spoken(
        subject=Subject.USE, use=use,
        documents={Document.SMPC: {"said": True}, Document.MAT: {"materials": [str(one.pk) for one in versions]}},
    )  # fmt: skip


def test_a_rep_calls_on_what_she_was_trained_for_with_approved_material(
    rules, leaflet, keller, novastat_hf, felix, frieda, germany, owned_by_field
):
    rules("2026.2")
    event = visit(germany, kind=Kind.PRODUCT_CALL)
    assert "R-072" in why(felix, keller, event, call(novastat_hf, leaflet))

    for kind, use in ((CertificateKind.PRODUCT_TRAINING, novastat_hf), (CertificateKind.QUALIFICATION, None)):
        with acting_as(frieda):
            record_certificate(
                felix,
                kind,
                use=use,
                valid_from=event.starts_at - timedelta(days=9),
                evidence="Academy",
                by=frieda,
            )
    with acting_as(felix):
        record = log(felix, keller, event, call(novastat_hf, leaflet))

    assert (record.missing, act_of(record).pack_versions) == ([], (("DE", "2026.2"),))
    assert {held.kind for held in act_of(record).certificates} == {
        CertificateKind.PRODUCT_TRAINING, CertificateKind.QUALIFICATION,
    }  # fmt: skip
    with acting_as(felix):
        written = log(
            felix, keller, visit(germany, kind=Kind.PRODUCT_CALL, starts_at=datetime.now(UTC) - timedelta(hours=1)),
            Spoken(
                subject=Subject.USE, use=novastat_hf,
                documents={Document.SMPC: {"said": True}, Document.MAT: {"words": "Detail aid"}},
            ),
        )  # fmt: skip
    assert written.missing == ["MAT"], "words are no entry of the register"


def test_a_certificate_that_began_after_the_call_does_not_count(
    rules, leaflet, keller, novastat_hf, felix, frieda, germany, owned_by_field
):
    rules("2026.2")
    event = visit(germany, kind=Kind.PRODUCT_CALL)
    for kind, use in ((CertificateKind.PRODUCT_TRAINING, novastat_hf), (CertificateKind.QUALIFICATION, None)):
        with acting_as(frieda):
            record_certificate(
                felix,
                kind,
                use=use,
                valid_from=event.starts_at + timedelta(minutes=1),
                evidence="Academy",
                by=frieda,
            )
    assert "R-072" in why(felix, keller, event, call(novastat_hf, leaflet))


def test_who_was_msl_a_month_ago_does_not_call_on_the_product_yet(
    keller, novastat_hf, felix, germany, owned_by_field, leaflet
):
    """R-124 rests on the appointment alone."""
    with acting_as(system("set the stage")):
        Appointment.objects.filter(user=felix).update(
            during=DateTimeTZRange(now() - timedelta(days=30), None)
        )
        before = Appointment.objects.create(
            user=felix, role=Role.MSL, side="MEDICAL", recorded_at=now(),
            during=DateTimeTZRange(now() - timedelta(days=400), now() - timedelta(days=30)),
        )  # fmt: skip
        before.markets.set([germany])
    assert "R-124" in why(felix, keller, visit(germany, kind=Kind.PRODUCT_CALL), call(novastat_hf, leaflet))


# The rules in force ---------------------------------------------------------------------------------------------


def test_a_market_without_rules_allows_what_is_about_no_product_and_nothing_else(
    relation, keller, novastat_hf, mara
):
    with acting_as(system("set the stage")):
        austria = Market.objects.create(code="AT", name="Austria", zone="Europe/Vienna", calendar="AT")
    assert "R-014" in why(mara, keller, visit(austria), asked(novastat_hf))
    with acting_as(mara):
        log(mara, keller, visit(austria), Spoken(subject=Subject.ADMIN))


def test_the_version_of_the_day_of_the_visit_counts(relation, keller, novastat_hf, mara, germany, rules):
    """R-065, R-160: rules that begin after the visit do not judge it."""
    rules("2026.2", since=datetime.now(UTC) - timedelta(hours=1))
    with acting_as(mara):
        log(mara, keller, visit(germany), asked(novastat_hf))
    soon = visit(germany, starts_at=datetime.now(UTC) - timedelta(minutes=30), minutes=10)
    assert "R-072" in why(mara, keller, soon, asked(novastat_hf)), "Germany then asks for a qualification"


def test_a_market_that_was_closed_for_new_work_has_no_rules(relation, keller, novastat_hf, mara, germany):
    with acting_as(system("set the stage")):
        type(germany).objects.filter(pk=germany.pk).update(active=False)
    assert "R-014" in why(mara, keller, visit(germany), asked(novastat_hf))


# The first call, and both sides on one day (R-125) ------------------------------------------------------------------


def told_of(use):
    plain = {Document.SMPC: {"said": True}, Document.MAT: {"words": "Detail aid"}}
    return Spoken(subject=Subject.USE, use=use, documents=plain)


def test_a_call_before_the_next_business_day_is_saved_and_sampled(
    keller, novastat_hf, felix, germany, owned_by_field
):
    with acting_as(system("look")):
        since = Handover.objects.get().effective_at
    with acting_as(felix):
        early = log(
            felix, keller, visit(germany, kind=Kind.PRODUCT_CALL, starts_at=since + timedelta(minutes=5), late_reason="Ill"),
            told_of(novastat_hf),
        )  # fmt: skip
        usual = log(felix, keller, visit(germany, kind=Kind.PRODUCT_CALL), told_of(novastat_hf))
    assert ["SAMPLED" in one.decision["duties"] for one in (early, usual)] == [True, False]
    assert act_of(early).topics[0].first_call_from == germany.start_of(
        germany.business_days_after(germany.local_day(since), 1)
    )


def same_day():
    with acting_as(system("tell")):
        return tell_of_same_day(now())


def told(person):
    with acting_as(person):
        return [one.facts["kol"] for one in notices_of(person) if one.kind == "met_on_one_day"]


@pytest.mark.parametrize("medical_first", [True, False])
def test_medical_hears_that_both_met_an_expert_that_day_and_field_service_does_not(
    keller, novastat_hf, felix, frieda, mara, lena, germany, owned_by_field, medical_first
):
    noon = germany.start_of(germany.local_day(datetime.now(UTC))) - timedelta(hours=12)

    def call_of_field():
        event = visit(germany, kind=Kind.PRODUCT_CALL, starts_at=noon + timedelta(hours=2))
        with acting_as(felix):
            return log(felix, keller, event, told_of(novastat_hf))

    alone = None if medical_first else call_of_field()
    with acting_as(mara):
        visited = log(mara, keller, visit(germany, starts_at=noon), asked(novastat_hf))
    called = alone or call_of_field()

    assert (same_day(), same_day()) == (2, 0), "once for Mara, once for Lena, and never again"
    assert [told(person) for person in (mara, lena, felix, frieda)] == [[str(keller)], [str(keller)], [], []]
    assert ("TELL_MEDICAL" in visited.decision["duties"]) is not medical_first
    assert act_of(called).other_side_that_day is False


def test_another_day_or_another_product_is_nothing_to_tell(
    keller, novastat_hf, felix, mara, germany, owned_by_field
):
    noon = germany.start_of(germany.local_day(datetime.now(UTC))) - timedelta(hours=12)
    with acting_as(felix):
        log(
            felix,
            keller,
            visit(germany, kind=Kind.PRODUCT_CALL, starts_at=noon - timedelta(hours=13)),
            told_of(novastat_hf),
        )
    with acting_as(mara):
        log(mara, keller, visit(germany, starts_at=noon), asked(novastat_hf))
    assert same_day() == 0
