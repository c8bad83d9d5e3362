"""What changes hands at a contact, and what is changed after the first save."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.policy import Act, Basis, Channel, Document, Intent, Kind, Refused, Role, Subject
from compliance.policy.things import ValueCategory
from interactions.actions import (
    amend_interaction,
    log_interaction,
    log_with_sample,
    withdraw_interaction,
)
from interactions.facts import Event, Present, Spoken, gather
from interactions.given_form import SampleForm
from interactions.handed import Given, HandedSample, HandedValue
from interactions.models import Change, Interaction, SampleGiven, ValueGiven
from kols.actions import edit_kol, record_consent, record_objection, withdraw_consent
from kols.models import KOL, Consent
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_log_visit import filled, records

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def meal(kol, amount="32.50", **more):
    return Given(
        values=(
            HandedValue(
                kol=kol, category=ValueCategory.MEAL, amount=Decimal(amount), currency="EUR",
                payer="Nordlicht GmbH", in_practice=True, **more,
            ),
        )
    )  # fmt: skip


RELATED = {ValueGiven: ("kol", "author", "interaction"), SampleGiven: ("interaction",)}


def everything(model):
    with acting_as(system("look")):
        return list(model.objects.select_related(*RELATED.get(model, ())))


def raised(use):
    return Spoken(subject=Subject.USE, use=use, basis=Basis.PROACTIVE)


def act_of(record):
    return Act.from_json(record.act)


# Values ---------------------------------------------------------------------------------------------------------


def test_a_value_is_kept_with_recipient_day_category_currency_event_and_payer(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf), given=meal(keller, taxed=True))

    [row] = everything(ValueGiven)
    assert (row.kol, row.category, row.amount, row.currency, row.payer, row.taxed) == (
        keller, "MEAL", Decimal("32.50"), "EUR", "Nordlicht GmbH", True,
    )  # fmt: skip
    assert (row.interaction, row.given_on, row.compartment, row.author) == (
        record, germany.local_day(record.starts_at), "MEDICAL", mara,
    )  # fmt: skip
    [fact] = act_of(record).values
    assert (fact.amount, fact.host_market, fact.person, fact.budget_side) == (
        "32.50", "DE", str(keller.pk), "MEDICAL",
    )  # fmt: skip


def test_a_meal_above_the_cap_is_saved_and_a_finding(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        above = log(mara, keller, visit(germany), asked(novastat_hf), given=meal(keller, "60.01"))

    assert (above.status, "FINDING" in above.decision["duties"]) == ("DRAFT", True)


def test_what_medical_gave_field_service_cannot_count(handed_over, keller, novastat_hf, mara, felix, germany):
    with acting_as(mara):
        log(mara, keller, visit(germany), asked(novastat_hf), given=meal(keller))
        assert ValueGiven.objects.visible_to(mara).count() == 1
    with acting_as(felix):
        assert (ValueGiven.objects.count(), ValueGiven.objects.visible_to(felix).count()) == (0, 0)


def test_the_add_on_stays_closed_and_writes_one_value_a_person(
    relation, keller, novastat_hf, mara, client_of
):
    client = client_of(mara)
    page = client.get(reverse("interactions:new"), {"kol": keller.pk}).content.decode()
    assert 'name="with_value" value="on" data-addon="value">' in page
    assert "with_sample" not in page

    missing = client.post(
        reverse("interactions:new"), filled(keller, novastat_hf, with_value="on", category="MEAL")
    )
    assert missing.status_code == 422
    sent = {"with_value": "on", "category": "MEAL", "amount": "20", "currency": "EUR", "payer": "Nordlicht"}
    assert client.post(reverse("interactions:new"), filled(keller, novastat_hf, **sent)).status_code == 302
    [row] = everything(ValueGiven)
    assert (row.kol, row.amount) == (keller, Decimal("20.00"))
    assert (
        "Nordlicht" in client.get(reverse("interactions:detail", args=[row.interaction_id])).content.decode()
    )


def test_an_edit_that_does_not_speak_of_it_leaves_the_ledger_alone(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        event = visit(germany)
        record = log(mara, keller, event, asked(novastat_hf), given=meal(keller))
        again = {"event": event, "topics": [asked(novastat_hf)], "people": [Present(kol=keller, main=True)]}
        record = amend_interaction(record, by=mara, note="More", **again)
        assert [row.amount for row in record.valuegivens.all()] == [Decimal("32.50")]
        record = amend_interaction(record, by=mara, given=Given(), **again)
        assert record.valuegivens.count() == 0


# Samples --------------------------------------------------------------------------------------------------------


@pytest.fixture
def prescriber(keller, mara):
    with acting_as(mara):
        return edit_kol(keller, by=mara, licence=KOL.Licence.VERIFIED)


def packs(kol, use, quantity=1, *, signed=True, requested=timedelta(days=3)):
    sample = HandedSample(
        kol=kol, use=use, quantity=quantity, requested_at=now() - requested, signed=signed, lot="L-77",
        expires_on=date(2040, 1, 1), controlled=False,
    )  # fmt: skip
    return Given(samples=(sample,))


def hand_out(felix, kol, use, germany, **more):
    topic = Spoken(
        subject=Subject.USE,
        use=use,
        documents={Document.SMPC: {"said": True}, Document.MAT: {"words": "M-1"}},
    )
    with acting_as(felix):
        at = now()
        event = Event(
            kind=Kind.PRODUCT_CALL, channel=Channel.IN_PERSON, starts_at=at, ends_at=at, market=germany
        )
        return log_with_sample(
            by=felix, event=event, sample=packs(kol, use, **more), smpc=True, topics=[topic],
            people=[Present(kol=kol, main=True)], side_effect=False,
        )  # fmt: skip


def said_of(refusal):
    return {reason.code for reason in refusal.value.decision.reasons}


def test_a_sample_is_a_record_of_its_own_on_a_signed_request(
    handed_over, prescriber, novastat_hf, felix, germany
):
    _call, record = hand_out(felix, prescriber, novastat_hf, germany)

    [row] = everything(SampleGiven)
    assert (record.kind, row.interaction, row.lot, row.quantity, row.compartment) == (
        "SAMPLE", record, "L-77", 1, "FIELD",
    )  # fmt: skip
    assert act_of(record).samples[0].given_this_year == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"signed": False}, "sample_request_unsigned"),
        ({"requested": timedelta(days=91)}, "sample_request_expired"),
        ({"quantity": 5}, "samples_too_many"),
    ],
)
def test_without_a_good_request_neither_the_sample_nor_the_call_is_kept(
    handed_over, prescriber, novastat_hf, felix, germany, more, code
):
    with pytest.raises(Refused) as refusal:
        hand_out(felix, prescriber, novastat_hf, germany, **more)
    assert code in said_of(refusal)
    assert [record.kind for record in everything(Interaction)] == []


def test_what_was_given_this_year_counts(handed_over, prescriber, novastat_hf, felix, germany):
    hand_out(felix, prescriber, novastat_hf, germany, quantity=2)
    with pytest.raises(Refused) as refusal:
        hand_out(felix, prescriber, novastat_hf, germany, quantity=3)
    assert "samples_too_many" in said_of(refusal)


def test_samples_end_two_years_after_the_first_request_of_that_product(
    handed_over, prescriber, novastat_hf, felix, germany
):
    """The first box was asked for long ago; a fresh signed request does not begin the two years anew (PP-09)."""
    _call, record = hand_out(felix, prescriber, novastat_hf, germany)

    def first_asked(ago):
        with acting_as(system("set the stage")):
            SampleGiven.objects.filter(interaction=record).update(requested_at=now() - ago)

    first_asked(timedelta(days=700))
    _call, second = hand_out(felix, prescriber, novastat_hf, germany)
    assert act_of(second).samples[0].first_requested_at < datetime.now(UTC) - timedelta(days=699)
    with acting_as(felix):
        withdraw_interaction(second, by=felix)
    first_asked(timedelta(days=740))
    with pytest.raises(Refused) as refusal:
        hand_out(felix, prescriber, novastat_hf, germany)
    assert said_of(refusal) == {"samples_years_over"}


def test_medical_learns_nothing_of_the_first_request(
    handed_over, prescriber, novastat_hf, felix, mara, germany
):
    hand_out(felix, prescriber, novastat_hf, germany)

    def asked_first(by):
        with acting_as(by), connection.cursor() as cursor:
            cursor.execute(
                "SELECT kol FROM crm_first_sample_requests(ARRAY[%s]::uuid[], now(), 'COMMERCIAL', NULL)",
                [prescriber.pk],
            )
            return cursor.fetchall()

    assert (asked_first(felix), asked_first(mara)) == ([(prescriber.pk,)], [])


def test_an_expired_licence_gets_no_sample(handed_over, keller, novastat_hf, felix, mara, germany):
    with acting_as(mara):
        edit_kol(keller, by=mara, licence=KOL.Licence.EXPIRED)
    with pytest.raises(Refused) as refusal:
        hand_out(felix, keller, novastat_hf, germany)
    assert "sample_not_prescriber" in said_of(refusal)


def test_medical_hands_out_none_by_any_statement(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
    with (
        acting_as(system("try")),
        pytest.raises(IntegrityError, match="medical_hands_out"),
        transaction.atomic(),
    ):
        SampleGiven.objects.create(
            interaction=record, author=mara, compartment="FIELD", kol=keller, use=novastat_hf, given_at=now(),
            quantity=1, requested_at=now(), lot="L", expires_on=date(2040, 1, 1),
        )  # fmt: skip


def test_the_form_of_field_service_hands_out_a_sample(
    handed_over, prescriber, novastat_hf, felix, germany, client_of
):
    at = datetime.now(UTC).astimezone(novastat_hf.market.tz)
    block = f"use-{novastat_hf.pk}"
    sent = {
        "kol": prescriber.pk, "on": f"{at:%Y-%m-%d}", "at": f"{at:%H:%M}", "minutes": "15", "channel": "IN_PERSON",
        f"{block}-chips": "on", f"{block}-offered": "on", f"{block}-mat": "M-1", "side_effect": "no",
        "with_sample": "on", "sample_use": novastat_hf.pk, "packs": "1", "requested_on": f"{at:%Y-%m-%d}",
        "signed": "on", "lot": "L-9", "expires_on": "2040-01-01", "smpc": "on", "not_controlled": "on",
    }  # fmt: skip
    client = client_of(felix)
    assert (
        'name="with_sample" value="on" data-addon="sample">'
        in client.get(reverse("interactions:new"), {"kol": prescriber.pk}).text
    )
    assert client.post(reverse("interactions:new"), {**sent, "lot": ""}).status_code == 422

    with acting_as(felix):
        form = SampleForm(sent, market=germany, uses=[novastat_hf])
        assert form.is_valid(), form.errors
        [sample] = form.handed(prescriber).samples
    assert (sample.use, sample.quantity, sample.lot, sample.signed, sample.controlled) == (
        novastat_hf, 1, "L-9", True, False,
    )  # fmt: skip


# What the boundary is told of the expert ------------------------------------------------------------------------


def test_the_boundary_is_told_the_own_sides_consents_alone(
    handed_over, keller, novastat_hf, mara, felix, germany
):
    for person, channel in ((mara, Channel.PHONE), (felix, Channel.EMAIL)):
        with acting_as(person):
            record_consent(
                keller, by=person, channel=channel, market=germany, given_at=now() - timedelta(days=9),
                text_version="1", source=Consent.Source.FORM, evidence="x",
            )  # fmt: skip
    with acting_as(mara):
        [person] = act_of(log(mara, keller, visit(germany), asked(novastat_hf))).people

    assert [(one.channel, one.purpose, one.market) for one in person.consents] == [
        ("PHONE", "SCIENTIFIC", "DE")
    ]
    assert (person.objects_to_marketing, person.do_not_contact, person.calls_this_year) == (
        False,
        False,
        None,
    )


def test_a_mail_after_the_consent_was_taken_back_is_refused_and_one_before_it_is_not(
    relation, keller, novastat_hf, mara, germany
):
    def mail(days):
        at = now() - timedelta(days=days)
        event = Event(kind=Kind.VISIT, channel=Channel.EMAIL, starts_at=at, ends_at=at, market=germany)
        return log(mara, keller, event, Spoken(subject=Subject.ADMIN), raised(novastat_hf))

    with acting_as(mara):
        consent = record_consent(
            keller, by=mara, channel=Channel.EMAIL, market=germany, given_at=now() - timedelta(days=9),
            text_version="1", source=Consent.Source.FORM, evidence="x",
        )  # fmt: skip
        assert "R-090" not in mail(2).decision["rules"]
        withdraw_consent(consent.pk, by=mara, how="By mail")
        with pytest.raises(Refused) as refusal:
            mail(0)
    assert "consent_withdrawn" in said_of(refusal)


def test_who_objects_to_science_is_left_alone_by_medical(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        record_objection(keller, by=mara, kind="SCIENCE", since=now() - timedelta(days=1), evidence="x")
        with pytest.raises(Refused) as refusal:
            log(mara, keller, visit(germany), asked(novastat_hf))
    assert "do_not_contact" in said_of(refusal)


# Who brought it up ----------------------------------------------------------------------------------------------


def test_what_field_service_brought_up_was_not_asked_unprompted(
    handed_over, prescriber, novastat_hf, felix, mara, germany
):
    hand_out(felix, prescriber, novastat_hf, germany)
    topics = [asked(novastat_hf)]
    event = visit(germany, starts_at=datetime.now(UTC))

    early = visit(germany, starts_at=datetime.now(UTC) - timedelta(days=1))
    with acting_as(mara):
        found = [brought_up(mara, prescriber, one, topics) for one in (event, early)]
    assert found == [True, False]


def brought_up(by, kol, event, topics):
    """Whether the boundary hears that the topic was raised shortly before."""
    found = gather(
        by=by, role=Role(by.role), intent=Intent.RECORD, event=event, topics=topics,
        people=[Present(kol=kol, main=True)],
    )  # fmt: skip
    return found.act.topics[0].prompted


def test_field_service_is_told_nothing_of_what_medical_brought_up(
    handed_over, keller, novastat_hf, moritz, felix, germany
):
    with acting_as(system("set the stage")):
        one = Interaction.objects.create(
            author=moritz, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
            channel="IN_PERSON", status="DRAFT", market=germany, starts_at=now() - timedelta(days=2),
            ends_at=now() - timedelta(days=2), zone="Europe/Berlin", side_effect=False, recorded_at=now(),
            updated_at=now(),
        )  # fmt: skip
        one.attendees.create(kol=keller, main=True)
        one.topics.create(subject="USE", use=novastat_hf, basis="PROACTIVE", activity="SCIENTIFIC_EXCHANGE")
    event = visit(germany, starts_at=datetime.now(UTC))
    for person, found in ((felix, False), (moritz, True)):
        with acting_as(person):
            assert brought_up(person, keller, event, [asked(novastat_hf)]) is found


# Changed answers ------------------------------------------------------------------------------------------------


def test_another_day_needs_a_reason_which_is_kept(relation, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    client.post(reverse("interactions:new"), filled(keller, novastat_hf))
    [record] = records()
    address = reverse("interactions:edit", args=[record.pk])
    earlier = record.starts_at - timedelta(days=1)

    asked_for = client.post(address, filled(keller, novastat_hf, at=earlier))
    assert asked_for.status_code == 422
    assert "Say why it is changed." in asked_for.content.decode()
    assert everything(Change) == []
    sent = filled(keller, novastat_hf, at=earlier, change_reason="Took the wrong line of the diary")
    assert client.post(address, sent).status_code == 302

    [change] = everything(Change)
    assert (change.kind, change.first_start, change.reason) == (
        "DATE", record.starts_at, "Took the wrong line of the diary",
    )  # fmt: skip
    [record] = records()
    act = act_of(record)
    assert (act.moved_from, act.moved_across, act.change_reason) == (change.first_start, False, True)
    assert "wrong line of the diary" in client.get(reverse("interactions:detail", args=[record.pk])).text


def test_an_edit_that_moves_nothing_asks_for_no_reason(relation, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    client.post(reverse("interactions:new"), filled(keller, novastat_hf))
    [record] = records()
    sent = filled(keller, novastat_hf, at=record.starts_at, note="Another note")
    assert client.post(reverse("interactions:edit", args=[record.pk]), sent).status_code == 302
    assert everything(Change) == []


def test_a_day_beyond_the_authorisation_is_for_compliance(
    relation, keller, novastat_hf, mara, germany, authorise
):
    authorise(novastat_hf, at=datetime.now(UTC) - timedelta(days=2))
    with acting_as(mara):
        record = log(mara, keller, visit(germany), asked(novastat_hf))
        event = visit(germany, starts_at=record.starts_at - timedelta(days=3))
        record = amend_interaction(
            record, by=mara, event=event, topics=[asked(novastat_hf)], people=[Present(kol=keller, main=True)],
            change_reason="The diary says so",
        )  # fmt: skip
    assert act_of(record).moved_across is True
    assert {"COMPLIANCE_APPROVAL", "SAMPLED"} <= set(record.decision["duties"])


def test_from_ours_to_the_doctors_question_needs_a_reason_and_is_sampled(
    relation, keller, novastat_hf, mara, germany
):
    with acting_as(mara):
        record = log(mara, keller, visit(germany), raised(novastat_hf))
        event = Event(
            kind=Kind.VISIT, channel=Channel.IN_PERSON, starts_at=record.starts_at, ends_at=record.ends_at,
            market=germany,
        )  # fmt: skip
        again = {"event": event, "topics": [asked(novastat_hf)], "people": [Present(kol=keller, main=True)]}
        with pytest.raises(Refused) as refusal:
            amend_interaction(record, by=mara, **again)
        assert said_of(refusal) == {"change_reason_missing"}
        record = amend_interaction(record, by=mara, change_reason="She did ask", **again)
        assert "SAMPLED" in record.decision["duties"]
        later = amend_interaction(record, by=mara, note="More", **again)
    assert "SAMPLED" in later.decision["duties"]
    assert [change.before for change in everything(Change)] == ["PROACTIVE"]


def test_reasons_of_medical_are_behind_the_wall(relation, keller, novastat_hf, mara, felix, germany):
    test_from_ours_to_the_doctors_question_needs_a_reason_and_is_sampled(
        relation, keller, novastat_hf, mara, germany
    )
    with acting_as(felix):
        assert Change.objects.count() == 0
    with acting_as(mara):
        assert (Change.objects.visible_to(mara).count(), log_interaction is not None) == (1, True)


def test_the_page_of_a_record_tells_of_guests_and_of_repeated_engagements(
    relation, keller, novastat_hf, mara, germany, client_of
):
    """R-086, R-087: to whoever reads the record, counted on her side alone."""

    def paid(days, given):
        event = visit(germany, starts_at=datetime.now(UTC) - timedelta(days=days, hours=2), late_reason="Ill")
        with acting_as(mara):
            return log_interaction(
                by=mara, event=event, topics=[asked(novastat_hf)], side_effect=False, given=given,
                people=[Present(kol=keller, main=True), Present(name="Ms Guest")],
            )  # fmt: skip

    fee = Given(values=(replace(meal(keller).values[0], category=ValueCategory.FEE, amount=Decimal("900")),))
    pages = [
        client_of(mara).get(reverse("interactions:detail", args=[paid(days, given).pk])).text
        for days, given in ((400, fee), (20, fee), (10, meal(keller)), (1, fee))
    ]
    assert ["paid engagements" in page for page in pages] == [False, False, False, True]
    assert "2 paid engagements within a year (R-087)" in pages[3]
    assert ["No meal for guests: Ms Guest" in page for page in pages] == [False, False, True, False]
