"""After the signature: amended as a new version, approved where the decision changes, voided by two (R-142 to R-144)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.models import AuditEntry, Deviation, Signature
from compliance.policy import Refused, Subject
from compliance.policy.things import ValueCategory
from compliance.signing import Meaning, Proof, Statement
from compliance.signing import sign as put
from interactions.actions import (
    amend_signed,
    answer_amendment,
    answer_voiding,
    approve_late_draft,
    ask_to_void,
    withdraw_interaction,
)
from interactions.amending import Amendment, Voiding
from interactions.differences import versions_of
from interactions.facts import Present, Spoken
from interactions.handed import Given, HandedValue
from interactions.models import Interaction, LastContact
from interactions.stated import side_of, statement_of
from kols.models import Objection
from tests.integration.test_interactions import asked, log, visit
from tests.integration.test_signed_records import PASSWORD, SIGNED, sign, status_of, told

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def record(relation, keller, novastat_hf, mara, germany):
    """Mara's visit, with a meal, signed."""
    meal = Given(
        values=(
            HandedValue(
                kol=keller, category=ValueCategory.MEAL, amount=Decimal("9.50"), currency="EUR", payer="us"
            ),
        )
    )
    with acting_as(mara):
        one = log(
            mara,
            keller,
            visit(germany),
            asked(novastat_hf, shared="The label"),
            note="Wants the subgroup.",
            given=meal,
        )
    sign(mara, one)
    with acting_as(mara):
        return Interaction.objects.get(pk=one.pk)


def amend(by, record, keller, *topics, event=None, proof=None, people=None, **more):
    with acting_as(by):
        return amend_signed(
            record, by=by, event=event or visit(record.market, starts_at=record.starts_at), topics=topics,
            people=people or [Present(kol=keller, main=True)], proof=proof or Proof(by),
            **{"code": "WRONG", "reason": "A slip of the pen", **more},
        )  # fmt: skip


def fresh(record):
    with acting_as(system("look")):
        return Interaction.objects.get(pk=record.pk)


def form_of(page):
    """What the page holds, as a browser would send it."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (("checkbox" not in tag and "radio" not in tag) or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "on" if "checkbox" in tag else "")
    for name, body in re.findall(r'<textarea[^>]+name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        found[name] = [body.strip()]
    for name, body in re.findall(r'<select[^>]+name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        found[name] = re.findall(r'<option value="([^"]*)"[^>]* selected', body)
    return found


def test_a_text_is_amended_as_a_new_version_and_the_earlier_one_stays_readable(
    record, keller, novastat_hf, mara, client_of
):
    first_recorded = record.recorded_at
    done = amend(
        mara, record, keller, asked(novastat_hf, shared="The label, page 3"), note="Wants both subgroups."
    )
    now_ = fresh(record)
    assert (done.outcome, done.decides) == ("DONE", False)
    assert (now_.version, now_.status, now_.note, now_.recorded_at) == (
        2,
        "SIGNED",
        "Wants both subgroups.",
        first_recorded,
    )
    with acting_as(mara):
        second = Signature.objects.get(record_id=record.pk, record_version=2)
        assert statement_of(now_).sha256 == second.sha256  # what stands is what was signed
        newest, oldest = versions_of(now_, mara)
        assert now_.valuegivens.get().amount == Decimal("9.50")
    assert newest["changes"] == [
        {"field": "What to remember", "before": "Wants the subgroup.", "after": "Wants both subgroups."},
        {"field": "Topic 1, what we shared", "before": "The label", "after": "The label, page 3"},
    ]
    page = client_of(mara).get(reverse("interactions:versions", args=[record.pk])).content.decode()
    for words in ("Wants the subgroup.", "Wants both subgroups.", "A slip of the pen", "was", second.sha256):
        assert words in page
    assert oldest["number"] == 1


def test_amending_on_the_page_asks_for_the_reason_and_the_password(record, mara, client_of):
    client = client_of(mara)
    address = reverse("interactions:amendment", args=[record.pk])
    assert client.get(reverse("interactions:edit", args=[record.pk])).url == address
    assert address in client.get(reverse("interactions:detail", args=[record.pk])).content.decode()
    body = {
        **form_of(client.get(address).content.decode()),
        "note": "Read again.",
        "side_effect": "no",
        "code": "WRONG",
    }
    missing = client.post(address, {**body, "reason": "", "password": PASSWORD})
    wrong = client.post(address, {**body, "reason": "A slip", "password": "wrong"})
    assert (missing.status_code, wrong.status_code, fresh(record).version) == (422, 422, 1)
    assert "Read again." in wrong.content.decode()
    answer = client.post(address, {**body, "reason": "A slip", "password": PASSWORD}, follow=True)
    assert "Amended and signed" in answer.content.decode()
    assert (fresh(record).version, fresh(record).note) == (2, "Read again.")


def test_an_edit_that_met_a_signature_loses_no_word(record, mara, client_of):
    client = client_of(mara)
    body = form_of(client.get(reverse("interactions:amendment", args=[record.pk])).content.decode())
    answer = client.post(
        reverse("interactions:edit", args=[record.pk]),
        {**body, "note": "Typed meanwhile.", "side_effect": "no"},
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed meanwhile." in page
    assert f'action="{reverse("interactions:amendment", args=[record.pk])}"' in page
    assert fresh(record).note == "Wants the subgroup."


@pytest.mark.parametrize("what", ["day", "topic", "people"])
def test_what_changes_the_decision_waits_for_line_and_compliance(
    what, record, keller, novastat_hf, mara, lena, clara, felix, client_of
):
    more = (
        {"event": visit(record.market, starts_at=record.starts_at - timedelta(hours=3))}
        if what == "day"
        else {}
    )
    topics = [asked(novastat_hf, shared="The label")] + (
        [Spoken(subject=Subject.ADMIN)] if what == "topic" else []
    )
    if what == "people":
        more["people"] = [Present(kol=keller, main=True), Present(name="Dr. Adler", function="Assistant")]
    waiting = amend(mara, record, keller, *topics, **more)
    assert (waiting.outcome, waiting.decides, fresh(record).version) == ("OPEN", True, 1)
    with acting_as(system("look")):
        assert {n.person_id for n in Notice.objects.filter(kind="approval_waits")} == {lena.pk, clara.pk}
        assert Interaction.objects.logged().count() == 1  # what is proposed counts nowhere
    with acting_as(mara):
        assert Interaction.objects.visible_to(mara).count() == 1
        with pytest.raises(Refused, match="waits for approval already"):
            amend_signed(record, by=mara, event=visit(record.market), topics=topics, people=[], code="WRONG",
                         reason="Again", proof=Proof(mara))  # fmt: skip

    for person, version in ((lena, 1), (clara, 2)):
        client = client_of(person)
        listed = client.get("/interactions/approvals/").content.decode()
        address = reverse("interactions:approval", args=["amendment", waiting.pk])
        assert address in listed
        assert "A slip of the pen" in client.get(address).content.decode()
        assert client.post(address, {"agree": "yes", "password": "wrong"}).status_code == 422
        assert client.post(address, {"agree": "yes", "password": PASSWORD}).status_code == 302
        assert fresh(record).version == version
        assert client.get(address).status_code == 404
    with acting_as(mara):
        now_ = fresh(record)
        assert (
            statement_of(now_).sha256 == Signature.objects.get(record_id=record.pk, record_version=2).sha256
        )
        assert {s.meaning for s in versions_of(now_, mara)[0]["signatures"]} == {
            "AUTHOR", "APPROVED_MEDICAL", "APPROVED_COMPLIANCE",
        }  # fmt: skip
        last = LastContact.objects.get(kol=keller)
        assert (last.at, last.interaction_id) == (now_.starts_at, record.pk)
    with acting_as(felix):
        assert (Amendment.objects.count(), Signature.objects.count()) == (0, 0)


def test_nobody_approves_her_own_and_nobody_twice(record, keller, novastat_hf, mara, moritz, lena, clara):
    waiting = amend(mara, record, keller, Spoken(subject=Subject.ADMIN))

    def answer(by):
        with acting_as(by):
            return answer_amendment(waiting.pk, agree=True, by=by, proof=Proof(by))

    for person in (mara, moritz):
        with pytest.raises(Refused):
            answer(person)
    answer(lena)
    with pytest.raises(Refused):
        answer(lena)
    assert fresh(record).version == 1
    answer(clara)
    assert fresh(record).version == 2


def test_the_database_itself_asks_for_the_approvals(record, keller, novastat_hf, mara, lena):
    """Whoever calls the function by hand gets no further than the signatures say."""
    waiting = amend(mara, record, keller, Spoken(subject=Subject.ADMIN))
    with acting_as(mara):
        put(
            [Statement(waiting, 1, {}, side_of(record))],
            by=mara,
            meaning=Meaning.APPROVED_MEDICAL,
            proof=Proof(mara),
        )
        put(
            [Statement(waiting, 1, {}, side_of(record))],
            by=mara,
            meaning=Meaning.APPROVED_COMPLIANCE,
            proof=Proof(mara),
        )
    with acting_as(lena):
        put(
            [Statement(waiting, 1, {}, side_of(record))],
            by=lena,
            meaning=Meaning.APPROVED_COMPLIANCE,
            proof=Proof(lena),
        )
    for who in (mara, system("a job")):
        with acting_as(who), connection.cursor() as cursor:
            cursor.execute("SELECT crm_apply_amendment(%s)", [waiting.pk])
            assert cursor.fetchone() == (False,)
    for sql in (
        "UPDATE interactions_amendment SET outcome = 'DONE'",
        "UPDATE interactions_amendment SET decides = false",
        "UPDATE interactions_amendment SET reason = 'x'",
        "DELETE FROM interactions_amendment",
        "UPDATE interactions_interaction SET note = 'x' WHERE status = 'AMENDMENT'",
        "UPDATE interactions_topic SET heard = 'x' WHERE interaction_id = %(draft)s",
        "INSERT INTO interactions_amendment SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(),"
        " 'outcome', 'DONE'))).* FROM interactions_amendment a",
    ):
        answer = told(mara, "crm_web", sql, draft=waiting.draft_id)
        assert (answer.endswith("changed"), sql) == (False, sql)
    assert fresh(record).version == 1


def test_compliance_may_say_no_and_the_version_that_stands_stays(record, keller, mara, clara, client_of):
    waiting = amend(mara, record, keller, Spoken(subject=Subject.ADMIN))
    client = client_of(clara)
    address = reverse("interactions:approval", args=["amendment", waiting.pk])
    silent = client.post(address, {"agree": "no", "password": PASSWORD})
    assert (silent.status_code, "Why not is missing" in silent.content.decode()) == (409, True)
    client.post(address, {"agree": "no", "password": PASSWORD, "answer": "The note says otherwise."})
    page = client_of(mara).get(reverse("interactions:detail", args=[record.pk])).content.decode()
    assert "The note says otherwise." in page
    assert fresh(record).version == 1


def test_what_becomes_forbidden_becomes_a_deviation_and_counts_no_more(
    record, keller, mara, clara, client_of
):
    """It was an hour later, and by then the professor wanted no contact. That must not have taken place (R-143)."""
    later = record.starts_at + timedelta(hours=1)
    with acting_as(mara):
        Objection.objects.create(
            kol=keller, side="MEDICAL", kind="CONTACT", since=record.starts_at + timedelta(minutes=30), evidence="Letter",
            recorded_by=mara, recorded_at=now(),
        )  # fmt: skip
    local = later.astimezone(record.market.tz)
    client = client_of(mara)
    address = reverse("interactions:amendment", args=[record.pk])
    body = form_of(client.get(address).content.decode())
    body |= {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}", "code": "WRONG_DATE", "reason": "An hour later",
             "side_effect": "no", "password": PASSWORD}  # fmt: skip
    refused = client.post(address, body)
    assert refused.status_code == 409
    assert "Report this as a deviation" in refused.content.decode()
    assert status_of(record) == SIGNED
    client.post(address, {**body, "deviation": "on", "deviation_words": "She had asked for no contact."})
    with acting_as(system("look")):
        deviation = Deviation.objects.get()
        assert Voiding.objects.get().deviation_id == deviation.pk
        assert Interaction.objects.logged().count() == 0
    assert (deviation.reporter_id, deviation.words) == (mara.pk, "She had asked for no contact.")
    assert status_of(record) == "VOIDED"


# Void ---------------------------------------------------------------------------------------------------------------


def test_two_people_void_a_record_and_it_stays_struck_through(record, keller, mara, lena, client_of):
    client = client_of(mara)
    address = reverse("interactions:voiding", args=[record.pk])
    assert "its author" not in client.get(address).content.decode()
    client.post(address, {"code": "DUPLICATE", "reason": "Entered twice", "password": PASSWORD})
    with acting_as(system("look")):
        voiding = Voiding.objects.get()
    assert status_of(record) == SIGNED  # one person is not enough
    lead = client_of(lena)
    answer = reverse("interactions:approval", args=["voiding", voiding.pk])
    assert answer in lead.get("/interactions/approvals/").content.decode()
    lead.post(answer, {"agree": "yes", "password": PASSWORD})
    assert status_of(record) == "VOIDED"
    for person in (mara, lena):
        page = client_of(person).get(reverse("interactions:detail", args=[record.pk])).content.decode()
        assert f"<s>{keller}</s>" in page
        assert "Entered twice" in page
        assert (
            f"<s>{keller}</s>" in client_of(person).get(f"/interactions/?author={mara.pk}").content.decode()
        )
    with acting_as(system("look")), connection.cursor() as cursor:
        assert Interaction.objects.logged().count() == 0
        assert not LastContact.objects.filter(interaction=record).exists()
        cursor.execute("SELECT coalesce(sum(contacts), 0) FROM reports_daycount")
        assert cursor.fetchone() == (0,)
        assert AuditEntry.objects.filter(verb="voided", subject_id=record.pk).count() == 1
    with acting_as(mara), pytest.raises(Refused):
        withdraw_interaction(fresh(record), by=mara)


def test_one_person_voids_nothing_whatever_she_signs(record, mara, moritz):
    with acting_as(mara):
        voiding = ask_to_void(record, by=mara, code="DUPLICATE", reason="Twice", proof=Proof(mara))
        put(
            [Statement(voiding, 1, {}, side_of(record))], by=mara, meaning=Meaning.REVIEWED, proof=Proof(mara)
        )
    with acting_as(moritz):
        put(
            [Statement(voiding, 1, {}, side_of(record))],
            by=moritz,
            meaning=Meaning.REVIEWED,
            proof=Proof(moritz),
        )
        with pytest.raises(Refused):
            answer_voiding(voiding.pk, agree=True, by=moritz, proof=Proof(moritz))
    with (
        acting_as(mara),
        pytest.raises(DatabaseError, match="Two people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT crm_void_interaction(%s)", [voiding.pk])
    with acting_as(mara), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT crm_void_interaction(%s)", [uuid4()])
    assert status_of(record) == SIGNED


# Very late ----------------------------------------------------------------------------------------------------------


def test_the_line_approves_what_came_in_very_late_before_it_is_signed(
    relation, keller, novastat_hf, mara, lena, germany, client_of
):
    with acting_as(mara):
        draft = log(
            mara,
            keller,
            visit(germany, starts_at=now() - timedelta(days=40), late_reason="On leave"),
            asked(novastat_hf),
        )
        with pytest.raises(Refused):
            approve_late_draft(draft.pk, by=mara, proof=Proof(mara))
    lead = client_of(lena)
    address = reverse("interactions:approval", args=["late", draft.pk])
    assert address in lead.get("/interactions/approvals/").content.decode()
    assert lead.post(address, {"agree": "yes", "password": PASSWORD}).status_code == 302
    assert "Nothing waits for you" in lead.get("/interactions/approvals/").content.decode()
    sign(mara, draft)
    assert status_of(draft) == SIGNED
