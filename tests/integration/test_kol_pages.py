"""The list of experts, for Medical with what it knows, for field service with what the directory says."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def test_mara_finds_her_expert_in_the_list(relation, mara, client_of):
    page = client_of(mara).get(reverse("kols:list"))

    assert page.status_code == 200
    text = page.content.decode()
    assert "Prof. Dr. Miriam Keller" in text
    assert "1 of yours, 1 not seen for 90 days" in text
    assert "Novastat" in text
    assert "Mara Lindqvist" in text


def test_her_page_tells_all_that_medical_knows(relation, keller, mara, client_of, statements):
    client = client_of(mara)
    with statements() as asked:
        answer = client.get(reverse("kols:detail", args=[keller.pk]))

    assert answer.status_code == 200
    assert len(asked) <= 12, asked
    text = answer.content.decode()
    for words in ("Who talks about what", "Mara Lindqvist, MSL", "What you may discuss today", "Head of heart failure unit"):
        assert words in text
