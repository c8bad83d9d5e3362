"""Who was at an event, on one sheet with a line for each signature."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now
from compliance.policy import Channel, Kind
from interactions.actions import cancel_plan, plan_interaction
from interactions.facts import Event, Present
from tests.integration.kol_words import text

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def lecture(relation, mara, germany, keller):
    """Mara plans a lecture with Professor Keller and a nurse who is in no list."""
    with acting_as(mara):
        start = now() + timedelta(days=3)
        return plan_interaction(
            by=mara,
            event=Event(
                kind=Kind.SCIENTIFIC_LECTURE, channel=Channel.IN_PERSON, starts_at=start,
                ends_at=start + timedelta(hours=2), market=germany,
            ),
            people=[
                Present(kol=keller, main=True),
                Present(name="Anna Zell", function="study nurse"),
                Present(name="Bernd Auer"),
            ],
            title="Reading endpoints",
        )  # fmt: skip


def test_the_list_names_everybody_by_family_name_with_house_and_a_line_to_sign(lecture, mara, client_of):
    page = text(client_of(mara), "interactions:attendance", lecture.pk)

    assert "Reading endpoints" in page
    assert [page.index(name) for name in ("Auer", "Keller", "Zell")] == sorted(
        page.index(name) for name in ("Auer", "Keller", "Zell")
    )
    for words in ("study nurse", "Nordstadt University Hospital", "Signature", "3 people", "Planned by Mara"):
        assert words in page
    assert reverse("interactions:attendance", args=[lecture.pk]) in text_of_detail(client_of(mara), lecture)


def test_a_visit_has_no_list_and_neither_has_what_was_called_off(visit, lecture, mara, client_of):
    her = client_of(mara)
    assert her.get(reverse("interactions:attendance", args=[visit.pk])).status_code == 404
    assert "Attendance list" not in text_of_detail(her, visit)
    with acting_as(mara):
        cancel_plan(lecture, by=mara)
    assert her.get(reverse("interactions:attendance", args=[lecture.pk])).status_code == 404


def test_a_list_of_medical_does_not_exist_for_field_service(lecture, felix, frieda, petra, client_of):
    for someone in (felix, frieda, petra):
        answer = client_of(someone).get(reverse("interactions:attendance", args=[lecture.pk]))
        assert answer.status_code == 404


def text_of_detail(client, record) -> str:
    return client.get(reverse("interactions:detail", args=[record.pk])).content.decode()
