"""What is printed: the document, who printed it, and nothing that can be pressed."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from compliance.models import AuditEntry
from handovers.models import Handover

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def page(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def handover(handed_over):
    with acting_as(system("look")):
        return Handover.objects.get()


def test_every_page_says_on_paper_who_printed_it(company, mara, client, client_of):
    assert "Printed by Mara Lindqvist" in page(client_of(mara), "/")
    assert "Printed by" not in client.get("/account/login/").content.decode()


def test_the_dossier_carries_its_readers_name_as_a_watermark(handover, felix, client_of):
    shown = page(client_of(felix), reverse("handovers:dossier", args=[handover.pk]))

    assert '<p class="x-watermark" aria-hidden="true">Felix Brandt</p>' in shown
    assert "Opened by Felix Brandt on" in shown


def test_the_record_of_a_handover_prints_its_steps_with_whole_hashes(handover, mara, felix, client_of):
    shown = page(client_of(mara), reverse("handovers:dossier", args=[handover.pk]))

    assert "Print the record" in shown
    assert f'<span class="x-only-print">{handover.package_hash}</span>' in shown
    assert "Print the record" not in page(client_of(felix), reverse("handovers:dossier", args=[handover.pk]))


def test_the_dashboard_lies_on_its_side(relation, lena, client_of):
    shown = page(client_of(lena), reverse("reports:territory"))
    assert re.search(r'<body[^>]* class="[^"]*\bx-landscape\b', shown)


def test_an_extract_of_the_trail_is_for_oversight_and_leaves_its_own_line(
    relation, mara, felix, clara, client_of
):
    path = reverse("compliance:trail_print")
    for person in (mara, felix):
        assert client_of(person).get(path).status_code == 404

    shown = page(client_of(clara), f"{path}?person=Lindqvist")

    assert "Clara Neumann" in shown
    assert "Mara Lindqvist registered" in shown
    digest = re.search(r"SHA-256</dt><dd><code>([0-9a-f]{64})</code>", shown)[1]
    with acting_as(clara):
        entry = AuditEntry.objects.visible_to(clara).get(verb="printed the trail")
    assert entry.facts["sha256"] == digest
    assert entry.facts["rows"] == shown.count('<th scope="row">')


def test_an_extract_asked_for_wrongly_is_the_form_again(clara, client_of):
    assert client_of(clara).get(reverse("compliance:trail_print"), {"since": "yesterday"}).status_code == 400
