"""What the form knows beforehand, and what it never takes away: companions, the note as question, undo, the plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now
from compliance.policy import Channel, Kind, State
from interactions.actions import plan_interaction
from interactions.facts import Event, Present
from interactions.models import Attendee
from products.models import Use
from tests.integration.kol_words import more_kols
from tests.integration.test_log_visit import filled, records

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
NEW = "interactions:new"


def page(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def pills(html):
    """The names on the pills, in their order."""
    found = html.split('id="companions">')[-1].split("</div>")[0]
    return [part.split("</span>")[0] for part in found.split("<span>")[1:]]


@pytest.fixture
def colleagues(relation, mara, germany, novastat_hf):
    """Three more experts of Mara's without a house."""
    more_kols(mara, germany, novastat_hf, "Albrecht", "Brandt", "Caduff")
    with acting_as(mara):
        from kols.models import KOL

        return {kol.family_name: kol for kol in KOL.objects.exclude(family_name="Keller")}


def test_whom_she_was_met_with_is_offered_first_and_the_house_fills_up(
    visit, keller, colleagues, hospital, mara, client_of
):
    with acting_as(mara):
        Attendee.objects.create(interaction=visit, kol=colleagues["Brandt"])
        for name in ("Albrecht", "Caduff"):
            kol = colleagues[name]
            kol.main_institution = hospital
            kol.save(update_fields=["main_institution"])

    html = page(client_of(mara), NEW, kol=keller.pk)

    assert [name.split()[-1] for name in pills(html)] == ["Brandt", "Albrecht", "Caduff"]


def test_a_search_for_somebody_else_keeps_the_chosen_and_every_word(
    keller, colleagues, novastat_hf, mara, client_of
):
    data = filled(
        keller, novastat_hf, others=[str(colleagues["Albrecht"].pk)], person="Caduff", find_person="on"
    )

    answer = client_of(mara).post(reverse(NEW), data)

    assert answer.status_code == 200
    html = answer.content.decode()
    assert [name.split()[-1] for name in pills(html)] == ["Albrecht", "Caduff"]
    assert "Wants the subgroup." in html
    assert records() == []


def test_the_names_answer_as_somebody_types(keller, colleagues, mara, felix, client_of):
    query = {"kol": keller.pk, "person": "cad", "others": str(colleagues["Brandt"].pk)}

    html = client_of(mara).get(reverse("interactions:companions"), query).content.decode()

    assert "Brandt" in html
    assert "checked" in html.split("Brandt")[0]
    assert "Caduff" in html
    assert "Albrecht" not in html
    # What Medical knows of does not exist for field service, whatever it types.
    nothing = client_of(felix).get(reverse("interactions:companions"), {"person": "cad"}).content.decode()
    assert "Caduff" not in nothing


def test_companions_are_saved_with_the_visit(keller, colleagues, novastat_hf, mara, client_of):
    data = filled(keller, novastat_hf, others=[str(colleagues["Brandt"].pk)], names="Sam Okafor, resident")

    client_of(mara).post(reverse(NEW), data)

    with acting_as(mara):
        assert sorted(map(str, Attendee.objects.all()))[-1].endswith("Okafor")
        assert Attendee.objects.count() == 3


def test_the_note_is_the_question_where_none_is_written(relation, keller, novastat_hf, mara, client_of):
    data = filled(keller, novastat_hf, note="Asked how the dose is found in old age.")
    del data[f"use-{novastat_hf.pk}-question"]

    client_of(mara).post(reverse(NEW), data)

    [record] = records()
    assert record.missing == []
    with acting_as(mara):
        assert record.topics.get().documents["REQ"]["question"] == "Asked how the dose is found in old age."


def test_without_note_and_question_the_request_is_still_missing(
    relation, keller, novastat_hf, mara, client_of
):
    data = filled(keller, novastat_hf, note="")
    del data[f"use-{novastat_hf.pk}-question"]

    client_of(mara).post(reverse(NEW), data)

    assert [record.missing for record in records()] == [["REQ"]]


def test_what_lies_ahead_is_planned_with_the_same_words(relation, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    data = filled(keller, novastat_hf, at=datetime.now(UTC) + timedelta(days=2), place="Ward 4B")

    answer = client.post(reverse(NEW), data)
    assert answer.status_code == 422
    assert f'formaction="{reverse("interactions:plan")}"' in answer.content.decode()
    client.post(reverse("interactions:plan"), data)

    assert [(record.status, record.place) for record in records()] == [("PLANNED", "Ward 4B")]


def test_undo_opens_the_form_again_with_everything_that_was_written(
    relation, keller, novastat_hf, germany, mara, client_of
):
    client = client_of(mara)
    plan = planned(mara, keller, germany)
    client.post(
        reverse(NEW), {**filled(keller, novastat_hf), "plan": plan.pk, "names": "Sam Okafor, resident"}
    )
    [record] = [one for one in records() if one.status == "DRAFT"]
    undo = f"{reverse('interactions:withdrawal', args=[record.pk])}?again=1"
    assert undo in client.get(reverse("home")).content.decode()

    answer = client.post(undo)
    html = client.get(answer.url).content.decode()

    assert answer.url == f"{reverse(NEW)}?again={record.pk}"
    assert "Wants the subgroup." in html
    assert "Sam Okafor, resident" in html
    assert 'value="UNSOLICITED_REQUEST" checked' in html
    assert f'name="plan" value="{plan.pk}"' in html
    assert {one.status for one in records()} == {"PLANNED", "WITHDRAWN"}


def planned(mara, keller, germany, *, hours=-1.0):
    start = datetime.now(UTC) + timedelta(hours=hours)
    event = Event(
        kind=Kind.VISIT, channel=Channel.VIDEO, starts_at=start, ends_at=start + timedelta(minutes=30),
        market=germany,
    )  # fmt: skip
    with acting_as(mara, at=min(start, datetime.now(UTC)) - timedelta(days=1)):
        return plan_interaction(by=mara, event=event, people=[Present(kol=keller, main=True)])


def test_what_another_person_took_back_does_not_exist(relation, keller, novastat_hf, mara, moritz, client_of):
    client_of(mara).post(reverse(NEW), filled(keller, novastat_hf))
    [record] = records()
    client = client_of(mara)
    # What still stands is changed, not written anew.
    assert client.get(reverse(NEW), {"again": record.pk}).status_code == 404
    client.post(reverse("interactions:withdrawal", args=[record.pk]))

    assert client.get(reverse(NEW), {"again": record.pk}).status_code == 200
    for someone in (moritz,):
        assert client_of(someone).get(reverse(NEW), {"again": record.pk}).status_code == 404


def test_one_visit_after_the_other(relation, keller, novastat_hf, mara, client_of):
    answer = client_of(mara).post(f"{reverse(NEW)}?another=1", filled(keller, novastat_hf))

    assert (answer.status_code, answer.url) == (302, reverse(NEW))
    assert len(records()) == 1


def test_an_empty_form_offers_what_waits_to_be_logged(relation, keller, germany, mara, client_of):
    plan = planned(mara, keller, germany)

    html = page(client_of(mara), NEW)

    assert f'href="?plan={plan.pk}"' in html
    assert " min ago" in html.split(f"?plan={plan.pk}")[1][:200]


def test_the_panel_names_the_other_markets_she_works_in(
    relation, keller, novastat_hf, heart_failure, switzerland, enter, mara, client_of
):
    """An authorisation elsewhere is told apart from the one that counts."""
    from tests.conftest import EVER, SINCE

    with acting_as(mara, at=SINCE):
        abroad = Use.objects.create(indication=heart_failure, market=switzerland, created_at=SINCE)
    enter(abroad, State.AUTHORISED, at=datetime(2026, 5, 12, 8, tzinfo=UTC))
    client = client_of(mara)
    assert "<b>Switzerland</b>" not in page(client, NEW, kol=keller.pk)
    with acting_as(mara):
        mara.appointments.get(during=EVER).markets.add(switzerland)

    html = page(client, NEW, kol=keller.pk)

    assert "<b>Switzerland</b> <span>authorised 12 May 2026</span>" in html
    assert html.index("<b>Germany</b>") < html.index("<b>Switzerland</b>")


def test_a_product_that_was_handed_over_says_when_and_offers_two_ways_on(
    owned_by_field, keller, moritz, client_of
):
    html = page(client_of(moritz), NEW, kol=keller.pk)

    assert "covers the approved use, Heart failure." in html
    assert "Medical, until" in html
    assert "A scientific question came up" in html
    assert "Business contact of Felix Brandt" in html


def test_what_was_not_logged_in_time_stands_at_the_top_of_the_next_day(
    relation, keller, germany, mara, client_of
):
    planned(mara, keller, germany, hours=-24)
    planned(mara, keller, germany, hours=1 / 60)

    html = page(client_of(mara), "home")

    assert html.index("From yesterday") < html.index("Your day")
    assert "Read the visit brief" in html.split("Your day")[1]


def test_a_record_tells_both_clocks_where_they_differ(relation, keller, novastat_hf, mara, client_of):
    client = client_of(mara)
    start = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    client.post(reverse(NEW), {**filled(keller, novastat_hf, at=start), "late_reason": "Leave"})
    [record] = records()
    assert "10:30–11:00" in page(client, "interactions:detail", record.pk)
    with acting_as(mara):
        mara.time_zone = "Asia/Tokyo"
        mara.save(update_fields=["time_zone"])

    html = page(client, "interactions:detail", record.pk)

    assert "10:30–11:00 in Germany, 18:30 for you" in html


def test_the_first_day_shows_three_steps_each_of_which_can_be_skipped(
    relation, keller, novastat_hf, mara, moritz, client_of
):
    client = client_of(moritz)
    assert "Three steps to begin" in page(client, "home")

    for step in ("calendar", "phone"):
        assert client.post(reverse("interactions:step_skip", args=[step])).status_code == 302
    html = page(client, "home")
    assert "Look at your KOLs" in html
    assert "Put it on your phone" not in html
    client.post(reverse("interactions:step_skip", args=["kols"]))
    assert "Three steps to begin" not in page(client, "home")
    assert client.post(reverse("interactions:step_skip", args=["nothing"])).status_code == 404

    client = client_of(mara)
    client.post(reverse(NEW), filled(keller, novastat_hf))
    assert "Three steps to begin" not in page(client, "home")


def test_a_channel_without_agreement_stays_and_says_why(relation, keller, germany, rules, mara, client_of):
    from kols.actions import record_consent

    client, told = client_of(mara), "Video and mail need one"
    # The rules a market begins with in these tests ask for no agreement; the newer version does.
    assert told not in page(client, NEW, kol=keller.pk)
    rules("2026.2")

    html = page(client, NEW, kol=keller.pk)
    assert told in html
    assert 'value="VIDEO"' in html
    with acting_as(mara):
        record_consent(
            keller, by=mara, channel="EMAIL", market=germany, given_at=now(), text_version="1", source="FORM",
            evidence="Form 7",
        )  # fmt: skip
    assert told not in page(client, NEW, kol=keller.pk)
