"""What a recipient must bring along: training, qualification, distance; and what is said where it is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate, revoke_certificate
from accounts.models import Appointment
from compliance.models import AuditEntry
from compliance.packs import open_with
from compliance.policy import CertificateKind, DeclineReason, Refused, Role, Side
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    close_finished,
    decline_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import ExitProposal, Handover
from kols.actions import record_objection
from products.material_actions import enter_label

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
TRAINING, QUALIFICATION = CertificateKind.PRODUCT_TRAINING, CertificateKind.QUALIFICATION


def sign(person):
    return Signature(person, "password")


@pytest.fixture
def strict(germany):
    """Germany under its full rules: field service is trained and qualified."""
    with acting_as(system("set the stage"), at=LONG_AGO):
        open_with(germany, "2026.2", LONG_AGO)


@pytest.fixture
def prepared(strict, relation, novastat_hf, authorise, mara):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.select_related("campaign").get(relation=relation)
    with acting_as(mara):
        return prepare_handover(due, by=mara, signature=sign(mara), previewed=True)


@pytest.fixture
def holds(frieda, novastat_hf):
    def holds(person, kind, **facts):
        with acting_as(frieda):
            facts = {"valid_from": LONG_AGO, "evidence": "Academy, test passed", **facts}
            use = novastat_hf if kind == TRAINING else None
            return record_certificate(person, kind, use=use, by=frieda, **facts)

    return holds


@pytest.fixture
def ready(holds, felix):
    """Felix is trained on Novastat and qualified."""
    return holds(felix, TRAINING), holds(felix, QUALIFICATION)


@pytest.fixture
def approved(prepared, ready, frieda, felix, lena):
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)
    with acting_as(felix):
        accept_handover(prepared, by=felix)
    with acting_as(lena):
        return approve_handover(prepared, by=lena, signature=sign(lena), effective_at=now())


def look(handover):
    with acting_as(system("look")):
        return Handover.objects.get(pk=handover.pk)


def refusal(doing, by):
    with pytest.raises(Refused) as refused, acting_as(by):
        doing()
    return str(refused.value)


def test_who_is_neither_trained_nor_qualified_cannot_be_named_and_the_lead_reads_who_mends_it(
    prepared, frieda, felix
):
    said = refusal(lambda: assign_handover(prepared, recipient=felix, by=frieda), frieda)

    assert "The recipient has no valid training on this use and its label (R-072)." in said
    assert "The recipient has no valid qualification to inform professionals (R-072)." in said
    assert "The field lead or Compliance records it once it is done." in said
    assert look(prepared).state == "PREPARED"


def test_who_is_trained_and_qualified_is_named(prepared, ready, frieda, felix):
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)

    assert look(prepared).state == "ASSIGNED"


def test_rules_that_demand_no_certificate_ask_for_none(
    germany, relation, novastat_hf, authorise, mara, frieda, felix
):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.get(relation=relation)
    with acting_as(mara):
        prepare_handover(due, by=mara, signature=sign(mara), previewed=True)
    with acting_as(frieda):
        assign_handover(due, recipient=felix, by=frieda)

    assert look(due).state == "ASSIGNED"


def test_training_on_an_older_label_no_longer_counts(
    prepared, holds, ready, frieda, felix, rita, novastat_hf
):
    with acting_as(rita):
        enter_label(
            novastat_hf, version="2", effective_at=now() - timedelta(minutes=5), evidence="Label", by=rita
        )
    assert "no valid training" in refusal(
        lambda: assign_handover(prepared, recipient=felix, by=frieda), frieda
    )

    holds(felix, TRAINING, label="2")
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)
    assert look(prepared).state == "ASSIGNED"


def test_a_certificate_revoked_before_the_day_sends_the_handover_back_with_its_reason(
    approved, ready, frieda, mara
):
    training, _ = ready
    with acting_as(frieda):
        revoke_certificate(training.pk, reason="The test is repeated", by=frieda)
    make_effective()

    with acting_as(mara):
        step = approved.steps.order_by("-version").first()
        assert (look(approved).state, step.reason) == ("PREPARED", "training_valid")


def test_who_worked_for_medical_within_the_cooling_off_cannot_be_named(
    prepared, ready, frieda, felix, germany
):
    """R-124: her appointments alone say so, and not whom she met."""
    with acting_as(system("set the stage")):
        Appointment.objects.filter(user=felix).update(
            during=DateTimeTZRange(now() - timedelta(days=30), None)
        )
        before = Appointment.objects.create(
            user=felix, role=Role.MSL, side=Side.MEDICAL, recorded_at=now(),
            during=DateTimeTZRange(now() - timedelta(days=300), now() - timedelta(days=30)),
        )  # fmt: skip
        before.markets.add(germany)

    said = refusal(lambda: assign_handover(prepared, recipient=felix, by=frieda), frieda)
    assert "worked for Medical in this market a short while ago (R-124)" in said


def test_a_cooling_off_that_is_over_hinders_nobody(prepared, ready, frieda, felix, germany):
    with acting_as(system("set the stage")):
        Appointment.objects.filter(user=felix).update(
            during=DateTimeTZRange(now() - timedelta(days=91), None)
        )
        before = Appointment.objects.create(
            user=felix, role=Role.MSL, side=Side.MEDICAL, recorded_at=now(),
            during=DateTimeTZRange(now() - timedelta(days=300), now() - timedelta(days=91)),
        )  # fmt: skip
        before.markets.add(germany)
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)

    assert look(prepared).state == "ASSIGNED"


def test_who_declined_for_a_conflict_of_interest_is_not_named_again(prepared, ready, frieda, felix):
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)
    with acting_as(felix):
        decline_handover(prepared, reason=DeclineReason.CONFLICT, by=felix)

    said = refusal(lambda: assign_handover(prepared, recipient=felix, by=frieda), frieda)
    assert "declared a conflict of interest with this KOL" in said


def test_who_declined_for_want_of_time_may_be_named_again(prepared, ready, frieda, felix):
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)
    with acting_as(felix):
        decline_handover(prepared, reason=DeclineReason.CAPACITY, by=felix)
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)

    assert look(prepared).state == "ASSIGNED"


def test_an_expert_who_wants_no_contact_does_not_go_over(approved, keller, felix):
    with acting_as(felix):
        record_objection(keller, by=felix, kind="CONTACT", since=now(), evidence="Letter")
    make_effective()

    assert look(approved).state == "PREPARED"


def test_an_expert_who_wants_no_contact_is_proposed_to_stay(prepared, keller, mara, client_of):
    client_of(mara).post(
        reverse("kols:consents", args=[keller.pk]),
        {
            "form": "objection",
            "objection-kind": "CONTACT",
            "objection-on": "2026-01-05",
            "objection-evidence": "x",
        },
    )
    with acting_as(system("look")):
        assert ExitProposal.objects.get(handover=prepared).to_state == "EXEMPT"


def withdraw_the_rules():
    """As nobody can through the product: a market whose rules were never brought into force."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DELETE FROM compliance_packactivation")
        cursor.execute("SET ROLE crm_web")


def test_without_rules_in_the_market_no_step_goes_forward(relation, novastat_hf, authorise, mara):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        due = Handover.objects.get(relation=relation)
        withdraw_the_rules()
    said = refusal(lambda: prepare_handover(due, by=mara, signature=sign(mara), previewed=True), mara)
    assert "No rules are in force in this market (R-014). Compliance proposes them" in said
    assert look(due).state == "DUE"


def test_every_refusal_for_want_of_a_certificate_stands_in_the_trail(prepared, frieda, felix, clara):
    refusal(lambda: assign_handover(prepared, recipient=felix, by=frieda), frieda)

    with acting_as(clara):
        entry = AuditEntry.objects.get(verb="was refused: assigned handover of")
        assert "R-072" in entry.rules


def test_after_care_does_not_end_before_the_day_of_the_first_call(approved, lena):
    make_effective()
    with acting_as(system("the clock"), at=now_of(approved) + timedelta(days=31)):
        close_finished()

    assert look(approved).state == "CLOSED"


def now_of(handover):
    return look(handover).effective_at


def test_board_and_page_say_what_is_missing(prepared, client_of, lena, frieda):
    page = client_of(lena).get(reverse("handovers:dossier", args=[prepared.pk])).content.decode()
    assert "Still missing" in page
    assert "no valid training on this use and its label (R-072). The field lead or Compliance" in page

    board = client_of(lena).get(reverse("handovers:board", args=[prepared.campaign_id])).content.decode()
    assert "2 things are missing" in board

    choose = client_of(frieda).get(reverse("handovers:assignments")).content.decode()
    assert "Felix Brandt: The recipient has no valid training" in choose


def test_what_is_there_is_not_said_to_be_missing(prepared, ready, client_of, lena, frieda):
    for person, page in (
        (lena, reverse("handovers:dossier", args=[prepared.pk])),
        (lena, reverse("handovers:board", args=[prepared.campaign_id])),
        (frieda, reverse("handovers:assignments")),
    ):
        shown = client_of(person).get(page).content.decode()
        assert "Still missing" not in shown
        assert "missing</b>" not in shown
        assert "Felix Brandt: The recipient" not in shown


def test_the_rep_reads_on_the_dossier_what_she_still_needs(prepared, ready, frieda, felix, client_of):
    training, _ = ready
    with acting_as(frieda):
        assign_handover(prepared, recipient=felix, by=frieda)
        revoke_certificate(training.pk, reason="The test is repeated", by=frieda)

    page = client_of(felix).get(reverse("handovers:dossier", args=[prepared.pk])).content.decode()
    assert "no valid training" in page


def test_the_page_names_the_day_of_the_first_call(approved, client_of, lena):
    make_effective()
    page = client_of(lena).get(reverse("handovers:dossier", args=[approved.pk])).content.decode()

    assert "Field service makes its first call on" in page
