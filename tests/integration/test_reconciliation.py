"""Our list against pharmacovigilance's, month by month: compared, signed, kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.models import Signature
from compliance.policy import Refused
from compliance.signing import Proof
from safety.actions import acknowledge, report_side_effect
from safety.reconciliation import Reconciliation
from safety.reconciling import cases_in, reconcile, sign_reconciliation

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 10, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def june(company, as_owner):
    """Three reports of June in Germany: two acknowledged; one of July, one Swiss, one of another company."""
    made = []
    for at, market, case, other in (
        (JUNE, company.germany, "C-1", False),
        (JUNE, company.germany, "C-2", False),
        (JUNE, company.germany, "", False),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), company.germany, "C-9", False),  # July in Berlin
        (JUNE, company.switzerland, "C-8", False),
        (JUNE, company.germany, "", True),
    ):
        with acting_as(company.felix, at=at):
            report = report_side_effect(
                by=company.felix, what_happened="x", market=market, other_company=other
            )
        if case:
            with acting_as(company.sofia, at=at):
                acknowledge(report, case_id=case, by=company.sofia)
        made.append(report)
    return made


def compare(company, content=b"case_id\nc-1\nC-7\n"):
    with acting_as(company.sofia):
        return reconcile(by=company.sofia, month=date(2026, 6, 17), market=company.germany, content=content)


def test_the_lists_are_compared_by_case_number(company, june):
    found = compare(company)

    assert found.matched == [[june[0].number, "C-1"]]
    assert sorted(found.only_here) == sorted([[june[1].number, "C-2"], [june[2].number, ""]])
    assert found.only_there == ["C-7"]
    with acting_as(company.sofia):
        everywhere = reconcile(by=company.sofia, month=date(2026, 6, 1), market=None, content=b"C-8")
    assert everywhere.matched == [[june[4].number, "C-8"]]


@pytest.mark.parametrize(
    ("content", "cases"),
    [
        (b"C-1\nC-2\n\nC-1\n", ["C-1", "C-2"]),
        ("\ufeffNr;Fallnummer\n1;C-1\n2; C-2 \n".encode(), ["C-1", "C-2"]),
        (b'case,received\nC-1,today\n"C,2",x\n', ["C-1", "C,2"]),
        (b"", []),
        (b"\xff\xfe\x00", ["\ufffd\ufffd"]),
    ],
)
def test_a_list_is_read_as_it_comes(content, cases):
    assert cases_in(content) == cases


def test_it_is_signed_on_the_page_and_then_kept(company, june, client_of, felix, sofia):
    browser, listed = client_of(sofia), reverse("safety:reconciliations")
    answer = browser.post(listed, {
        "month": "2026-06-01", "market": company.germany.pk, "file": SimpleUploadedFile("pv.csv", b"C-1\n"),
    })  # fmt: skip
    page = browser.get(answer.url).content.decode()
    assert (june[2].number in page, "not acknowledged" in page) == (True, True)
    assert client_of(felix).get(answer.url).status_code == 404

    assert browser.post(answer.url, {"password": "wrong", "remark": "x"}).status_code == 422
    assert browser.post(answer.url, {"password": PASSWORD, "remark": ""}).status_code == 422
    assert browser.post(answer.url, {"password": PASSWORD, "remark": "Asked for C-2"}).status_code == 302
    with acting_as(system("look")):
        row = Reconciliation.objects.get()
        [signature] = Signature.objects.filter(record_id=row.pk)
        assert (row.signed_by, row.remark, signature.signer) == (sofia, "Asked for C-2", sofia)
        assert '"only_there":[]' in signature.content
    assert "Sofia Marin" in client_of(company.clara).get(answer.url).content.decode()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE safety_reconciliation SET remark = 'x'",
        "UPDATE safety_reconciliation SET signed_at = NULL, signed_by_id = NULL",
        "UPDATE safety_reconciliation SET matched = '[]'",
        "DELETE FROM safety_reconciliation",
    ],
)
def test_what_was_signed_is_kept(company, sofia, statement):
    found = compare(company, b"C-7")
    with acting_as(sofia):
        sign_reconciliation(found, by=sofia, proof=Proof(sofia), remark="Asked")
    with (
        acting_as(system("try")),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_nobody_marks_it_as_signed_without_a_signature_and_nobody_signs_twice(company, sofia, clara):
    found = compare(company, b"")
    with acting_as(sofia), pytest.raises(DatabaseError), transaction.atomic():
        Reconciliation.objects.filter(pk=found.pk).update(signed_by=sofia, signed_at=JUNE)
    with acting_as(clara), pytest.raises(Refused):
        sign_reconciliation(found, by=clara, proof=Proof(clara))
    with acting_as(sofia):
        sign_reconciliation(found, by=sofia, proof=Proof(sofia))
        with pytest.raises(Refused):
            sign_reconciliation(found, by=sofia, proof=Proof(sofia))
