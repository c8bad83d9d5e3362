"""What an expert agreed to, objected to and was told: each side its own, one bit for both."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.models import AuditEntry
from compliance.policy import Channel, ExemptReason, Refused
from handovers import dossier
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    keep_with_medical,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import ExitProposal, Handover, RiskFlag
from kols.actions import (
    lift_objection,
    record_consent,
    record_objection,
    record_privacy_notice,
    withdraw_consent,
)
from kols.models import KOL, Consent, Objection, PrivacyNotice

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def agree(kol, market, *, by, channel=Channel.EMAIL, text="Echidna 3"):
    with acting_as(by):
        return record_consent(
            kol, by=by, channel=channel, market=market, given_at=now() - timedelta(days=2),
            text_version=text, source=Consent.Source.FORM, evidence="Potoroo folder",
        )  # fmt: skip


def object_to(kol, kind, *, by):
    with acting_as(by):
        return record_objection(kol, by=by, kind=kind, since=now(), evidence="Quoll letter")


def seen_by(person, model):
    with acting_as(person):
        return model.objects.visible_to(person).count(), model.objects.count()


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_a_consent_is_kept_with_its_proof_and_its_purpose_is_that_of_the_side(keller, germany, mara):
    consent = agree(keller, germany, by=mara)

    assert (consent.purpose, consent.side, consent.channel) == ("SCIENTIFIC", "MEDICAL", "EMAIL")
    assert (consent.text_version, consent.evidence, consent.recorded_by) == (
        "Echidna 3",
        "Potoroo folder",
        mara,
    )
    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="recorded a consent of")
    assert entry.facts["purpose"] == "SCIENTIFIC"


def test_what_medical_was_told_field_service_neither_reads_nor_uses(
    handed_over, keller, germany, mara, felix
):
    agree(keller, germany, by=mara)
    object_to(keller, "SCIENCE", by=mara)
    with acting_as(mara):
        record_privacy_notice(keller, by=mara, given_at=now(), text_version="A14", how="Bandicoot letter")

    # The expert was told once before, when she was registered.
    for model, count in ((Consent, 1), (Objection, 1), (PrivacyNotice, 2)):
        assert seen_by(mara, model) == (count, count)
        assert seen_by(felix, model) == (0, 0)


def test_field_service_obtains_its_own_and_medical_does_not_read_it(
    handed_over, keller, germany, felix, mara, clara
):
    agree(keller, germany, by=mara)
    own = agree(keller, germany, by=felix)

    assert own.purpose == "PROMOTIONAL"
    assert seen_by(felix, Consent) == (1, 1)
    assert seen_by(mara, Consent) == (1, 1)
    assert seen_by(clara, Consent) == (2, 2)


def test_a_consent_ends_at_once_when_it_is_taken_back_and_its_history_stays(keller, germany, mara):
    consent = agree(keller, germany, by=mara)
    with acting_as(mara):
        at = now()
        withdrawn = withdraw_consent(consent.pk, by=mara, how="By mail")
        again = withdraw_consent(consent.pk, by=mara, how="Once more")

    assert (withdrawn.withdrawn_at, withdrawn.withdrawn_by) == (at, mara)
    assert again.withdrawn_how == "By mail"
    with acting_as(mara):
        assert Consent.objects.standing().count() == 0
        assert Consent.objects.get().given_at == consent.given_at


def test_a_newer_consent_replaces_the_one_that_stands(keller, germany, mara):
    first = agree(keller, germany, by=mara)
    second = agree(keller, germany, by=mara, text="Echidna 4")

    with acting_as(mara):
        assert list(Consent.objects.standing()) == [second]
        assert Consent.objects.get(pk=first.pk).withdrawn_how == "replaced by a newer consent"


@pytest.mark.parametrize(
    "change", [{"given_at": "2020-01-01T00:00:00Z"}, {"evidence": "Another"}, {"withdrawn_at": None}]
)
def test_no_statement_rewrites_a_consent(keller, germany, mara, change):
    consent = agree(keller, germany, by=mara)
    with acting_as(mara):
        withdraw_consent(consent.pk, by=mara, how="By mail")
        with pytest.raises(IntegrityError, match="R-090"), transaction.atomic():
            Consent.objects.update(**change)


def test_nobody_records_what_lies_ahead(keller, germany, mara):
    with acting_as(mara), pytest.raises(Refused):
        record_objection(keller, by=mara, kind="MARKETING", since=now() + timedelta(days=1), evidence="x")


def test_an_objection_to_marketing_is_one_bit_for_everybody(handed_over, keller, mara, felix, client_of):
    objection = object_to(keller, "MARKETING", by=mara)

    html = page(client_of(felix), "kols:detail", keller.pk)
    assert "objects to marketing" in html
    assert "Quoll" not in html + page(client_of(felix), "kols:consents", keller.pk)
    assert "Quoll letter" in page(client_of(mara), "kols:consents", keller.pk)
    with acting_as(mara):
        lift_objection(objection.pk, by=mara, how="Changed her mind")
        assert KOL.objects.get(pk=keller.pk).objects_to_marketing is False
    assert "objects to marketing" not in page(client_of(felix), "kols:detail", keller.pk)


def test_the_bit_stays_while_either_side_was_told_so(handed_over, keller, mara, felix):
    of_medical, of_field = object_to(keller, "MARKETING", by=mara), object_to(keller, "MARKETING", by=felix)
    with acting_as(mara):
        lift_objection(of_medical.pk, by=mara, how="By mail")
        assert KOL.objects.get(pk=keller.pk).objects_to_marketing is True
    with acting_as(felix):
        lift_objection(of_field.pk, by=felix, how="By mail")
        assert KOL.objects.get(pk=keller.pk).objects_to_marketing is False


def test_whoever_wants_no_contact_at_all_is_marked_so(keller, mara):
    object_to(keller, "CONTACT", by=mara)
    with acting_as(mara):
        kol = KOL.objects.get(pk=keller.pk)
        assert (kol.do_not_contact, kol.objects_to_marketing) == (True, False)


def test_field_service_takes_down_no_objection_to_science(handed_over, keller, felix, client_of):
    answer = client_of(felix).post(
        reverse("kols:consents", args=[keller.pk]),
        {"form": "objection", "objection-kind": "SCIENCE", "objection-on": "2026-01-05", "objection-evidence": "x"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert seen_by(felix, Objection) == (0, 0)


def test_the_page_writes_all_three_and_takes_back(keller, germany, mara, client_of):
    browser, address = client_of(mara), reverse("kols:consents", args=[keller.pk])
    day = "2026-01-05"
    sent = [
        {
            "form": "consent", "consent-channel": "EMAIL", "consent-market": germany.pk, "consent-on": day,
            "consent-source": "FORM", "consent-text_version": "E3", "consent-evidence": "Folder 7",
        },
        {"form": "objection", "objection-kind": "MARKETING", "objection-on": day, "objection-evidence": "Letter"},
        {"form": "notice", "notice-on": day, "notice-text_version": "A14", "notice-how": "Letter"},
    ]  # fmt: skip
    assert [browser.post(address, each).status_code for each in sent] == [302, 302, 302]

    html = browser.get(address).content.decode()
    for words in ("E-mail, scientific exchange, Germany", "Folder 7", "marketing", "A14, Letter"):
        assert words in html
    assert "E-mail" in page(browser, "kols:detail", keller.pk)
    with acting_as(mara):
        consent, objection = Consent.objects.get(), Objection.objects.get()
    for name, row in (("kols:withdrawal", consent), ("kols:lifting", objection)):
        gone = reverse(name, args=[row.pk])
        assert browser.get(gone).status_code == 200
        assert browser.post(gone, {"how": "By mail"}).status_code == 302
        assert browser.get(gone).status_code == 404
    assert browser.get(address).content.decode().count("By mail") == 2


def test_a_consent_of_the_other_side_does_not_exist(handed_over, keller, germany, mara, felix, client_of):
    consent = agree(keller, germany, by=mara)
    assert client_of(felix).get(reverse("kols:withdrawal", args=[consent.pk])).status_code == 404


# Handovers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def due(relation, novastat_hf, authorise):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        return Handover.objects.get(relation=relation)


def proposals():
    with acting_as(system("look")):
        return list(ExitProposal.objects.values_list("reason", "to_state", "settled_at"))


EXEMPT = [(str(ExemptReason.OBJECTION_TO_MARKETING), "EXEMPT", None)]


def test_an_objection_flags_the_handover_and_proposes_that_the_expert_stays(
    due, keller, mara, clara, client_of
):
    client_of(mara).post(
        reverse("kols:consents", args=[keller.pk]),
        {"form": "objection", "objection-kind": "MARKETING", "objection-on": "2026-01-05", "objection-evidence": "x"},
    )  # fmt: skip

    assert proposals() == EXEMPT
    with acting_as(system("look")):
        assert [flag.code for flag in RiskFlag.objects.all()] == ["OBJECTION"]
        assert Notice.objects.filter(person=clara, kind="exit_proposed").count() == 1
    keep_with_medical(keller)
    assert proposals() == EXEMPT


def test_who_objected_before_the_authorisation_is_proposed_to_stay_when_it_opens(
    relation, novastat_hf, authorise, keller, mara
):
    object_to(keller, "MARKETING", by=mara)
    authorise(novastat_hf)
    open_due_handovers()

    assert proposals() == EXEMPT


def test_nothing_moves_to_field_service_while_the_expert_objects(due, keller, mara, frieda, felix, lena):
    with acting_as(mara):
        due = prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)
    with acting_as(frieda):
        due = assign_handover(due, recipient=felix, by=frieda)
    with acting_as(felix):
        due = accept_handover(due, by=felix)
    with acting_as(lena):
        approve_handover(due, by=lena, signature=Signature(lena, "password"), effective_at=now())
    object_to(keller, "MARKETING", by=mara)

    assert make_effective() == 0
    with acting_as(system("look")):
        assert Handover.objects.get(pk=due.pk).state == "PREPARED"


def test_the_dossier_carries_the_bit_and_only_consents_for_promotion(
    handed_over, keller, germany, mara, felix
):
    agree(keller, germany, by=mara, channel=Channel.PHONE)
    agree(keller, germany, by=felix, channel=Channel.EMAIL)
    object_to(keller, "MARKETING", by=mara)

    with acting_as(mara):
        row = Handover.objects.select_related("relation__kol", "relation__use__market", "preparer").get()
        package = dossier.package_of(row)
    assert (package["consents"], package["objects_to_marketing"]) == (["EMAIL"], True)
