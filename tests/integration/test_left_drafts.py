"""Drafts whose author left: her lead reads and closes them, and nobody signs or changes them (R-117)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.acting import acting_as, now, system
from accounts.actions import appoint
from compliance.models import AuditEntry
from compliance.policy import Refused, Role
from interactions.actions import amend_interaction, close_left_draft
from interactions.facts import Present
from interactions.left import left_to
from interactions.models import Closing, Interaction
from kols.actions import deactivate_user, reassign_owner
from kols.models import OpenMatter, Ownership
from safety.models import SafetyReport
from tests.integration.test_interactions import asked, log, visit

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def draft(relation, keller, novastat_hf, mara, germany):
    with acting_as(mara):
        return log(mara, keller, visit(germany), asked(novastat_hf, documents={}), note="Wants the subgroup.")


@pytest.fixture
def gone(draft, mara, anton):
    with acting_as(anton):
        deactivate_user(mara, by=anton)
    return draft


def page(record):
    return reverse("interactions:left_draft", args=[record.pk])


def test_the_lead_finds_what_a_leaver_left_and_reads_it(gone, lena, mara, client_of):
    client = client_of(lena)
    listed = client.get(reverse("interactions:left_drafts")).content.decode()
    read = client.get(page(gone)).content.decode()

    assert reverse("interactions:left_drafts") in client.get(reverse("interactions:list")).content.decode()
    assert page(gone) in listed
    assert str(mara) in listed
    assert "Wants the subgroup." in read
    assert "Still missing:" in read


def test_what_its_author_can_still_finish_is_not_listed(draft, lena, client_of):
    client = client_of(lena)

    assert "Nobody left a draft behind" in client.get(reverse("interactions:left_drafts")).content.decode()
    assert client.get(page(draft)).status_code == 404
    with acting_as(lena), pytest.raises(Interaction.DoesNotExist):
        close_left_draft(draft.pk, statement="Enough", by=lena)


def test_closing_it_keeps_the_draft_as_it_is_with_her_statement_and_settles_the_open_matter(
    gone, lena, client_of
):
    with acting_as(system("look")):
        assert OpenMatter.objects.get().closed_at is None
    client = client_of(lena)
    empty = client.post(page(gone), {"statement": " ", "side_effect": "no"})
    assert (empty.status_code, "Nothing is said of the draft" in empty.content.decode()) == (409, True)

    answer = client.post(page(gone), {"statement": "I was told of this visit.", "side_effect": "no"})

    assert (answer.status_code, client.get(page(gone)).status_code) == (302, 404)
    with acting_as(system("look")):
        [closing] = Closing.objects.all()
        gone.refresh_from_db()
        assert (closing.closed_by, closing.statement, closing.author_id, closing.compartment) == (
            lena, "I was told of this visit.", gone.author_id, "MEDICAL",
        )  # fmt: skip
        assert (gone.status, gone.version, Interaction.objects.logged().count()) == ("DRAFT", 1, 1)
        assert OpenMatter.objects.get().closed_at is not None
        assert (
            AuditEntry.objects.filter(verb="closed unsigned, author left,", actor=str(lena.pk)).count() == 1
        )


def test_a_side_effect_told_of_in_it_is_reported_first(gone, lena, keller, client_of):
    client = client_of(lena)
    opened = client.post(page(gone), {"statement": "", "side_effect": "yes", "se-what_happened": ""})
    assert (opened.status_code, "<details open>" in opened.content.decode()) == (422, True)
    client.post(
        page(gone), {"statement": "Hers", "side_effect": "yes", "se-what_happened": "Dizzy, in the note"}
    )

    with acting_as(system("look")):
        [report] = SafetyReport.objects.all()
        assert (report.what_happened, report.kol, Closing.objects.get().safety_report) == (
            "Dizzy, in the note", keller, report,
        )  # fmt: skip


def test_who_changed_sides_left_her_drafts_too_and_never_takes_up_what_was_closed(
    draft, lena, mara, anton, germany, keller, novastat_hf
):
    """She owns nothing that would hinder her; the lead closes; she comes back and finds it closed."""
    with acting_as(system("set the stage")):
        owned = Ownership.objects.get()
    with acting_as(lena):
        reassign_owner(owned.relation, to=lena, by=lena)
    with acting_as(anton):
        appoint(mara, Role.FIELD_SERVICE, [germany], from_=now(), by=anton)
    with acting_as(lena):
        assert list(left_to(lena)) == [draft]
        close_left_draft(draft.pk, statement="Closed", by=lena)
        assert list(left_to(lena)) == []
    with acting_as(anton):
        appoint(mara, Role.MSL, [germany], from_=now(), by=anton)
    mara.refresh_from_db()
    with acting_as(mara), pytest.raises(Refused) as refusal:
        amend_interaction(
            draft, by=mara, event=visit(germany), topics=[asked(novastat_hf)],
            people=[Present(kol=keller, main=True)], version=1,
        )  # fmt: skip
    assert refusal.value.decision.rules == ("R-117",)


def test_nobody_but_a_lead_of_that_side_and_tree_finds_it(gone, moritz, felix, frieda, lena, client_of):
    addresses = (reverse("interactions:left_drafts"), page(gone))

    assert [client_of(lena).get(url).status_code for url in addresses] == [200, 200]
    assert [client_of(moritz).get(url).status_code for url in addresses] == [404, 404]
    assert [client_of(felix).get(url).status_code for url in addresses] == [404, 404]
    assert [client_of(frieda).get(url).status_code for url in addresses] == [200, 404]
    with acting_as(frieda):
        assert list(left_to(frieda)) == []


def test_a_closing_is_never_rewritten(gone, lena):
    with acting_as(lena):
        closing = close_left_draft(gone.pk, statement="Hers", by=lena)
        closing.statement = "Mine"
        with pytest.raises(IntegrityError), transaction.atomic():
            closing.save()
    assert closing.at <= datetime.now(UTC) + timedelta(minutes=1)
