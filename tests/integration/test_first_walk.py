"""What somebody stumbles over who uses the product for the first time: two words for one thing, and dead ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance import desk
from compliance.models import AuditEntry
from compliance.policy import Channel, Kind
from interactions.actions import plan_interaction
from interactions.facts import Event, Present
from interactions.models import Interaction
from tests.integration.test_compliance_desk import forbidden
from tests.integration.test_log_visit import filled

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def plan(relation, keller, mara, germany):
    """A visit of Mara's with Professor Keller that ended half an hour ago and is not logged."""
    start = datetime.now(UTC) - timedelta(hours=1)
    event = Event(
        kind=Kind.VISIT, channel=Channel.IN_PERSON, starts_at=start, ends_at=start + timedelta(minutes=30),
        market=germany,
    )  # fmt: skip
    with acting_as(mara, at=start - timedelta(days=1)):
        return plan_interaction(by=mara, event=event, people=[Present(kol=keller, main=True)])


def test_a_plan_that_took_place_is_told_of_by_its_record_alone(plan, keller, novastat_hf, mara, client_of):
    client, page = client_of(mara), reverse("interactions:detail", args=[plan.pk])
    form = {"plan": str(plan.pk)}
    before = client.get(page).text
    client.post(reverse("interactions:new"), filled(keller, novastat_hf, **form))
    with acting_as(system("look")):
        record = Interaction.objects.get(follows_plan=plan)
    logged = reverse("interactions:detail", args=[record.pk])

    again = client.get(reverse("interactions:new"), form)
    after, visits = client.get(page).text, client.get(reverse("interactions:list")).text

    new, move = f"{reverse('interactions:new')}?plan=", reverse("interactions:move", args=[plan.pk])
    assert [way in before for way in (new, move, reverse("kols:brief", args=[keller.pk]))] == [True] * 3
    assert [way in after for way in (new, move, logged, "Logged as")] == [False, False, True, True]
    assert [way in visits for way in (page, logged)] == [False, True]
    assert (again.status_code, again.url) == (302, logged)


def test_a_plan_whose_record_was_taken_back_stands_again(plan, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    client.post(reverse("interactions:new"), filled(keller, novastat_hf, plan=str(plan.pk)))
    with acting_as(system("look")):
        record = Interaction.objects.get(follows_plan=plan)
    client.post(reverse("interactions:withdrawal", args=[record.pk]))

    assert client.get(reverse("interactions:new"), {"plan": plan.pk}).status_code == 200
    assert reverse("interactions:detail", args=[plan.pk]) in client.get(reverse("interactions:list")).text


def test_a_phone_has_every_action_of_an_experts_page_in_the_words_of_the_role(
    handed_over, keller, mara, felix, client_of
):
    for person, word in ((mara, "Log visit"), (felix, "Log call")):
        client = client_of(person)
        bar = client.get(reverse("kols:detail", args=[keller.pk])).text.split("x-actions-bar")[1]
        for name in ("may_i", "plan", "new"):
            assert f"{reverse(f'interactions:{name}')}?kol={keller.pk}" in bar, (person, name)
        form = client.get(reverse("interactions:new"), {"kol": keller.pk}).text
        assert word in bar, person
        assert f"<h1>{word}</h1>" in form, person


def test_the_commands_of_the_search_hold_may_i_for_whoever_may_ask(mara, felix, rita, client_of):
    for person, may in ((mara, True), (felix, True), (rita, False)):
        commands = client_of(person).get(reverse("accounts:profile")).text.split("data-commands-list")[1]
        assert (f'href="{reverse("interactions:may_i")}"' in commands) is may, person


def test_what_was_refused_does_not_read_as_done():
    facts = {"actor_name": "Felix Brandt", "verb": "logged", "subject_words": "Product call"}
    assert str(AuditEntry(**facts, refused=True)) == "Felix Brandt tried to log Product call"
    assert str(AuditEntry(**facts)) == "Felix Brandt logged Product call"


def test_the_facts_of_an_act_are_words_and_name_the_expert(company, keller, clara):
    from dataclasses import replace

    act = forbidden()
    act = replace(act, people=(replace(act.people[0], ref=str(keller.pk)),))
    with acting_as(clara):
        lines = desk.facts_in_words(act.to_json(), clara)
    said = {line["label"]: line["value"] for line in lines}

    assert said["With whom"] == keller.name
    assert said["Place"] == "Germany"
    assert said["Novastat"].startswith("Germany: before authorisation")
    assert "UTC" not in said["When"]
