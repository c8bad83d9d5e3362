"""What Medical knows of an expert stays there; pages, export, search and API give field service its own."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from accounts.acting import acting_as
from kols.actions import set_science
from tests.integration.kol_words import HEARD, SECRET, bare, rows, text

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def test_unknown_and_hidden_are_the_same_answer(relation, keller, felix, mara, client_of):
    client = client_of(felix)
    hidden = client.get(reverse("kols:detail", args=[keller.pk]))
    unknown = client.get(reverse("kols:detail", args=[uuid.uuid4()]))

    assert hidden.status_code == unknown.status_code == 404
    assert bare(hidden) == bare(unknown)


def test_before_the_handover_felix_has_no_account(visit, science, felix, client_of):
    client = client_of(felix)

    assert "Keller" not in text(client, "kols:list")
    assert "Keller" not in text(client, "search", q="keller")
    assert rows(client)[1:] == []
    assert client.get("/api/kols/").json()["results"] == []


MEDICAL_WORDS = (
    SECRET,
    HEARD,
    "Numbat",
    "Bilby",
    "Tier",
    "Last contact",
    "Mara",
    "3 days ago",
    "Wallaby panel",
)


def test_felix_sees_his_account_and_nothing_that_medical_knows(
    visit, science, handed_over, keller, mara, felix, client_of
):
    hers, his = client_of(mara), client_of(felix)
    pages = [("kols:list", (), {}), ("kols:detail", (keller.pk,), {}), ("search", (), {"q": "keller"})]

    seen = "".join(text(hers, name, *args, **query) for name, args, query in pages)
    assert [word for word in MEDICAL_WORDS if word not in seen] == []
    for name, args, query in pages:
        page = text(his, name, *args, **query)
        assert "Keller" in page
        assert [word for word in MEDICAL_WORDS if word in page] == []
    assert rows(his) == [
        ["Name", "Specialty", "Place", "City", "Product", "Owner"],
        ["Prof. Dr. Miriam Keller", "Cardiology", "Nordstadt University Hospital", "Hamburg",
         "Novastat (Heart failure, DE)", "Felix Brandt"],
    ]  # fmt: skip


def test_medical_filters_do_nothing_for_field_service(visit, science, handed_over, felix, client_of):
    client = client_of(felix)
    plain = [row.kol.pk for row in client.get(reverse("kols:list")).context["page"].rows]

    for query in ({"tier": "2"}, {"since": "30"}, {"view": "unseen"}, {"sort": "contact"}):
        assert [row.kol.pk for row in client.get(reverse("kols:list"), query).context["page"].rows] == plain


def test_what_medical_writes_changes_no_byte_for_felix(handed_over, keller, mara, felix, client_of):
    client = client_of(felix)

    def seen():
        answers = [
            client.get(reverse("kols:list")),
            client.get(reverse("kols:detail", args=[keller.pk])),
            client.get(reverse("search"), {"q": "keller"}),
            client.get("/api/kols/"),
            client.get("/api/ownerships/"),
        ]
        return [bare(answer) for answer in answers]

    before = seen()
    with acting_as(mara):
        set_science(keller, tier=1, rationale=SECRET, interests=["Numbat"], by=mara)
    assert seen() == before


# The wire


def test_the_api_gives_medical_the_tier_and_field_service_no_such_field(
    visit, science, handed_over, mara, felix, client_of
):
    hers = client_of(mara).get("/api/kols/").json()["results"]
    his = client_of(felix).get("/api/kols/").json()["results"]

    assert [(one["family_name"], one["tier"]) for one in hers] == [("Keller", 1)]
    assert set(hers[0]) - set(his[0]) == {"tier", "last_contact_at"}
    assert client_of(felix).get("/api/kols/", {"tier": "1"}).status_code == 400


@pytest.mark.parametrize(
    "query", [{"salary": "1"}, {"tier": "x"}, {"since": "0"}, {"use": "x"}, {"page_size": "9999"}]
)
def test_the_api_refuses_what_it_does_not_understand(relation, mara, client_of, query):
    assert client_of(mara).get("/api/kols/", query).status_code == 400


def test_the_api_tells_who_answers(handed_over, mara, felix, client_of):
    hers = client_of(mara).get("/api/ownerships/", {"current": "true"}).json()["results"]
    his = client_of(felix).get("/api/ownerships/").json()["results"]
    all_hers = client_of(mara).get("/api/ownerships/").json()["results"]

    assert [(one["side"], one["owner_name"]) for one in hers] == [("COMMERCIAL", "Felix Brandt")]
    assert his == hers
    assert len(all_hers) == 2
