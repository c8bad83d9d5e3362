"""A launch that two people release, where the rules of the market ask for it: until then the embargo (R-010)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate
from accounts.models import Notice
from compliance.policy import Basis, CertificateKind, Kind, Refused, State, Subject, Zone
from handovers.actions import open_due_handovers
from handovers.models import Handover
from interactions import then
from interactions.facts import Spoken
from kols.models import Ownership
from products.launch_actions import confirm_release, propose_release, reject_release
from products.models import LaunchRelease, LifecycleEntry, OpenPeriod, Use
from products.supposing import Supposed
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_reversal import hand_over
from tests.integration.test_shown import told_of

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
HOUR = timedelta(hours=1)


def ago(**span):
    return datetime.now(UTC) - timedelta(**span)


@pytest.fixture
def embargo(rules, authorise, novastat_hf):
    """Germany asks for a release, and Novastat is authorised since ten days."""
    rules("2026.3")
    at = ago(days=10)
    return authorise(novastat_hf, at=at, recorded_at=at)


def release(entry, rita, clara, at=None):
    with acting_as(rita, at=at):
        proposed = propose_release(entry, evidence="Label 2, leaflet 7", by=rita)
    with acting_as(clara, at=at):
        return confirm_release(proposed.pk, by=clara)


def zone(use, at=None):
    with acting_as(system("look")):
        return use.zone(at or now())


def test_without_the_demand_authorised_is_open_and_nothing_is_to_be_released(
    rules, authorise, novastat_hf, rita
):
    rules("2026.2")
    entry = authorise(novastat_hf, at=ago(days=10))
    assert (entry.needs_release, zone(novastat_hf)) == (False, Zone.OPEN)
    with acting_as(rita), pytest.raises(Refused) as refused:
        propose_release(entry, evidence="Ready", by=rita)
    assert "R-010" in refused.value.decision.rules


def test_until_two_people_have_signed_nothing_opens_and_then_not_backwards(
    embargo, relation, novastat_hf, rita, clara, felix, mara, client_of
):
    assert (embargo.needs_release, zone(novastat_hf), zone(novastat_hf, ago(days=5))) == (
        True,
        Zone.PRE,
        Zone.PRE,
    )
    with acting_as(felix):
        assert not Use.objects.visible_to(felix).exists()
    [wire] = client_of(mara).get("/api/uses/").json()["results"]
    assert (wire["state"], wire["promotable_from"], wire["awaits_release"]) == ("AUTHORISED", None, True)
    with acting_as(system("open what is due")):
        assert open_due_handovers() == 0
    with acting_as(rita):
        proposed = propose_release(embargo, evidence="Label 2", by=rita)
        for act in (
            lambda: confirm_release(proposed.pk, by=rita),
            lambda: propose_release(embargo, evidence="x", by=rita),
        ):
            with pytest.raises(Refused):
                act()
    assert zone(novastat_hf) is Zone.PRE
    with acting_as(clara):
        signed = confirm_release(proposed.pk, by=clara)
        with pytest.raises(Refused):
            confirm_release(proposed.pk, by=clara)
    assert signed.promotable_from == signed.confirmed_at
    assert [zone(novastat_hf, at) for at in (signed.promotable_from, ago(days=5))] == [Zone.OPEN, Zone.PRE]
    with acting_as(system("open what is due")):
        assert open_due_handovers() == 1


def test_in_the_embargo_field_service_may_pass_a_question_on_and_nothing_else(
    embargo, relation, keller, novastat_hf, felix, mara, lena, germany
):
    """Authorised and not released is judged as before authorisation: the MSL answers what she is asked."""
    with acting_as(lena, at=ago(days=9)):
        record_certificate(
            mara, CertificateKind.QUALIFICATION, use=None, valid_from=now(), evidence="Academy", by=lena
        )
    with acting_as(felix):
        with pytest.raises(Refused) as refused:
            log(felix, keller, visit(germany, kind=Kind.PRODUCT_CALL), told_of(novastat_hf))
        assert refused.value.decision.rules == ("R-048",), "what is not released does not exist for him"
    with acting_as(mara):
        unasked = Spoken(subject=Subject.USE, use=novastat_hf, basis=Basis.PROACTIVE)
        record = log(mara, keller, visit(germany), asked(novastat_hf))
        assert (record.decision["outcome"], record.missing) == ("WITH_DOCUMENTS", [])
        raised = log(mara, keller, visit(germany, starts_at=ago(minutes=50)), unasked)
        assert raised.missing == ["PLAN", "PURPOSE", "STATUS"]
        # The state of the paper is not enough: her duty to say that it is not authorised here stays.
        assert log(
            mara, keller, visit(germany, starts_at=ago(hours=5)), asked(novastat_hf, documents={})
        ).missing


def test_a_handover_begins_with_the_release_and_ownership_never_before_it(
    embargo, relation, novastat_hf, rita, clara, mara, frieda, felix, lena
):
    signed = release(embargo, rita, clara, at=ago(days=3))
    with acting_as(frieda, at=ago(days=4)):
        for kind, use in (
            (CertificateKind.PRODUCT_TRAINING, novastat_hf),
            (CertificateKind.QUALIFICATION, None),
        ):
            record_certificate(felix, kind, use=use, valid_from=now(), evidence="Academy", by=frieda)
    moved = hand_over(relation, mara, frieda, felix, lena, at=ago(days=2))
    assert moved.state == "EFFECTIVE"
    with acting_as(system("look")):
        held = Ownership.objects.get(relation=relation, side="COMMERCIAL")
        assert held.during.lower > signed.promotable_from


def test_the_database_repeats_it(embargo, novastat_hf, rita, clara, as_owner):
    with acting_as(system("write by hand")):
        with (
            pytest.raises(DatabaseError, match="opens nothing backwards"),
            transaction.atomic(),
        ):
            LaunchRelease.objects.create(
                entry=embargo, evidence="x", proposed_by=rita, recorded_at=now(), confirmed_by=clara,
                confirmed_at=ago(days=5), promotable_from=ago(days=5),
            )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            LaunchRelease.objects.create(
                entry=embargo, evidence="x", proposed_by=rita, recorded_at=now(), confirmed_by=rita,
                confirmed_at=now(), promotable_from=now() + HOUR,
            )  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            LifecycleEntry.objects.filter(pk=embargo.pk).update(needs_release=False)
    signed = release(embargo, rita, clara)
    with acting_as(system("write by hand")), pytest.raises(DatabaseError), transaction.atomic():
        LaunchRelease.objects.filter(pk=signed.pk).update(evidence="Something else")


def test_what_was_known_before_the_signature_is_the_embargo(embargo, novastat_hf, rita, clara):
    signed = release(embargo, rita, clara, at=ago(days=3))
    assert zone(novastat_hf, ago(days=2)) is Zone.OPEN
    with acting_as(system("look")):
        [before] = [p for p in then.periods([novastat_hf.pk], ago(days=4)) if p.state == State.AUTHORISED]
        [after] = [p for p in then.periods([novastat_hf.pk], ago(days=2)) if p.state == State.AUTHORISED]
        assert (before.awaits_release, after.promotable_from) == (True, signed.promotable_from)
        assert OpenPeriod.objects.get(use=novastat_hf).during.lower == signed.promotable_from


def test_a_rehearsal_of_the_decision_day_knows_that_a_release_is_to_come(rules, novastat_hf, rita):
    from products.actions import propose_entry

    rules("2026.3")
    with acting_as(rita):
        entry = propose_entry(novastat_hf, State.AUTHORISED, effective_at=now() + HOUR, evidence="D", by=rita)
        assert not Supposed.that(entry).is_open(now() + 2 * HOUR)


def test_proposed_on_the_page_signed_on_the_page_and_the_handover_opens(
    embargo, relation, novastat_hf, rita, clara, ralf, mara, felix, client_of
):
    page = reverse("products:entry", args=[embargo.pk])
    new = reverse("products:launch_new", args=[embargo.pk])
    assert "ask for a launch release" in client_of(rita).get(page).text
    for who in (clara, mara, felix):
        assert client_of(who).post(new, {"evidence": "Ready"}).status_code == 404
    client_of(rita).post(new, {"evidence": " "})
    client_of(rita).post(new, {"evidence": "Label 2, leaflet 7"})
    with acting_as(system("look")):
        proposed = LaunchRelease.objects.get()
        assert Notice.objects.get(person=clara, kind="launch_proposed")
    waiting = reverse("products:proposals")
    assert "Novastat" in client_of(clara).get(waiting).text
    aside, sign = (
        reverse(f"products:launch_{name}", args=[proposed.pk]) for name in ("rejection", "signature")
    )
    for who in (rita, ralf, mara, felix):
        assert client_of(who).post(sign).status_code == 404
        assert client_of(who).post(aside, {"reason": "x"}).status_code == 404
    client_of(clara).post(aside, {"reason": "The leaflet cites the old label."})
    assert "The leaflet cites the old label." in client_of(rita).get(page).text
    client_of(rita).post(new, {"evidence": "Leaflet 8"})
    with acting_as(system("look")):
        again = LaunchRelease.objects.get(rejected_at=None)
    assert client_of(clara).post(sign, follow=True).status_code == 409, "set aside is set aside"
    client_of(clara).post(reverse("products:launch_signature", args=[again.pk]))
    assert "May be promoted from" in client_of(rita).get(page).text
    with acting_as(system("look")):
        assert Handover.objects.get(relation=relation).state == "DUE"
        assert zone(novastat_hf) is Zone.OPEN


def test_set_aside_with_a_reason_and_by_compliance_alone(embargo, rita, ralf, clara):
    with acting_as(rita):
        proposed = propose_release(embargo, evidence="Label 2", by=rita)
    with acting_as(ralf), pytest.raises(Refused):
        reject_release(proposed.pk, reason="No", by=ralf)
    with acting_as(clara), pytest.raises(Refused):
        reject_release(proposed.pk, reason=" ", by=clara)
