"""One forbidden call through every door: the same answer, nothing stored, one line in the trail each."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry, Deviation
from compliance.policy import Channel, Document, Kind, Refused, Subject
from interactions.actions import log_interaction
from interactions.facts import Event, Present, Spoken
from interactions.models import Interaction

pytest_plugins = ["tests.integration.kol_stage"]
pytestmark = pytest.mark.django_db

DOCUMENTS: dict[str, dict[str, object]] = {"SMPC": {"said": True}, "MAT": {"words": "MAT-7, version 2"}}


def before_authorisation():
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=5)


def event(germany, start):
    return Event(
        kind=Kind.PRODUCT_CALL,
        channel=Channel.PHONE,
        starts_at=start,
        ends_at=start + timedelta(minutes=15),
        market=germany,
    )


def body(keller, use, start):
    return {
        "kind": "PRODUCT_CALL",
        "channel": "PHONE",
        "market": "DE",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=15)).isoformat(),
        "kols": [str(keller.pk)],
        "side_effect": False,
        "topics": [{"subject": "USE", "use": str(use.pk), "documents": DOCUMENTS}],
    }


def by_action(felix, keller, use, germany, client, tmp_path, start):
    documents = {Document(code): given for code, given in DOCUMENTS.items()}
    with acting_as(felix), pytest.raises(Refused) as refusal:
        log_interaction(
            by=felix,
            event=event(germany, start),
            people=[Present(kol=keller, main=True)],
            side_effect=False,
            topics=[Spoken(subject=Subject.USE, use=use, documents=documents)],
        )
    return str(refusal.value)


def by_form(felix, keller, use, germany, client, tmp_path, start):
    local, block = start.astimezone(germany.tz), f"use-{use.pk}"
    answer = client.post(
        reverse("interactions:new"),
        {
            "kol": keller.pk,
            "on": f"{local:%Y-%m-%d}",
            "at": f"{local:%H:%M}",
            "minutes": "15",
            "channel": "PHONE",
            f"{block}-chips": "on",
            f"{block}-offered": "on",
            f"{block}-mat": "MAT-7, version 2",
            "side_effect": "no",
        },
    )
    assert answer.status_code == 409
    assert "Report this as a deviation" in answer.content.decode()
    return answer.context["refusal"]


def by_api(felix, keller, use, germany, client, tmp_path, start):
    answer = client.post(
        "/api/interactions/", json.dumps(body(keller, use, start)), content_type="application/json"
    )
    assert (answer.status_code, answer.json()["rules"]) == (409, ["R-021"])
    return answer.json()["detail"]


def by_command(felix, keller, use, germany, client, tmp_path, start):
    row = body(keller, use, start)
    row |= {"kols": str(keller.pk), "topics": json.dumps(row["topics"]), "side_effect": "false"}
    path = tmp_path / "calls.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    out = StringIO()
    call_command("import_interactions", str(path), "--as", felix.email, stdout=out)
    assert out.getvalue().startswith("2: refused (R-021): ")
    return out.getvalue().strip().removeprefix("2: refused (R-021): ")


DOORS = [by_action, by_form, by_api, by_command]


@pytest.mark.parametrize("door", DOORS)
def test_a_call_before_authorisation_is_refused_alike_at_every_door(
    door, handed_over, keller, novastat_hf, felix, germany, client_of, tmp_path
):
    said = door(felix, keller, novastat_hf, germany, client_of(felix), tmp_path, before_authorisation())

    assert said == (
        "Novastat for Heart failure is not authorised in Germany yet (R-021). Pass the question to Medical. "
        "If it already took place, report it as a deviation."
    )
    with acting_as(system("look")):
        assert not Interaction.objects.exists()
        [entry] = AuditEntry.objects.filter(refused=True, actor=str(felix.pk))
    assert entry.decision is not None
    assert (entry.verb, entry.rules, entry.decision["kind"]) == ("logged", ["R-021"], "deviation")


def test_what_must_not_have_happened_is_told_as_a_deviation(
    handed_over, keller, novastat_hf, felix, germany, client_of
):
    local, block = before_authorisation().astimezone(germany.tz), f"use-{novastat_hf.pk}"
    answer = client_of(felix).post(
        reverse("interactions:new"),
        {
            "kol": keller.pk,
            "on": f"{local:%Y-%m-%d}",
            "at": f"{local:%H:%M}",
            "minutes": "15",
            "channel": "PHONE",
            f"{block}-chips": "on",
            f"{block}-offered": "on",
            f"{block}-mat": "MAT-7",
            "side_effect": "no",
            "deviation": "on",
            "deviation_words": "I called a day too early.",
        },
    )

    assert answer.status_code == 302
    with acting_as(system("look")):
        assert (Deviation.objects.get().words, Interaction.objects.count()) == (
            "I called a day too early.",
            0,
        )


def test_a_call_about_what_is_open_and_his_is_logged_by_the_api_once(
    handed_over, keller, novastat_hf, felix, client_of
):
    data = {
        **body(keller, novastat_hf, datetime.now(UTC)),
        "client_ref": "0b8a0a4b-5f9f-4d3f-8c39-5b6f4f0c1f10",
    }
    with acting_as(felix):
        data["starts_at"] = data["ends_at"] = now().isoformat()
    client = client_of(felix)
    answers = [
        client.post("/api/interactions/", json.dumps(data), content_type="application/json") for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_a_question_to_field_service_reaches_medical_and_the_answer_is_constant(
    handed_over, keller, felix, mara, lena, client_of
):
    from interactions.models import FollowUp

    answer = client_of(felix).post(
        reverse("interactions:question"), {"kol": keller.pk, "question": "What about dialysis?"}
    )

    assert answer.status_code == 302
    with acting_as(lena):
        assert "What about dialysis?" in FollowUp.objects.get().what
    with acting_as(felix):
        assert FollowUp.objects.count() == 0
        assert Interaction.objects.get().topics.get().activity == "INQUIRY_REFERRAL"
