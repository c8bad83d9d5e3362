"""The page on which a visit is logged, without JavaScript."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from accounts.models import Notice
from interactions.models import FollowUp, Interaction
from safety.models import SafetyReport

pytestmark = pytest.mark.django_db


def filled(keller, use, *, at=None, **more):
    start = (at or datetime.now(UTC) - timedelta(hours=2)).astimezone(use.market.tz)
    block = f"use-{use.pk}"
    return {
        "kol": str(keller.pk),
        "kind": "VISIT",
        "on": f"{start:%Y-%m-%d}",
        "at": f"{start:%H:%M}",
        "minutes": "30",
        "channel": "IN_PERSON",
        f"{block}-chips": ["on"],
        f"{block}-basis": "UNSOLICITED_REQUEST",
        f"{block}-question": "Does it help below an eGFR of 30?",
        f"{block}-told": "on",
        "note": "Wants the subgroup.",
        "side_effect": "no",
        **more,
    }


def records():
    with acting_as(system("look")):
        return list(Interaction.objects.all())


def reports():
    with acting_as(system("look")):
        return list(SafetyReport.objects.select_related("clinical"))


def test_the_page_asks_how_it_came_up_and_chooses_nothing_beforehand(
    relation, keller, novastat_hf, mara, client_of
):
    page = client_of(mara).get(reverse("interactions:new"), {"kol": keller.pk})

    assert page.status_code == 200
    html = page.content.decode()
    assert "Novastat has no authorisation in Germany" in html
    assert "The doctor asked, unprompted" in html
    assert 'value="UNSOLICITED_REQUEST" checked' not in html


def test_a_visit_is_saved_with_the_press_that_answers_the_question(
    relation, keller, novastat_hf, mara, client_of
):
    answer = client_of(mara).post(reverse("interactions:new"), filled(keller, novastat_hf))

    assert (answer.status_code, answer.url) == (302, reverse("home"))
    [record] = records()
    assert (record.side_effect, record.missing, record.note) == (False, [], "Wants the subgroup.")


def test_a_topic_without_its_basis_comes_back_with_the_words_at_the_field(
    relation, keller, novastat_hf, mara, client_of
):
    data = filled(keller, novastat_hf)
    del data[f"use-{novastat_hf.pk}-basis"]

    answer = client_of(mara).post(reverse("interactions:new"), data)

    assert answer.status_code == 422
    assert "Say how Novastat came up." in answer.content.decode()
    assert records() == []


def test_a_follow_up_is_noted_in_the_same_press(relation, keller, novastat_hf, mara, client_of):
    data = filled(
        keller, novastat_hf, follow_up="on", follow_up_what="Send the poster", follow_up_on="2030-01-07"
    )

    client_of(mara).post(reverse("interactions:new"), data)

    with acting_as(mara):
        assert FollowUp.objects.get().what == "Send the poster"


def test_a_side_effect_is_reported_though_the_visit_is_invalid(
    relation, keller, novastat_hf, mara, sofia, client_of
):
    data = filled(
        keller, novastat_hf, side_effect="yes", **{"se-what_happened": "Dizzy after the second dose"}
    )
    data["on"] = "never"

    answer = client_of(mara).post(reverse("interactions:new"), data)

    assert answer.status_code == 422
    assert [report.what_happened for report in reports()] == ["Dizzy after the second dose"]
    assert records() == []
    with acting_as(sofia):
        assert Notice.objects.get(person=sofia).urgent


def test_a_side_effect_is_reported_once_though_the_form_is_sent_again(
    relation, keller, novastat_hf, mara, client_of
):
    ref = "5b6f4f0c-5f9f-4d3f-8c39-0b8a0a4b1f10"
    data = filled(keller, novastat_hf, side_effect="yes", client_ref=ref, **{"se-what_happened": "Dizzy"})
    client = client_of(mara)
    client.post(reverse("interactions:new"), {**data, "on": "never"})
    client.post(reverse("interactions:new"), data)
    client.post(reverse("interactions:new"), data)

    [report] = reports()
    assert [record.safety_report_id for record in records()] == [report.pk]


def test_the_side_effect_form_opens_first_and_nothing_is_lost(relation, keller, novastat_hf, mara, client_of):
    answer = client_of(mara).post(reverse("interactions:new"), filled(keller, novastat_hf, side_effect="yes"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Wants the subgroup." in page
    assert "autofocus" in page
    assert "There is a problem" not in page
    assert (records(), reports()) == ([], [])
    again = client_of(mara).post(
        reverse("interactions:new"), filled(keller, novastat_hf, side_effect="yes", with_side_effect="on")
    )
    assert "There is a problem" in again.content.decode()
    assert (records(), reports()) == ([], [])


def test_an_author_edits_her_draft_and_every_version_is_kept(relation, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    client.post(reverse("interactions:new"), filled(keller, novastat_hf))
    [record] = records()
    client.post(
        reverse("interactions:edit", args=[record.pk]),
        filled(keller, novastat_hf, note="Wants it in May.", version="1"),
    )

    page = client.get(reverse("interactions:detail", args=[record.pk])).content.decode()
    assert "<del>Wants the subgroup.</del>" in page
    assert "<ins>Wants it in May.</ins>" in page


def test_another_persons_visit_does_not_exist(relation, keller, novastat_hf, mara, felix, moritz, client_of):
    client_of(mara).post(reverse("interactions:new"), filled(keller, novastat_hf))
    [record] = records()
    address = reverse("interactions:detail", args=[record.pk])

    assert client_of(mara).get(address).status_code == 200
    assert [client_of(one).get(address).status_code for one in (felix, moritz)] == [404, 404]
    assert client_of(felix).get(reverse("interactions:new"), {"kol": keller.pk}).status_code == 404


@pytest.mark.parametrize("name", ["list", "new", "plan", "follow_ups"])
def test_the_pages_open(relation, keller, mara, client_of, name):
    client = client_of(mara)
    for query in ({}, {"kol": keller.pk}):
        assert client.get(reverse(f"interactions:{name}"), query).status_code == 200


@pytest.mark.parametrize(
    "kind", ["VISIT", "CONGRESS_CONTACT", "SCIENTIFIC_LECTURE", "EXTERNAL_TRAINING", "INTERNAL_TRAINING"]
)
def test_each_kind_has_its_page(relation, keller, mara, client_of, kind):
    assert (
        client_of(mara).get(reverse("interactions:new"), {"kol": keller.pk, "kind": kind}).status_code == 200
    )


@pytest.mark.parametrize(
    "query", [{"kol": "x"}, {"plan": "y"}, {"kol": "\x00"}, {"q": "\x00'%_"}, {"kind": "NONSENSE"}]
)
def test_hostile_addresses_are_answered(relation, mara, client_of, query):
    assert client_of(mara).get(reverse("interactions:new"), query).status_code in (200, 404)


def test_a_visit_is_planned_and_taken_back(relation, keller, mara, client_of):
    client = client_of(mara)
    client.post(
        reverse("interactions:plan"),
        {"kol": keller.pk, "on": "2030-01-07", "at": "09:30", "minutes": "30", "channel": "IN_PERSON"},
    )
    [plan] = records()
    assert plan.status == "PLANNED"
    client.post(reverse("interactions:cancellation", args=[plan.pk]))
    assert [row.status for row in records()] == ["CANCELLED"]


def test_the_day_shows_what_is_to_log_and_the_card_fills_the_form(relation, keller, mara, client_of, germany):
    from compliance.policy import Channel, Kind
    from interactions.actions import plan_interaction
    from interactions.facts import Event, Present

    start = datetime.now(UTC) - timedelta(hours=1)
    with acting_as(mara, at=start - timedelta(days=1)):
        event = Event(
            kind=Kind.VISIT,
            channel=Channel.VIDEO,
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
            market=germany,
        )
        plan = plan_interaction(by=mara, event=event, people=[Present(kol=keller, main=True)])
    client = client_of(mara)

    home = client.get(reverse("home")).content.decode()
    page = client.get(reverse("interactions:new"), {"plan": plan.pk}).content.decode()

    assert "1 visit to log." in home
    assert "as planned" in page
    assert 'value="VIDEO" checked' in page or "checked" in page.split('value="VIDEO"')[1][:80]


def test_the_page_asks_whom_she_met_or_will_meet(relation, mara, client_of):
    browser = client_of(mara)

    assert b"Whom did you meet?" in browser.get(reverse("interactions:new")).content
    assert b"Whom will you meet?" in browser.get(reverse("interactions:plan")).content
