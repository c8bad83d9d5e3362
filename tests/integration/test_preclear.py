"""Pre-approval by Compliance: asked for beforehand, answered once, and what it allows (R-004, R-049, R-061)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.policy import Basis, Kind, Refused, Subject
from interactions.actions import answer_preclearance, ask_preclearance, log_interaction
from interactions.facts import Present, Spoken
from interactions.models import Preclearance
from kols.actions import register_kol
from products.models import TherapeuticArea
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]

LAST_WEEK = timedelta(days=7)


def granted(by, clara, market, *, kol, use, kind=Kind.VISIT, at=LAST_WEEK, allow=True, decided=LAST_WEEK):
    """Asked for and answered in time, for two weeks."""
    began = datetime.now(UTC) - at
    with acting_as(by, at=began):
        row = ask_preclearance(
            by=by, kind=kind, market=market, start=now(), end=now() + timedelta(days=14), why="Only I can go",
            kol=kol, use=use,
        )  # fmt: skip
    with acting_as(clara, at=datetime.now(UTC) - decided):
        return answer_preclearance(row.pk, granted=allow, answer="With a colleague", by=clara)


def missing(by, kol, use, market):
    with acting_as(by):
        return log(by, kol, visit(market), asked(use)).missing


def test_who_was_cleared_beforehand_meets_somebody_elses_expert(
    relation, keller, novastat_hf, moritz, clara, germany
):
    assert missing(moritz, keller, novastat_hf, germany) == ["PRECLEAR"]
    granted(moritz, clara, germany, kol=keller, use=novastat_hf)

    assert missing(moritz, keller, novastat_hf, germany) == []


def test_it_holds_for_that_person_kind_expert_product_and_time_alone_and_only_if_granted_before(
    relation, keller, novastat_hf, mara, moritz, clara, germany
):
    with acting_as(mara):
        other = register_kol(by=mara, family_name="Otto", main_market=germany)
    granted(moritz, clara, germany, kol=other, use=novastat_hf)
    granted(moritz, clara, germany, kol=keller, use=None)
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, kind=Kind.CONGRESS_CONTACT)
    granted(
        moritz, clara, germany, kol=keller, use=novastat_hf, at=timedelta(days=90), decided=timedelta(days=89)
    )
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, allow=False)
    granted(moritz, clara, germany, kol=keller, use=novastat_hf, decided=timedelta(0))
    granted(mara, clara, germany, kol=keller, use=novastat_hf)

    assert missing(moritz, keller, novastat_hf, germany) == ["PRECLEAR"]
    granted(moritz, clara, germany, kol=None, use=novastat_hf)
    assert missing(moritz, keller, novastat_hf, germany) == []


def test_a_rep_speaks_of_the_disease_before_authorisation_only_if_compliance_allowed_it(
    relation, keller, novastat_hf, heart_failure, felix, clara, germany, owned_by_field
):
    """Nothing of ours is open in that field: not allowed to a rep but after pre-approval (R-022)."""
    with acting_as(system("set the stage")):
        gout = TherapeuticArea.objects.create(name="Gout")
    about = Spoken(subject=Subject.DISEASE, area=gout, basis=Basis.PROACTIVE)

    def call():
        with acting_as(felix):
            return log_interaction(
                by=felix, event=visit(germany), topics=[about], people=[Present(kol=keller, main=True)],
                side_effect=False,
            )  # fmt: skip

    with pytest.raises(Refused) as refusal:
        call()
    assert "needs_preclear" in {reason.code for reason in refusal.value.decision.reasons}
    granted(felix, clara, germany, kol=keller, use=None)
    assert call().missing == []


def test_she_asks_on_the_page_compliance_answers_on_the_page_and_she_is_told(
    relation, keller, novastat_hf, mara, clara, felix, moritz, client_of
):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    told = {
        "kol": str(keller.pk),
        "kind": "ADVISORY_BOARD",
        "on": f"{tomorrow:%Y-%m-%d}",
        "use": str(novastat_hf.pk),
    }
    client, address = client_of(mara), reverse("interactions:preclearances")
    new = reverse("interactions:preclearance_new")
    assert client.post(new, {**told, "why": ""}).status_code == 200
    assert client.post(new, {**told, "why": "We need her view"}).url == address

    page = client_of(clara).get(address).content.decode()
    assert "We need her view" in page
    with acting_as(system("look")):
        [row] = Preclearance.objects.all()
        assert Notice.objects.get(person=clara).kind == "preclear_asked"
    answer = reverse("interactions:preclearance_answer", args=[row.pk])
    client_of(clara).post(answer, {"granted": "yes", "answer": "With a contract first"})

    assert "With a contract first" in client.get(address).content.decode()
    with acting_as(system("look")):
        row.refresh_from_db()
        assert (row.granted, row.decided_by, row.author) == (True, clara, mara)
        assert Notice.objects.get(person=mara, kind="preclear_answered")
    assert [
        client_of(who).post(answer, {"granted": "no", "answer": "x"}).status_code for who in (mara, felix)
    ] == [404, 404]
    for who in (felix, moritz):
        assert "We need her view" not in client_of(who).get(address).content.decode()


def test_what_has_begun_is_not_pre_approved_and_an_answer_is_given_once_by_somebody_else(
    relation, keller, novastat_hf, mara, clara, germany
):
    ask = {"kind": Kind.VISIT, "market": germany, "kol": keller, "use": novastat_hf, "why": "x"}
    with acting_as(mara), pytest.raises(Refused, match="before the act"):
        ask_preclearance(by=mara, start=now() - timedelta(hours=1), end=now() + timedelta(hours=1), **ask)
    row = granted(mara, clara, germany, kol=keller, use=novastat_hf)
    with acting_as(clara), pytest.raises(Refused):
        answer_preclearance(row.pk, granted=False, answer="No after all", by=clara)
    with acting_as(mara), pytest.raises(Refused):
        answer_preclearance(row.pk, granted=True, answer="Yes", by=mara)
    with acting_as(system("look")):
        row.refresh_from_db()
    assert (row.granted, row.answer) == (True, "With a colleague")


def test_the_database_lets_nobody_clear_herself_and_nobody_change_an_answer(
    relation, keller, novastat_hf, mara, clara, germany
):
    row = granted(mara, clara, germany, kol=keller, use=novastat_hf)
    facts = {
        "author": mara, "author_side": "MEDICAL", "kind": "VISIT", "market": germany, "why": "x", "asked_at": row.asked_at,
        "during": row.during,
    }  # fmt: skip
    with acting_as(mara):
        Preclearance.objects.create(**facts)
        with pytest.raises(DatabaseError), transaction.atomic():
            Preclearance.objects.create(**facts, granted=True, decided_by=clara, decided_at=now(), answer="x")
    with acting_as(clara):
        row.granted = False
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    with acting_as(system("look")):
        assert Preclearance.objects.filter(granted=True).count() == 1
