"""What the rules do not understand is refused in plain words; a side effect is taken down all the same (R-015, R-036)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from compliance.policy import Basis, Refused, Side
from interactions.models import Interaction
from kols.models import Consent
from safety.models import SafetyReport
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_log_visit import filled
from tests.integration.test_may_i import ask_api, params

pytestmark = pytest.mark.django_db
PLAIN = "The rules could not be applied (ValueError)"


@pytest.fixture
def nonsense(relation, keller, mara, germany):
    """An older system has left a consent for a channel that nobody knows."""
    with acting_as(system("bring nonsense along")):
        Consent.objects.create(
            kol=keller, side=Side.MEDICAL, purpose="SCIENTIFIC", channel="PIGEON", market=germany, given_at=now(),
            text_version="1", source="FORM", evidence="x", recorded_by=mara, recorded_at=now(),
        )  # fmt: skip


def count(model):
    with acting_as(system("look")):
        return model.objects.count()


def test_facts_that_nobody_has_defined_refuse_and_the_attempt_is_in_the_trail(
    nonsense, keller, novastat_hf, mara, germany
):
    with acting_as(mara), pytest.raises(Refused) as refusal:
        log(mara, keller, visit(germany), asked(novastat_hf))
    assert refusal.value.decision.rules == ("R-015",)
    assert PLAIN in str(refusal.value)
    assert count(Interaction) == 0
    with acting_as(system("look")):
        last = AuditEntry.objects.latest("sequence")
        assert (last.actor, last.verb) == (str(mara.pk), "logged")


def test_the_report_of_a_side_effect_is_taken_beside_the_refusal(
    nonsense, keller, novastat_hf, mara, client_of
):
    data = filled(keller, novastat_hf, side_effect="yes", **{"se-what_happened": "Dizzy"})
    answer = client_of(mara).post(reverse("interactions:new"), data)
    assert answer.status_code == 409
    assert PLAIN in answer.content.decode()
    assert (count(Interaction), count(SafetyReport)) == (0, 1)
    assert client_of(mara).get(reverse("safety:new")).status_code == 200


def test_may_i_says_no_and_why(nonsense, keller, novastat_hf, mara, clara, client_of):
    asked_for = {"kol": keller.pk, "use": novastat_hf.pk, "basis": str(Basis.UNSOLICITED_REQUEST)}
    found = ask_api(client_of(mara), **asked_for).json()
    assert (found["now"]["outcome"], found["now"]["rules"]) == ("NOT_ALLOWED", ["R-015"])
    assert found["now"]["reasons"][0].startswith(PLAIN)
    for person in (mara, clara):
        page = client_of(person).get(reverse("interactions:may_i"), params(**asked_for, person=mara.pk))
        assert (page.status_code, PLAIN in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    "word",
    [{"kind": "DUEL"}, {"channel": "PIGEON"}, {"basis": "WHIM"}, {"market": "XX"}, {"person": "nobody"}],
)
def test_a_word_that_nobody_knows_is_named_on_the_wire(relation, keller, mara, client_of, word):
    answer = ask_api(client_of(mara), kol=keller.pk, **word)
    assert (answer.status_code, list(answer.json())) == (400, list(word))
