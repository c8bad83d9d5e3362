"""Whatever a contact is judged by, recorded late: it rewrites nothing, and every record it would change is named (R-008).

Labels, rules, roles, owners, certificates and wishes go the way of the lifecycle; what stands ahead follows (R-013).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate
from accounts.models import Appointment, Certificate
from compliance import policy
from compliance.pack_actions import confirm_pack, propose_pack
from compliance.policy import CertificateKind, Document, Intent, Kind, MaterialPurpose
from interactions.actions import ask_preclearance, log_interaction
from interactions.actions.hindsight import regathered
from interactions.facts import Present
from interactions.models import Interaction, Rejudging
from kols.actions import reassign_owner, record_objection
from products.material_actions import enter_label
from tests.conftest import SINCE
from tests.integration.test_interactions import asked, visit
from tests.integration.test_late_knowledge import ago, everything, logged, plan, told
from tests.integration.test_preclear import granted
from tests.integration.test_shown import call, told_of

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.integration.material_stage"]
DAY = timedelta(days=1)


def found():
    """What is judged otherwise: the record, its cause, and what it would be."""
    return [
        (one.interaction, one.work.cause, one.after["kind"], one.known_when_acted) for one in everything()
    ]


def causes():
    with acting_as(system("look")):
        return sorted(Rejudging.objects.exclude(cause="ENTRY").values_list("cause", flat=True))


def status(row):
    with acting_as(system("look")):
        row.refresh_from_db()
    return row.status


@pytest.fixture
def trained(rules, owned_by_field, felix, frieda, novastat_hf):
    """Felix is trained on label 1 and qualified; Germany asks for both."""
    rules("2026.2")
    with acting_as(frieda, at=ago(days=29)):
        for kind, use in (
            (CertificateKind.PRODUCT_TRAINING, novastat_hf),
            (CertificateKind.QUALIFICATION, None),
        ):
            record_certificate(
                felix,
                kind,
                use=use,
                label="1" if use else "",
                valid_from=now(),
                evidence="Academy",
                by=frieda,
            )


@pytest.fixture
def leaflet(deck, petra, clara, owned_by_field):
    return deck(MaterialPurpose.PROMOTIONAL, by=petra, approved_by=clara, at=ago(days=20))


def called(felix, keller, use, market, leaflet, at):
    return logged(felix, keller, use, market, at, call(use, leaflet), Kind.PRODUCT_CALL)


def test_a_label_entered_late_names_the_calls_whose_training_and_material_were_about_the_old_one(
    trained, leaflet, keller, novastat_hf, felix, rita, germany, client_of, clara
):
    with acting_as(rita, at=ago(days=28)):
        enter_label(novastat_hf, version="1", effective_at=now(), evidence="SmPC 1", by=rita)
    before, after = (called(felix, keller, novastat_hf, germany, leaflet, ago(days=d)) for d in (9, 2))
    assert found() == []
    receipt = after.decision
    with acting_as(rita):
        enter_label(novastat_hf, version="2", effective_at=ago(days=5), evidence="SmPC 2", by=rita)

    assert found() == [(after, "LABEL", "deviation", False)]
    assert [status(one) for one in (before, after)] == ["DRAFT", "DRAFT"]
    assert after.decision == receipt
    assert "a version of a label" in client_of(clara).get(reverse("interactions:mismatches")).text


def test_an_objection_told_late_names_the_call_it_forbids_and_calls_off_the_next(
    owned_by_field, keller, novastat_hf, felix, mara, germany
):
    earlier, since = (
        logged(felix, keller, novastat_hf, germany, ago(days=d), told_of(novastat_hf), Kind.PRODUCT_CALL)
        for d in (6, 2)
    )
    ahead = plan(
        felix, keller, novastat_hf, germany, now_() + 3 * DAY, Kind.PRODUCT_CALL, told_of(novastat_hf)
    )
    with acting_as(mara):
        record_objection(keller, by=mara, kind="MARKETING", since=ago(days=4), evidence="Letter")
    assert found() == [(since, "WISH", "deviation", False)]
    assert (status(earlier), status(ahead), told(felix)) == ("DRAFT", "CANCELLED", ["plan_called_off"])


def test_a_certificate_that_ended_unseen_names_what_rested_on_it(
    trained, leaflet, keller, novastat_hf, felix, otto, germany, frieda
):
    between = called(felix, keller, novastat_hf, germany, leaflet, ago(days=2))
    called(felix, keller, novastat_hf, germany, leaflet, ago(days=8))
    with acting_as(system("correct")):
        Certificate.objects.filter(person=felix, kind="QUALIFICATION").update(
            revoked_at=ago(days=5), revoked_by=frieda, revocation="Withdrawn by the authority"
        )
    assert found() == [(between, "CERTIFICATE", "deviation", False)]


def test_an_owner_corrected_for_the_past_names_the_visits_of_the_other(
    relation, keller, novastat_hf, mara, moritz, lena, germany, authorise
):
    at = ago(days=10)
    authorise(novastat_hf, at=at, recorded_at=at)
    first, later = (logged(mara, keller, novastat_hf, germany, ago(days=d)) for d in (8, 2))
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena, at=ago(days=5))
    assert found() == [(later, "OWNER", "incomplete", False)]
    assert status(first) == "DRAFT"


def test_what_a_late_suspension_takes_back_is_judged_once_with_the_suspension(
    owned_by_field, keller, novastat_hf, felix, germany, suspend
):
    logged(felix, keller, novastat_hf, germany, ago(days=2), told_of(novastat_hf), Kind.PRODUCT_CALL)
    suspend(novastat_hf, at=ago(days=4))
    assert [one.entry is not None for one in everything()] == [True]
    assert causes() == []


def test_a_role_that_had_ended_names_what_was_done_without_it(relation, keller, novastat_hf, moritz, germany):
    answered = logged(moritz, keller, novastat_hf, germany, ago(days=2), asked(novastat_hf))
    logged(moritz, keller, novastat_hf, germany, ago(days=9), asked(novastat_hf))
    with acting_as(system("correct")):
        Appointment.objects.filter(user=moritz).update(during=DateTimeTZRange(SINCE, ago(days=5)))
    assert [row[:2] for row in found()] == [(answered, "POST")]


def test_new_rules_judge_no_record_and_every_plan_from_their_first_day_on(
    owned_by_field, keller, novastat_hf, felix, clara, rita, germany
):
    past = logged(felix, keller, novastat_hf, germany, ago(days=2), told_of(novastat_hf), Kind.PRODUCT_CALL)
    soon, later = (
        plan(felix, keller, novastat_hf, germany, now_() + d * DAY, Kind.PRODUCT_CALL, told_of(novastat_hf))
        for d in (2, 6)
    )
    with acting_as(clara):
        proposed = propose_pack(germany, "2026.2", by=clara, effective_at=now() + 4 * DAY)
    assert causes() == []
    with acting_as(rita):
        confirm_pack(proposed.pk, by=rita)
    assert found() == []
    assert [status(one) for one in (past, soon, later)] == ["DRAFT", "PLANNED", "CANCELLED"]


def test_who_wrote_nothing_leaves_no_work(relation, keller, mara, felix, frieda, novastat_hf):
    with acting_as(frieda):
        record_certificate(
            felix,
            CertificateKind.QUALIFICATION,
            use=None,
            valid_from=ago(days=9),
            evidence="Academy",
            by=frieda,
        )
    with acting_as(mara):
        record_objection(keller, by=mara, kind="MARKETING", since=ago(days=4), evidence="Letter")
    assert causes() == []


def test_a_pre_approval_falls_with_the_state_it_was_given_for(
    relation, keller, novastat_hf, moritz, clara, germany, suspend, authorise, client_of
):
    """What Compliance allowed stands for the state it knew: a request that stands follows what is recorded (R-008)."""
    at = ago(days=10)
    authorise(novastat_hf, at=at, recorded_at=at)
    granted(moritz, clara, germany, kol=keller, use=novastat_hf)
    with acting_as(moritz, at=ago(days=2)):
        met = log_interaction(
            by=moritz, event=visit(germany, starts_at=ago(days=2, hours=2)), topics=[asked(novastat_hf)],
            people=[Present(kol=keller, main=True)], side_effect=False,
        )  # fmt: skip
    ahead = plan(moritz, keller, novastat_hf, germany, now_() + 2 * DAY, spoken=asked(novastat_hf))
    assert (met.missing, found(), status(ahead)) == ([], [], "PLANNED")
    assert "no longer holds" not in client_of(moritz).get(reverse("interactions:preclearances")).text
    suspend(novastat_hf, at=ago(days=4))
    [one] = everything()
    assert (one.interaction, one.before["kind"], one.after["kind"]) == (met, "allowed", "incomplete")
    with acting_as(system("look")):
        again = policy.decide(regathered(Interaction.objects.get(pk=ahead.pk), Intent.PLAN).act)
    page = client_of(moritz).get(reverse("interactions:preclearances")).text
    assert "no longer holds" in page
    assert (status(ahead), again.missing) == ("PLANNED", frozenset({Document.PRECLEAR})), (
        "there is time to ask anew"
    )
    with acting_as(moritz):
        assert ask_preclearance(
            by=moritz, kind=Kind.VISIT, market=germany, start=now() + DAY, end=now() + 9 * DAY, why="Anew", kol=keller,
            use=novastat_hf,
        ).pk  # fmt: skip
        assert Interaction.objects.get(pk=met.pk).decision == met.decision


def now_():
    return datetime.now(UTC)
