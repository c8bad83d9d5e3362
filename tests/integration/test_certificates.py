"""Training and qualification: recorded by a lead or Compliance, with proof, and announced before they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.certificate_actions import record_certificate, remind_of_ends, revoke_certificate
from accounts.models import Certificate, Notice
from compliance.models import AuditEntry
from compliance.policy import CertificateKind, Refused

pytestmark = pytest.mark.django_db
K = CertificateKind
YEAR = timedelta(days=365)


def record(person, kind, *, by, use=None, since=None, until=None, **facts):
    since = since or datetime.now(UTC) - timedelta(days=40)
    with acting_as(by):
        return record_certificate(
            person,
            kind,
            use=use,
            valid_from=since,
            valid_to=until,
            evidence="Numbat academy 7",
            by=by,
            **facts,
        )


def seen_by(person):
    """How many the application shows, and how many the database would let out."""
    with acting_as(person):
        return Certificate.objects.visible_to(person).count(), Certificate.objects.count()


def held(person, at):
    with acting_as(system("look")):
        return [one.kind for one in Certificate.objects.filter(person=person).held(at)]


def test_a_lead_records_for_her_team_and_nobody_for_herself(frieda, felix, lena, mara, clara, novastat_hf):
    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf, label="2.0")
    record(mara, K.QUALIFICATION, by=lena)
    record(lena, K.QUALIFICATION, by=clara)
    for by, person in ((frieda, mara), (lena, felix), (frieda, frieda), (mara, lena)):
        with pytest.raises(Refused):
            record(person, K.QUALIFICATION, by=by)
    with acting_as(system("look")):
        entry = AuditEntry.objects.filter(refused=False, verb="recorded a certificate of").earliest(
            "sequence"
        )
        assert Certificate.objects.count() == 3
    assert (entry.facts["kind"], entry.facts["label"]) == ("PRODUCT_TRAINING", "2.0")


def test_a_certificate_is_seen_by_its_holder_her_lead_and_compliance(
    frieda, felix, otto, lena, mara, moritz, clara, petra, anton, rita, novastat_hf
):
    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf)
    record(mara, K.QUALIFICATION, by=lena)

    for person, count in ((felix, 1), (otto, 0), (frieda, 1), (mara, 1), (moritz, 0), (lena, 1), (clara, 2)):
        assert (person.email, *seen_by(person)) == (person.email, count, count)
    for person in (petra, anton, rita):
        assert seen_by(person) == (0, 0)


def test_who_changes_sides_takes_the_qualification_along_and_no_name_of_a_product(
    company, felix, frieda, anton, germany, novastat_hf
):
    from accounts.actions import appoint
    from compliance.policy import Role

    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf)
    record(felix, K.QUALIFICATION, by=frieda)
    with acting_as(anton):
        appoint(felix, Role.MSL, [germany], from_=now(), by=anton)
    with acting_as(felix):
        assert [one.kind for one in Certificate.objects.visible_to(felix)] == [K.QUALIFICATION]
        assert [one.kind for one in Certificate.objects.all()] == [K.QUALIFICATION]


def test_it_holds_until_its_last_day_and_no_longer_once_it_is_revoked(felix, frieda, clara):
    begin, end = datetime.now(UTC) - YEAR, datetime.now(UTC) + YEAR
    row = record(felix, K.QUALIFICATION, by=frieda, since=begin, until=end)
    second = timedelta(seconds=1)
    assert [len(held(felix, at)) for at in (begin - second, begin, end - second, end)] == [0, 1, 1, 0]
    with acting_as(clara):
        at = revoke_certificate(row.pk, reason="Proof was another's", by=clara).revoked_at
        again = revoke_certificate(row.pk, reason="Once more", by=clara)

    assert again.revocation == "Proof was another's"
    assert [len(held(felix, at)) for at in (at - second, at)] == [1, 0]


def test_what_was_recorded_is_never_rewritten_nor_deleted(felix, frieda, clara):
    record(felix, K.QUALIFICATION, by=frieda)
    for change in ({"valid_to": None, "valid_from": datetime(2020, 1, 1, tzinfo=UTC)}, {"evidence": "x"}):
        with acting_as(clara), pytest.raises(DatabaseError), transaction.atomic():
            Certificate.objects.update(**change)
    with acting_as(clara), pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.all().delete()


def test_both_are_told_once_thirty_days_before_it_ends(felix, frieda, otto, novastat_hf):
    soon, later = datetime.now(UTC) + timedelta(days=29), datetime.now(UTC) + timedelta(days=31)
    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf, until=soon)
    record(otto, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf, until=later)
    assert (remind_of_ends(), remind_of_ends()) == (1, 1)

    with acting_as(system("look")):
        told = sorted(
            Notice.objects.filter(kind__startswith="certificate").values_list("person__email", "kind")
        )
    assert told == [
        ("felix@example.org", "certificate_ends"),
        ("frieda@example.org", "certificate_of_team_ends"),
    ]


def test_what_is_followed_by_another_is_not_worth_a_word(felix, frieda, novastat_hf):
    soon = datetime.now(UTC) + timedelta(days=20)
    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf, until=soon)
    record(felix, K.PRODUCT_TRAINING, by=frieda, use=novastat_hf, until=soon + YEAR)

    assert remind_of_ends() == 0


def test_a_lead_records_on_the_page_with_the_label_of_the_first_day(
    frieda, felix, rita, novastat_hf, authorise, client_of
):
    from products.material_actions import enter_label

    authorise(novastat_hf, at=datetime.now(UTC) - YEAR)
    with acting_as(rita):
        enter_label(
            novastat_hf, version="2.0", effective_at=now() - timedelta(days=90), evidence="Letter", by=rita
        )
    browser, page = client_of(frieda), reverse("accounts:certificates")
    day = (datetime.now(UTC) - timedelta(days=30)).date()
    sent = {"person": felix.pk, "kind": "PRODUCT_TRAINING", "use": novastat_hf.pk, "first_day": day.isoformat(),
            "last_day": (day + YEAR).isoformat(), "evidence": "Quoll 7"}  # fmt: skip
    assert browser.post(page, {**sent, "use": ""}).status_code == 422
    assert browser.post(page, sent).status_code == 302

    with acting_as(frieda):
        row = Certificate.objects.get()
    assert (row.person, row.label, row.side) == (felix, "2.0", "COMMERCIAL")
    assert novastat_hf.market.local_day(row.valid_from) == day
    assert novastat_hf.market.local_day(row.last_day) == day + YEAR
    assert "Quoll 7" in browser.get(page).content.decode()
    assert "Quoll 7" in client_of(felix).get(page).content.decode()
    ended = browser.post(
        reverse("accounts:certificate_revocation", args=[row.pk]), {"reason": "Left the course"}
    )
    assert ended.status_code == 302
    assert "Left the course" in client_of(felix).get(page).content.decode()


def test_a_use_in_development_has_no_name_on_the_page_of_a_rep(felix, clara, novastat_hf, client_of):
    record(felix, K.INTERNAL_USE_ONLY, by=clara, use=novastat_hf)
    page = reverse("accounts:certificates")

    assert "Novastat" in client_of(clara).get(page).content.decode()
    assert "Novastat" not in client_of(felix).get(page).content.decode()
