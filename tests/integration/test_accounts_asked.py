"""Field service asks for an account; the answer is the same whatever Medical holds (R-048, decision 12)."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, system
from accounts.models import Notice
from compliance.policy import Refused
from handovers.actions import answer_account, ask_for_account
from handovers.models import AccountAnswer, AccountRequest
from kols.actions import open_relation

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

# What differs between any two answers: the form's token, ids and instants of the rows.
VARIES = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"|nonce="[^"]+"|[0-9a-f]{8}-[0-9a-f-]{27}'
)


def ask(by, use, client_of, name="Prof. Miriam Keller"):
    """The press, and the page it leads to, with what is told once."""
    client, page = client_of(by), reverse("handovers:accounts_asked")
    sent = client.post(page, {"use": use.pk, "name": name, "place": "Charité, Berlin"})
    shown = client.get(page)
    return sent.status_code, sent.url, VARIES.sub(b"", sent.content), VARIES.sub(b"", shown.content)


@pytest.fixture
def opened(authorise, novastat_hf):
    authorise(novastat_hf)
    return novastat_hf


def test_the_answer_is_the_same_to_the_byte_whether_or_not_medical_answers(
    opened, keller, mara, lena, felix, client_of
):
    with transaction.atomic():
        nobody = ask(felix, opened, client_of)
        transaction.set_rollback(True)
    with acting_as(mara):
        open_relation(keller, opened, by=mara)
    medical = ask(felix, opened, client_of)

    assert b"Prof. Miriam Keller" in medical[3]
    assert b"Sent to Medical" in medical[3]
    assert medical == nobody
    with acting_as(system("look")):
        [asked] = AccountRequest.objects.all()
        assert (asked.author, asked.use, asked.market) == (felix, opened, opened.market)
        assert Notice.objects.get(person=lena, kind="account_asked")


def test_what_medical_found_changes_nothing_field_service_can_see(
    opened, lena, felix, frieda, mara, client_of
):
    ask(felix, opened, client_of)
    page = reverse("handovers:accounts_asked")
    before = VARIES.sub(b"", client_of(felix).get(page).content)
    with acting_as(system("look")):
        [asked] = AccountRequest.objects.all()
    answer = reverse("handovers:account_answer", args=[asked.pk])
    assert "Prof. Miriam Keller" in client_of(lena).get(page).text
    assert [client_of(who).post(answer, {"found": "BEGUN"}).status_code for who in (felix, frieda, mara)] == [
        404
    ] * 3
    client_of(lena).post(answer, {"found": "ANSWERED"})

    assert "Prof. Miriam Keller" not in client_of(lena).get(page).text
    assert VARIES.sub(b"", client_of(felix).get(page).content) == before
    assert "Prof. Miriam Keller" not in client_of(frieda).get(page).text
    with acting_as(felix):
        assert AccountAnswer.objects.count() == 0
        assert Notice.objects.filter(person=felix).count() == 0
    with acting_as(lena):
        assert AccountAnswer.objects.get().found == "ANSWERED"
        with pytest.raises(Refused):
            answer_account(asked.pk, found="BEGUN", by=lena)


def test_only_field_service_asks_and_only_for_what_is_open_to_it(keller, novastat_hf, felix, mara, client_of):
    """A product that is not authorised does not exist for a rep; nobody else asks."""
    page = reverse("handovers:accounts_asked")
    told = {"use": novastat_hf.pk, "name": "Keller", "place": "Berlin"}
    assert client_of(felix).post(page, told).status_code == 200
    assert client_of(mara).post(page, told).status_code == 404
    for who in (felix, mara):
        with acting_as(who), pytest.raises(Refused):
            ask_for_account(by=who, use=novastat_hf, name="Keller", place="Berlin")
    with acting_as(system("look")):
        assert AccountRequest.objects.count() == 0


def test_a_request_is_never_changed(opened, felix, client_of):
    ask(felix, opened, client_of)
    with acting_as(felix):
        row = AccountRequest.objects.get()
        row.name = "Somebody else"
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
