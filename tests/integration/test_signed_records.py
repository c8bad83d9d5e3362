"""Drafts are signed by their author with one fresh re-authentication, and the database locks them (R-140 to R-142)."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.models import Notice
from compliance.models import AuditEntry, Signature
from compliance.policy import Refused, Subject
from compliance.signing import Meaning, Proof, Statement
from compliance.signing import sign as put
from interactions.actions import amend_interaction, restore_interaction, sign_drafts, withdraw_interaction
from interactions.facts import Present, Spoken
from interactions.models import Attendee, Interaction, Topic
from interactions.open_drafts import drafts_of
from interactions.stated import side_of, statement_of
from interactions.tasks import nag_of_drafts as nag_of_drafts_task
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
PASSWORD = "correct horse battery"
SIGNING = "/interactions/signing/"
SIGNED = Interaction.Status.SIGNED
PRACTICAL = Spoken(subject=Subject.ADMIN)


@pytest.fixture
def draft(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        return log(
            mara, keller, visit(germany), asked(novastat_hf, shared="The label"), note="Wants the subgroup."
        )


@pytest.fixture
def incomplete(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        return log(mara, keller, visit(germany), asked(novastat_hf, documents={}), note="No question yet.")


def sign(by, *records):
    """As the page does it: what was seen is what is signed."""
    with acting_as(by):
        rows = drafts_of(by).filter(pk__in=[record.pk for record in records])
        return sign_drafts({row.pk: statement_of(row).sha256 for row in rows}, by=by, proof=Proof(by))


def boxes(page):
    return re.findall(r'name="sign" value="([^"]+)"', page)


def status_of(record):
    with acting_as(system("look")):
        return Interaction.objects.get(pk=record.pk).status


def test_the_day_is_signed_on_one_page_with_one_password(
    draft, incomplete, relation, keller, mara, germany, client_of
):
    with acting_as(mara):
        second = log(
            mara, keller, visit(germany, starts_at=now() - timedelta(days=1)), PRACTICAL, note="Congress."
        )
    client = client_of(mara)
    today = client.get("/").content.decode()
    page = client.get(SIGNING).content.decode()
    assert "Sign 2 drafts" in today
    assert SIGNING in today
    assert "Wants the subgroup." in page  # readable where it is signed
    assert "No question yet." not in page
    assert "Still missing:" in page  # and what is left out says why
    assert len(boxes(page)) == 2

    answer = client.post(SIGNING, {"sign": boxes(page), "password": PASSWORD}, follow=True)

    assert "2 entries signed" in answer.content.decode()
    assert [status_of(one) for one in (draft, second, incomplete)] == [SIGNED, SIGNED, "DRAFT"]
    with acting_as(system("look")):
        found = list(Signature.objects.order_by("at"))
        assert {(s.record_id, s.record_version, s.meaning, s.signer_id) for s in found} == {
            (one.pk, 1, "AUTHOR", mara.pk) for one in (draft, second)
        }
        assert AuditEntry.objects.filter(verb="signed").count() == 2
    assert len({s.deed for s in found}) == 1
    assert len({s.manifest_sha256 for s in found} - {""}) == 1
    assert "Sign 2 drafts" not in client.get("/").content.decode()


def test_the_record_shows_who_signed_when_and_what_it_means(draft, mara, client_of):
    sign(mara, draft)
    page = client_of(mara).get(reverse("interactions:detail", args=[draft.pk])).content.decode()
    assert "Mara Lindqvist, MSL" in page
    assert "author, complete and true" in page
    assert re.search(r"Europe/Berlin|CET|CEST", page)
    assert reverse("interactions:edit", args=[draft.pk]) not in page


def test_what_is_signed_is_the_whole_record(draft, keller, mara):
    (one,) = sign(mara, draft)
    fields = json.loads(one.content)["fields"]
    assert fields["note"] == "Wants the subgroup."
    assert fields["people"][0]["name"] == str(keller)
    assert fields["topics"][0]["shared"] == "The label"
    assert fields["decision"]["kind"] == "allowed"
    with acting_as(system("look")):
        assert statement_of(Interaction.objects.get(pk=draft.pk)).sha256 == one.sha256


def test_a_wrong_password_signs_nothing_and_keeps_the_ticks(draft, mara, client_of):
    client = client_of(mara)
    ticked = boxes(client.get(SIGNING).content.decode())
    answer = client.post(SIGNING, {"sign": ticked, "password": "wrong"})
    assert answer.status_code == 422
    assert "That is not your password" in answer.content.decode()
    assert f'value="{ticked[0]}" id="sign-{draft.pk}" checked' in answer.content.decode()
    assert status_of(draft) == "DRAFT"


def test_what_was_changed_since_it_was_read_is_not_signed(
    draft, keller, novastat_hf, germany, mara, client_of
):
    client = client_of(mara)
    ticked = boxes(client.get(SIGNING).content.decode())
    with acting_as(mara):
        amend_interaction(draft, by=mara, event=visit(germany, starts_at=draft.starts_at), topics=[asked(novastat_hf)],
                          people=[Present(kol=keller, main=True)], note="Another text.")  # fmt: skip
    answer = client.post(SIGNING, {"sign": ticked, "password": PASSWORD})
    assert answer.status_code == 409
    assert "Another text." in answer.content.decode()
    assert status_of(draft) == "DRAFT"


def test_an_incomplete_draft_cannot_be_signed(incomplete, mara):
    with pytest.raises(Refused, match="not complete"):
        sign(mara, incomplete)
    with acting_as(system("look")):
        assert not Signature.objects.exists()


def test_what_would_be_a_deviation_cannot_be_signed(draft, mara):
    with acting_as(system("other rules")):
        Interaction.objects.filter(pk=draft.pk).update(
            decision={**draft.decision, "kind": "deviation", "outcome": "NOT_ALLOWED"}
        )
    with pytest.raises(Refused, match="must not have taken place"):
        sign(mara, draft)


def test_nobody_signs_for_another(draft, moritz, lena, mara):
    for person in (moritz, lena):
        assert sign(person, draft) == []
    assert status_of(draft) == "DRAFT"


def test_signing_twice_signs_once(draft, mara, client_of):
    client = client_of(mara)
    ticked = boxes(client.get(SIGNING).content.decode())
    for _ in range(2):
        client.post(SIGNING, {"sign": ticked, "password": PASSWORD})
    with acting_as(system("look")):
        assert Signature.objects.count() == 1


def test_signing_costs_the_same_for_one_and_for_many(draft, relation, keller, mara, germany, statements):
    def cost(*records):
        with acting_as(mara):
            rows = drafts_of(mara).filter(pk__in=[one.pk for one in records])
            seen = {row.pk: statement_of(row).sha256 for row in rows}
        with acting_as(mara), statements() as counted:
            sign_drafts(seen, by=mara, proof=Proof(mara))
        return len(counted)

    with acting_as(mara):
        more = [
            log(mara, keller, visit(germany, starts_at=now() - timedelta(days=n)), PRACTICAL, note=str(n))
            for n in (1, 2, 3)
        ]
    assert cost(draft) <= 22
    assert cost(*more) <= 22


# The lock ---------------------------------------------------------------------------------------------------------


LOCKED = [
    "UPDATE interactions_interaction SET note = 'x' WHERE id = %(record)s",
    "UPDATE interactions_interaction SET status = 'DRAFT' WHERE id = %(record)s",
    "UPDATE interactions_interaction SET status = 'WITHDRAWN' WHERE id = %(record)s",
    "UPDATE interactions_interaction SET status = 'VOIDED' WHERE id = %(record)s",
    "UPDATE interactions_interaction SET version = 2 WHERE id = %(record)s",
    "DELETE FROM interactions_interaction WHERE id = %(record)s",
    "UPDATE interactions_topic SET heard = 'x' WHERE interaction_id = %(record)s",
    "UPDATE interactions_topic SET interaction_id = %(other)s WHERE interaction_id = %(record)s",
    "DELETE FROM interactions_topic WHERE interaction_id = %(record)s",
    "DELETE FROM interactions_topic_themes WHERE topic_id IN"
    " (SELECT id FROM interactions_topic WHERE interaction_id = %(record)s)",
    "INSERT INTO interactions_topic_themes (topic_id, theme_id) SELECT t.id, h.id FROM interactions_topic t,"
    " products_theme h WHERE t.interaction_id = %(record)s",
    "UPDATE interactions_attendee SET main = false WHERE interaction_id = %(record)s",
    "UPDATE interactions_attendee SET interaction_id = %(record)s WHERE interaction_id = %(other)s",
    "DELETE FROM interactions_attendee WHERE interaction_id = %(record)s",
    "INSERT INTO interactions_attendee (id, interaction_id, compartment, author_id, at, name, function, audience, main)"
    " SELECT gen_random_uuid(), id, compartment, author_id, starts_at, 'X', '', 'PROFESSIONAL', false"
    " FROM interactions_interaction WHERE id = %(record)s",
    "INSERT INTO interactions_valuegiven (id, interaction_id, compartment, author_id, kol_id, category, amount, currency,"
    " given_on, taxed, payer) SELECT gen_random_uuid(), i.id, i.compartment, i.author_id, a.kol_id, 'MEAL', 9, 'EUR',"
    " current_date, false, 'us' FROM interactions_interaction i JOIN interactions_attendee a ON a.interaction_id = i.id"
    " WHERE i.id = %(record)s",
    "INSERT INTO interactions_change (id, interaction_id, compartment, author_id, kind, before, after, reason, at)"
    " SELECT gen_random_uuid(), id, compartment, author_id, 'DATE', '', '', 'x', now() FROM interactions_interaction"
    " WHERE id = %(record)s",
    "INSERT INTO interactions_wordmark (id, interaction_id, compartment, author_id, field, start, \"end\", kind, code,"
    " level, kept_because, at) SELECT gen_random_uuid(), id, compartment, author_id, 'NOTE', 0, 1, 'x', 'x', 'hint', '',"
    " now()"
    " FROM interactions_interaction WHERE id = %(record)s",
]  # fmt: skip


def told(who, role: str | None, sql: str, **keys) -> str:
    """What the database says to a statement of a person, or of the product itself, in a role."""
    with acting_as(who):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("RESET ROLE" if role is None else f"SET ROLE {role}")
                cursor.execute(sql, keys)
                changed = cursor.rowcount
                cursor.execute("SET ROLE crm_web")
                transaction.set_rollback(True)
        except DatabaseError as error:
            return str(error)
    return f"{changed} changed"


@pytest.fixture
def pair(draft, keller, relation, novastat_hf, mara, germany):
    """A signed record with a theme, and another draft."""
    with acting_as(mara):
        other = log(
            mara,
            keller,
            visit(germany, starts_at=now() - timedelta(days=1)),
            asked(novastat_hf),
            note="Other.",
        )
    with acting_as(system("set the stage")), connection.cursor() as cursor:
        cursor.execute("INSERT INTO interactions_topic_themes (topic_id, theme_id) SELECT t.id, h.id"
                       " FROM interactions_topic t, products_theme h WHERE t.interaction_id = %s LIMIT 1",
                       [draft.pk])  # fmt: skip
    sign(mara, draft)
    return draft, other


def test_a_signed_record_is_locked_with_all_its_parts_for_every_role(pair, mara):
    record, other = pair
    keys = {"record": record.pk, "other": other.pk}
    for sql in LOCKED:
        for who in (mara, system("a job")):
            answer = told(who, "crm_web", sql, **keys)
            assert ("is locked" in answer or "permission denied" in answer, sql, answer) == (
                True,
                sql,
                answer,
            )
        answer = told(system("a migration"), None, sql, **keys)
        assert (answer == "0 changed" or "is locked" in answer, sql, answer) == (True, sql, answer)
    with acting_as(system("look")):
        assert Interaction.objects.get(pk=record.pk).note == "Wants the subgroup."
        assert (
            Topic.objects.filter(interaction=record).count(),
            Attendee.objects.filter(interaction=record).count(),
        ) == (1, 1)


def test_the_same_statements_pass_on_a_draft(pair, mara):
    """What the lock refuses is not refused for another reason."""
    record, other = pair
    passing = [sql for sql in LOCKED if "interaction_id = %(other)s" not in sql and "VOIDED" not in sql
               and "DELETE FROM interactions_interaction" not in sql]  # fmt: skip
    for sql in passing:
        answer = told(mara, "crm_web", sql, record=other.pk, other=record.pk)
        assert (answer.endswith(" changed"), sql, answer) == (True, sql, answer)


def test_nobody_declares_a_record_signed(draft, mara, lena):
    sql = "UPDATE interactions_interaction SET status = %(to)s WHERE id = %(record)s"
    for who in (mara, lena, system("a job")):
        assert "signed by its author" in told(who, "crm_web", sql, to="SIGNED", record=draft.pk)
        assert "signed by its author" in told(who, "crm_web", sql, to="VOIDED", record=draft.pk)


def test_a_signature_under_another_version_or_an_incomplete_record_locks_nothing(draft, incomplete, mara):
    sql = "UPDATE interactions_interaction SET status = 'SIGNED' WHERE id = %(record)s"
    with acting_as(mara):
        stale = Statement(draft, draft.version + 1, {}, side_of(draft))
        early = Statement(incomplete, incomplete.version, {}, side_of(incomplete))
        put([stale, early], by=mara, meaning=Meaning.AUTHOR, proof=Proof(mara))
    for record in (draft, incomplete):
        assert "signed by its author" in told(mara, "crm_web", sql, record=record.pk)


# What the doors say -------------------------------------------------------------------------------------------------


def test_undo_and_edit_of_a_signed_record_say_what_to_do(
    draft, keller, novastat_hf, germany, mara, client_of
):
    sign(mara, draft)
    client = client_of(mara)
    answer = client.post(reverse("interactions:withdrawal", args=[draft.pk]))
    assert answer.status_code == 409
    assert "Amend it with a reason" in answer.content.decode()
    with acting_as(mara):
        for act in (
            lambda: withdraw_interaction(draft, by=mara),
            lambda: restore_interaction(draft, by=mara),
            lambda: amend_interaction(draft, by=mara, event=visit(germany), topics=[asked(novastat_hf)],
                                      people=[Present(kol=keller, main=True)]),
        ):  # fmt: skip
            with pytest.raises(Refused, match="signed and locked"):
                act()
    assert status_of(draft) == SIGNED


def test_the_api_answers_for_a_signed_record(draft, mara, client_of):
    sign(mara, draft)
    client = client_of(mara)
    answer = client.post(f"/api/interactions/{draft.pk}/withdrawal/")
    assert (answer.status_code, "signed and locked" in answer.content.decode()) == (409, True)
    assert client.get(f"/api/interactions/{draft.pk}/").json()["status"] == "SIGNED"


def test_a_device_that_sends_a_signed_visit_again_gets_it_back(relation, keller, novastat_hf, mara, germany):
    ref = uuid4()
    with acting_as(mara):
        first = log(mara, keller, visit(germany), asked(novastat_hf), client_ref=ref)
    sign(mara, first)
    with acting_as(mara):
        again = log(mara, keller, visit(germany), asked(novastat_hf), client_ref=ref)
    assert (again.pk, again.status) == (first.pk, "SIGNED")


def test_the_other_side_learns_nothing_of_a_signature(draft, mara, moritz, felix, frieda, petra):
    sign(mara, draft)
    for person, seen in ((moritz, 1), (felix, 0), (frieda, 0), (petra, 0)):
        with acting_as(person):
            assert (person.name, Signature.objects.count()) == (person.name, seen)


def test_figures_count_drafts_and_signed_alike(draft, mara):
    def counted():
        with acting_as(system("look")):
            return Interaction.objects.logged().count(), _days()

    before = counted()
    sign(mara, draft)
    assert counted() == before
    assert before[0] == 1


def _days():
    with connection.cursor() as cursor:
        cursor.execute("SELECT day, contacts FROM reports_daycount ORDER BY day")
        return cursor.fetchall()


def test_what_came_in_very_late_waits_for_the_line(relation, keller, novastat_hf, mara, germany, client_of):
    late = now_minus(40)
    with acting_as(mara):
        record = log(mara, keller, visit(germany, starts_at=late, late_reason="On leave"), asked(novastat_hf))
    with pytest.raises(Refused, match="approval of your lead"):
        sign(mara, record)
    assert "approval of your lead" in client_of(mara).get(SIGNING).content.decode()


def now_minus(days):
    with acting_as(system("look")):
        return now() - timedelta(days=days)


# Reminders ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "author", "lead"), [(4, 0, 0), (6, 1, 0), (31, 1, 1)])
def test_an_unsigned_draft_is_told_to_its_author_and_in_the_end_to_her_lead(
    draft, mara, lena, days, author, lead
):
    """R-145: after five days, after thirty; once a week, and never again once it is signed."""
    with acting_as(system("time passes")):
        Interaction.objects.filter(pk=draft.pk).update(recorded_at=now() - timedelta(days=days))
    for _ in range(2):
        nag_of_drafts_task()
    with acting_as(system("look")):
        told = list(Notice.objects.filter(kind__startswith="drafts_"))
    assert sum(one.person_id == mara.pk for one in told) == author
    assert sum(one.person_id == lena.pk for one in told) == lead
    assert {one.person_id for one in told} <= {mara.pk, lena.pk}
    if author:
        assert {one.facts["count"] for one in told} == {1}


def test_what_is_signed_or_closed_is_told_to_nobody(draft, mara):
    with acting_as(system("time passes")):
        Interaction.objects.filter(pk=draft.pk).update(recorded_at=now() - timedelta(days=31))
    sign(mara, draft)
    assert nag_of_drafts_task() == 0
