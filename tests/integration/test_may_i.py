"""May I? The boundary asked for any instant: what it says now, what it said with what was known then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate, revoke_certificate
from accounts.models import Appointment, Certificate
from compliance.models import AuditEntry
from compliance.policy import (
    Basis,
    CertificateKind,
    Channel,
    Document,
    Kind,
    Outcome,
    Refused,
    Role,
    Subject,
)
from handovers.actions import countersign_and_enact, enact_entry
from interactions.facts import Spoken
from interactions.may_i import Question, answer
from interactions.models import Interaction
from kols.actions import reassign_owner, record_consent, withdraw_consent
from products.actions import void_entry
from tests.integration.test_interactions import ASKED, asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
A, D, X = Outcome.ALLOWED, Outcome.WITH_DOCUMENTS, Outcome.NOT_ALLOWED
DAY = timedelta(days=1)


def may(person, kol, use, *, at=None, then=False, asker=None, **more):
    at = at or datetime.now(UTC) - timedelta(hours=2)
    question = Question(person=person, kol=kol, use=use, market=use.market, at=at, **more)
    with acting_as(asker or person):
        return answer(question, asker=asker or person, known_at=at if then else None)


def call(person, kol, use, **more):
    return may(person, kol, use, kind=Kind.PRODUCT_CALL, **more)


def test_before_authorisation_an_msl_may_answer_with_the_request_and_field_service_may_not(
    relation, keller, novastat_hf, mara
):
    found = may(mara, keller, novastat_hf, basis=Basis.UNSOLICITED_REQUEST)
    assert (found.outcome, found.decision.missing) == (D, {Document.REQ, Document.STATUS})
    assert dict(found.facts())["Who answers"].startswith("Mara Lindqvist, Medical")
    unasked = may(mara, keller, novastat_hf, basis=Basis.PROACTIVE)
    assert {Document.PURPOSE, Document.PLAN, Document.STATUS} <= unasked.decision.missing


def test_asking_writes_nothing_and_is_no_event(relation, keller, novastat_hf, mara, felix):
    with acting_as(system("look")):
        before = AuditEntry.objects.count()
    may(mara, keller, novastat_hf)
    call(felix, keller, novastat_hf)
    with acting_as(system("look")):
        assert (AuditEntry.objects.count(), Interaction.objects.count()) == (before, 0)


def test_an_authorisation_recorded_late_opens_by_what_is_known_now_and_not_by_what_was_known_then(
    relation, keller, novastat_hf, mara, authorise
):
    authorise(novastat_hf, at=datetime.now(UTC) - 3 * DAY)
    yesterday = datetime.now(UTC) - DAY
    assert may(mara, keller, novastat_hf, at=yesterday).outcome is A
    then = may(mara, keller, novastat_hf, at=yesterday, then=True, basis=Basis.UNSOLICITED_REQUEST)
    assert (then.outcome, Document.STATUS in then.decision.missing) == (D, True)


def test_a_voided_entry_still_counted_for_who_acted_while_it_stood(
    relation, keller, novastat_hf, mara, rita, ralf, clara, authorise
):
    at = datetime.now(UTC) - 5 * DAY
    entry = authorise(novastat_hf, at=at, recorded_at=at)
    with acting_as(rita):
        voiding = void_entry(entry, evidence="Another product was meant.", by=rita)
    with acting_as(ralf):
        voiding = enact_entry(voiding, by=ralf)
    with acting_as(clara):
        countersign_and_enact(voiding, by=clara)
    between = datetime.now(UTC) - 2 * DAY
    assert may(mara, keller, novastat_hf, at=between, then=True).outcome is A
    assert may(mara, keller, novastat_hf, at=between).outcome is not A


def test_who_answered_is_told_as_it_was_known(relation, keller, novastat_hf, mara, moritz, lena, authorise):
    """Lena writes down today that Moritz has answered since yesterday."""
    at = datetime.now(UTC) - 5 * DAY
    authorise(novastat_hf, at=at, recorded_at=at)
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena, at=now() - DAY)
    noon = datetime.now(UTC) - timedelta(hours=12)
    assert [may(mara, keller, novastat_hf, at=noon, then=t).outcome for t in (True, False)] == [A, D]
    assert [may(moritz, keller, novastat_hf, at=noon, then=t).outcome for t in (True, False)] == [D, A]


@pytest.mark.usefixtures("owned_by_field")
def test_training_counts_from_when_it_was_written_down_for_what_was_known_then(
    rules,
    keller,
    novastat_hf,
    felix,
    frieda,
):
    rules("2026.2")
    week = datetime.now(UTC) - 7 * DAY
    for kind, use in ((CertificateKind.PRODUCT_TRAINING, novastat_hf), (CertificateKind.QUALIFICATION, None)):
        with acting_as(frieda):
            record_certificate(felix, kind, use=use, valid_from=week, evidence="Academy", by=frieda)
    at = datetime.now(UTC) - DAY
    assert [call(felix, keller, novastat_hf, at=at, then=t).outcome for t in (True, False)] == [X, D]
    with acting_as(frieda):
        for held in Certificate.objects.filter(person=felix):
            revoke_certificate(held.pk, reason="The test was repeated.", by=frieda)
    assert call(felix, keller, novastat_hf, at=at).outcome is D, "what was valid that day stays valid for it"
    assert call(felix, keller, novastat_hf, at=datetime.now(UTC) + timedelta(hours=1)).outcome is X


def test_rules_that_were_settled_later_were_not_known(relation, keller, novastat_hf, mara, rules):
    rules("2026.2", since=datetime.now(UTC) - 10 * DAY)
    found = may(mara, keller, novastat_hf, basis=Basis.UNSOLICITED_REQUEST)
    assert (found.outcome, "R-072" in found.decision.rules) == (X, True)
    assert dict(found.facts())["Rules in force"] == "Germany 2026.2"
    before = may(mara, keller, novastat_hf, basis=Basis.UNSOLICITED_REQUEST, at=datetime.now(UTC) - 20 * DAY)
    assert before.outcome is D


def test_a_consent_counts_as_it_was_known(relation, keller, novastat_hf, mara, rules, germany, lena):
    with acting_as(mara):
        consent = record_consent(
            keller, by=mara, channel="EMAIL", market=germany, given_at=now() - 9 * DAY, text_version="1",
            source="FORM", evidence="7",
        )  # fmt: skip
        withdraw_consent(consent.pk, by=mara, how="Letter")
    later = datetime.now(UTC) + timedelta(minutes=1)
    mail = {"channel": Channel.EMAIL, "basis": Basis.PROACTIVE}
    assert "R-090" in may(mara, keller, novastat_hf, at=later, **mail).decision.rules
    before = may(mara, keller, novastat_hf, at=datetime.now(UTC) - DAY, then=True, **mail)
    assert "R-090" not in before.decision.rules


def test_the_role_that_was_known_counts(relation, keller, novastat_hf, mara):
    with acting_as(system("set the stage")):
        Appointment.objects.filter(user=mara).update(during=DateTimeTZRange(now() - 3 * DAY, None))
    at = datetime.now(UTC) - 5 * DAY
    known, today = (
        may(mara, keller, novastat_hf, at=at, then=t, basis=Basis.UNSOLICITED_REQUEST) for t in (True, False)
    )
    assert (today.outcome, today.decision.rules) == (X, ("R-140",))
    assert known.outcome is D, "that she began later was written down today"


# Who may ask about whom -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("owned_by_field")
def test_a_lead_asks_for_her_team_and_compliance_for_everybody(
    keller, novastat_hf, felix, frieda, lena, mara, clara
):
    assert may(mara, keller, novastat_hf, asker=lena).outcome == may(mara, keller, novastat_hf).outcome
    own = call(felix, keller, novastat_hf)
    assert call(felix, keller, novastat_hf, asker=frieda).outcome == own.outcome
    assert call(felix, keller, novastat_hf, asker=clara).decision == own.decision


def params(**more):
    return {name: str(value) for name, value in more.items()}


def ask_api(browser, **more):
    return browser.get("/api/may-i/", params(**more))


def test_who_is_not_yours_to_ask_about_does_not_exist(
    relation, keller, novastat_hf, mara, moritz, felix, client_of
):
    api = client_of(mara)
    for person in (moritz, felix):
        assert ask_api(api, kol=keller.pk, person=person.pk).status_code == 400
    assert ask_api(api, kol=keller.pk, person=mara.pk).status_code == 200
    page = client_of(mara).get(
        reverse("interactions:may_i"), params(kol=keller.pk, kind="VISIT", person=felix.pk)
    )
    assert page.status_code == 200, "a field that is not offered is not read"


def test_a_rep_learns_nothing_of_what_is_not_hers(relation, keller, novastat_hf, felix, otto, client_of):
    """Novastat is not authorised and Keller is Mara's: both are as if they did not exist."""
    api = client_of(felix)
    nothing = "0b7e0a52-1f0e-4c9c-9a48-0f6f8f9c1d11"
    hidden, absent = (
        ask_api(api, kol=pk).content.replace(str(pk).encode(), b"") for pk in (keller.pk, nothing)
    )
    assert hidden == absent
    assert api.get(reverse("interactions:may_i"), params(kol=keller.pk)).status_code == 404
    assert api.get(reverse("interactions:may_i"), params(kol=nothing)).status_code == 404


def test_an_owner_of_medical_is_not_named_to_field_service(
    owned_by_field,
    keller,
    novastat_hf,
    felix,
    germany,
):
    at = datetime.now(UTC) - 35 * DAY
    found = call(felix, keller, novastat_hf, at=at)
    assert (found.outcome, "Who answers" in dict(found.facts())) == (X, False)
    assert "Mara" not in str(found.reasons())


# The page and the wire --------------------------------------------------------------------------------------------


def test_the_page_answers_from_its_address(relation, keller, novastat_hf, mara, client_of, authorise):
    authorise(novastat_hf, at=datetime.now(UTC) - 3 * DAY)
    browser = client_of(mara)
    page = reverse("interactions:may_i")
    assert page in browser.get(reverse("kols:detail", args=[keller.pk])).content.decode()
    assert "About whom do you ask?" in browser.get(page).content.decode()
    blank = browser.get(page, params(kol=keller.pk)).content.decode()
    assert "By what is known" not in blank

    yesterday = (datetime.now(UTC) - DAY).astimezone(novastat_hf.market.tz)
    html = browser.get(
        page,
        params(
            kol=keller.pk,
            use=novastat_hf.pk,
            on=f"{yesterday:%Y-%m-%d}",
            at="12:00",
            basis="UNSOLICITED_REQUEST",
        ),
    ).content.decode()
    assert "By what was known then" in html
    assert "The two answers differ" in html
    assert "Unsolicited request" in html or "unprompted" in html


@pytest.mark.parametrize(
    "query",
    [
        {"on": "2026-13-40"},
        {"on": "9999-12-31"},
        {"at": "25:00"},
        {"kind": "DUEL"},
        {"use": "x"},
        {"channel": "X"},
    ],
)
def test_a_question_nobody_understands_comes_back(relation, keller, mara, client_of, query):
    answer = client_of(mara).get(reverse("interactions:may_i"), params(kol=keller.pk, **query))
    assert answer.status_code == 422
    assert b"By what is known" not in answer.content


def test_the_wire_answers_both_ways(relation, keller, novastat_hf, mara, client_of):
    api = client_of(mara)
    asked_for = {"kol": keller.pk, "use": novastat_hf.pk, "basis": "UNSOLICITED_REQUEST"}
    past = ask_api(api, **asked_for, at="2026-01-07T10:00:00+01:00").json()
    assert (past["now"]["outcome"], past["now"]["documents"]) == ("WITH_DOCUMENTS", ["REQ", "STATUS"])
    assert past["then"]["known_at"].startswith("2026-01-07")
    ahead = ask_api(api, kol=keller.pk, use=novastat_hf.pk, at="2030-01-07T10:00:00+01:00").json()
    assert ahead["then"] is None
    assert ask_api(api, kol=keller.pk, surprise=1).status_code == 400


# One source of truth ------------------------------------------------------------------------------------------------


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    back=st.integers(1, 60 * 24 * 4), basis=st.sampled_from([*Basis, None]), channel=st.sampled_from(list(Channel)),
    kind=st.sampled_from([Kind.VISIT, Kind.SCIENTIFIC_LECTURE, Kind.CONGRESS_CONTACT]), opened=st.booleans(),
)  # fmt: skip
def test_what_it_says_is_what_the_form_does(
    relation, keller, novastat_hf, mara, germany, authorise, back, basis, channel, kind, opened
):
    from django.db import transaction

    with transaction.atomic():
        if opened:
            authorise(novastat_hf, at=datetime.now(UTC) - 2 * DAY)
        at = datetime.now(UTC) - timedelta(minutes=back + 40)
        said = may(mara, keller, novastat_hf, at=at, basis=basis, channel=channel, kind=kind)
        with acting_as(mara):
            try:
                record = log(
                    mara, keller, visit(germany, starts_at=at, kind=kind, channel=channel, late_reason="Test"),
                    Spoken(subject=Subject.USE, use=novastat_hf, basis=basis), title="Reading endpoints",
                )  # fmt: skip
            except Refused:
                record = None
        assert (said.outcome is X) == (record is None), said.decision
        if record is not None:
            assert sorted(map(str, said.decision.missing)) == record.missing
        transaction.set_rollback(True)


def test_what_was_known_then_is_the_receipt_of_the_record(
    relation, keller, novastat_hf, mara, germany, authorise
):
    """Logged before a late authorisation, asked after it: the receipt still answers, and May I? agrees."""
    at = datetime.now(UTC) - 2 * DAY
    with acting_as(mara, at=at + timedelta(hours=1)):
        record = log(mara, keller, visit(germany, starts_at=at), asked(novastat_hf, documents=ASKED))
    authorise(novastat_hf, at=at - DAY)
    question = Question(
        person=mara, kol=keller, use=novastat_hf, market=germany, at=at, basis=Basis.UNSOLICITED_REQUEST
    )
    with acting_as(mara):
        then = answer(question, asker=mara, known_at=record.recorded_at)
    assert [place.to_json() for place in then.act.topics[0].zones] == record.act["topics"][0]["zones"]
    assert {"REQ", "STATUS"} == {str(one) for one in then.decision.missing}
    assert then.act.role is Role.MSL
