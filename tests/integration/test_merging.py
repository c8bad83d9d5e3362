"""Two entries of one person become one, and nothing changes side on the way (R-123)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from compliance.policy import Refused
from interactions.models import Attendee, LastContact
from kols.actions import (
    merge_kols,
    open_relation,
    reassign_owner,
    record_consent,
    record_objection,
    register_kol,
    withdraw_consent,
)
from kols.models import KOL, Consent, Identifier, Ownership, Relation
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def double(company, mara, germany, hospital):
    """The same professor, once more, as an import left her."""
    with acting_as(mara):
        return register_kol(
            by=mara, given_name="M.", family_name="Keller", specialty="Cardiology", main_market=germany,
            institution=hospital, source="Import", licence="VERIFIED", identifiers=[("LANR", "123456789")],
        )  # fmt: skip


def merged(duplicate, kept, by):
    with acting_as(by):
        return merge_kols(duplicate, kept, by=by)


def test_what_was_written_about_the_double_is_hers_with_author_and_side(
    double, keller, novastat_hf, mara, lena, germany
):
    with acting_as(mara):
        open_relation(double, novastat_hf, by=mara, at=now() - timedelta(days=9))
        record = log(mara, double, visit(germany), asked(novastat_hf))
        consent = record_consent(
            double,
            by=mara,
            channel="EMAIL",
            market=germany,
            given_at=now(),
            text_version="1",
            source="FORM",
            evidence="7",
        )
        withdraw_consent(consent.pk, by=mara, how="By phone")
        record_objection(
            double, by=mara, kind="MARKETING", since=now() - timedelta(days=1), evidence="Letter"
        )
    merged(double, keller, lena)

    with acting_as(system("look")):
        double.refresh_from_db()
        keller.refresh_from_db()
        assert (double.status, double.merged_into) == ("MERGED", keller)
        [attendee] = Attendee.objects.filter(interaction=record)
        assert (attendee.kol, attendee.compartment, attendee.author) == (keller, "MEDICAL", mara)
        assert [(one.kol, one.withdrawn_at is None) for one in Consent.objects.all()] == [(keller, False)]
        assert keller.objects_to_marketing, "who objected to advertising stays protected under her other name"
        assert LastContact.objects.get(interaction=record).kol == keller
        assert Identifier.objects.get(value="123456789").kol == keller
        [owner] = Ownership.objects.filter(relation__kol=keller)
        assert (owner.owner, owner.side, owner.relation.use) == (mara, "MEDICAL", novastat_hf)
        assert not Relation.objects.filter(kol=double).exists()


def test_where_the_same_person_answered_for_both_the_older_relation_goes_on(
    relation, double, keller, novastat_hf, mara, lena
):
    with acting_as(mara):
        younger = open_relation(double, novastat_hf, by=mara, at=now() - timedelta(days=2))
    merged(double, keller, lena)

    with acting_as(system("look")):
        younger.refresh_from_db()
        assert (younger.kol, younger.during.upper is not None) == (double, True)
        assert [row.pk for row in Relation.objects.current(now()).filter(use=novastat_hf)] == [relation.pk]
        connection.check_constraints()


def test_the_entry_that_is_known_longer_stays(relation, double, keller, novastat_hf, mara, lena):
    with acting_as(mara):
        open_relation(double, novastat_hf, by=mara)
    with pytest.raises(Refused, match="longer"):
        merged(keller, double, lena)


def test_where_different_people_answered_nobody_guesses(
    relation, double, keller, novastat_hf, mara, moritz, lena
):
    with acting_as(moritz):
        other = open_relation(double, novastat_hf, by=moritz)
    with pytest.raises(Refused, match="Different people"):
        merged(double, keller, lena)
    with acting_as(lena):
        reassign_owner(other, to=mara, by=lena, at=now() + timedelta(seconds=1))
        with pytest.raises(Refused, match="Different people"):
            merge_kols(double, keller, by=lena)
    with acting_as(system("look")):
        double.refresh_from_db()
        assert double.status == "ACTIVE"
        assert AuditEntry.objects.filter(refused=True, verb="was refused to merge").count() == 2


@pytest.mark.parametrize("person", ["mara", "felix", "frieda", "clara", "anton"])
def test_a_medical_lead_alone_merges(request, double, keller, person):
    with pytest.raises(Refused):
        merged(double, keller, request.getfixturevalue(person))


def test_one_entry_is_merged_once_and_never_with_itself(double, keller, lena):
    merged(double, keller, lena)
    for one, other in ((double, keller), (keller, double), (keller, keller)):
        with pytest.raises(Refused, match="Two entries"):
            merged(one, other, lena)


def test_nobody_moves_rows_past_the_action(double, keller, mara):
    """The function that moves everything answers to the product alone, and only for what was merged."""
    for person in (mara, system("test")):
        with (
            acting_as(person), pytest.raises(DatabaseError, match="merged"), transaction.atomic(),
            connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute("SELECT crm_merge_expert(%s, %s)", [double.pk, keller.pk])


def test_a_lead_finds_the_other_entry_and_puts_both_together(double, keller, lena, mara, client_of):
    browser = client_of(lena)
    page = reverse("kols:merge", args=[double.pk])
    assert page in browser.get(reverse("kols:detail", args=[double.pk])).content.decode()
    assert page not in client_of(mara).get(reverse("kols:detail", args=[double.pk])).content.decode()
    assert keller.name in browser.get(page).content.decode()
    assert "Nobody of that name" in browser.get(page, {"q": "Zzz"}).content.decode()
    assert browser.post(page, {"into": "nonsense"}).status_code == 404

    answer = browser.post(page, {"into": str(keller.pk)}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("kols:detail", args=[keller.pk])
    assert "is one entry now" in answer.content.decode()
    again = browser.get(reverse("kols:detail", args=[double.pk]), follow=True)
    assert "was a double" in again.content.decode()
    with acting_as(system("look")):
        assert KOL.objects.listed().filter(family_name="Keller").count() == 1
