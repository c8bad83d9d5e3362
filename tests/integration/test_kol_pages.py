"""The list and the page of an expert, as Medical and oversight see them."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from interactions.models import Attendee, Interaction
from kols.actions import edit_kol, register_kol
from kols.models import KOL
from tests.integration.kol_words import HEARD, SECRET, more_kols, rows, text

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


# The list


def test_mara_finds_her_expert_with_tier_last_contact_product_and_owner(science, visit, mara, client_of):
    page = text(client_of(mara), "kols:list")

    for words in ("Prof. Dr. Miriam Keller", "1 of yours, 0 not seen for 90 days", "3 days ago", "Novastat"):
        assert words in page
    assert "Mara Lindqvist" in page


def test_the_list_asks_as_many_statements_for_three_rows_as_for_one(
    science, visit, mara, germany, novastat_hf, client_of, statements
):
    client = client_of(mara)
    client.get(reverse("kols:list"))
    with statements() as for_one:
        text(client, "kols:list")
    more_kols(mara, germany, novastat_hf, "Albrecht", "Zorn")
    with statements() as for_three:
        page = text(client, "kols:list")

    assert "3 of yours" in page
    assert (len(for_one), len(for_three)) == (9, 9)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"tier": "1"}, ["Keller"]),
        ({"tier": ["1", "2"]}, ["Keller"]),
        ({"tier": "2"}, []),
        ({"region": "DE-HH"}, ["Keller"]),
        ({"region": "DE-BY"}, []),
        ({"since": "30"}, ["Albrecht"]),
        ({"view": "unseen"}, ["Albrecht"]),
        ({"view": "tier1"}, ["Keller"]),
        ({"view": "all"}, ["Albrecht", "Keller"]),
        ({"sort": "contact"}, ["Keller", "Albrecht"]),
        ({"q": "hamburg"}, ["Keller"]),
    ],
)
def test_each_filter_leaves_those_it_names(
    science, visit, mara, germany, novastat_hf, client_of, query, seen
):
    more_kols(mara, germany, novastat_hf, "Albrecht")
    page = text(client_of(mara), "kols:list", **query)

    places = sorted(
        (page.index(f"{name}</a>"), name) for name in ("Keller", "Albrecht") if f"{name}</a>" in page
    )
    assert [name for _, name in places] == seen


@pytest.mark.parametrize("view", ["mine", "team", "unseen", "tier1", "all"])
def test_every_view_opens_for_every_reader_of_it(
    relation, mara, lena, clara, switzerland, company, client_of, view
):
    with acting_as(system("set the stage")):
        company.mara.posts.all().delete()
        company.lena.posts.all().delete()
    for person in (mara, lena, clara):
        assert client_of(person).get(reverse("kols:list"), {"view": view}).status_code == 200


def test_the_use_filter_knows_who_is_spoken_with_about_it(relation, novastat_hf, mara, client_of):
    client = client_of(mara)

    assert "Keller" in text(client, "kols:list", use=str(novastat_hf.pk))
    assert "Keller</a>" not in text(client, "kols:list", use=str(uuid.uuid4()))


@pytest.mark.parametrize("sort", ["name", "contact"])
def test_pages_follow_one_another_without_gap_or_double(
    relation, visit, mara, germany, client_of, monkeypatch, sort
):
    monkeypatch.setattr("kols.listing.by_name.__defaults__", (2,))
    monkeypatch.setattr("kols.listing.by_contact.__defaults__", (2,))
    with acting_as(mara):
        for name in ("Ost", "Nord", "Nord", "West", "Süd"):
            register_kol(by=mara, family_name=name, main_market=germany)
    client, query, seen = client_of(mara), {"view": "all", "sort": sort}, []
    for _ in range(3):
        page = client.get(reverse("kols:list"), query).context["page"]
        seen += [row.kol.pk for row in page.rows]
        query["cursor"] = page.next
    assert page.next == ""
    assert len(seen) == len(set(seen)) == 6
    if sort == "name":
        back = client.get(reverse("kols:list"), {**query, "cursor": page.previous}).context["page"]
        assert [row.kol.pk for row in back.rows] == seen[2:4]


HOSTILE = [
    {"q": "\x00"}, {"q": "x" * 5000}, {"q": "%_\\'\"--"}, {"q": "\u202eevil 😀"}, {"q": "ab " * 400},
    {"sort": "salary"}, {"view": "everything"}, {"tier": "9"}, {"tier": "1'"}, {"since": "-1"},
    {"since": "9" * 40},
    {"use": "not-a-uuid"}, {"region": "DE-\x00"}, {"region": "' OR 1"}, {"cursor": "zzz"}, {"cursor": "W10"},
    {"cursor": "WyJhXHUwMDAwIiwiYiIsZmFsc2Vd"}, {"cursor": "9" * 4000}, {"before": "x", "show": "nothing"},
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_string_breaks_a_page(relation, keller, mara, felix, client_of, query):
    for person in (mara, felix):
        client = client_of(person)
        for address in (reverse("kols:list"), reverse("search"), reverse("kols:detail", args=[keller.pk])):
            assert client.get(address, query).status_code in (200, 404)
        assert client.get(reverse("kols:export"), query).status_code == 200


def test_the_nearest_names_are_shown_with_all_that_is_known_of_them(science, visit, mara, client_of):
    page = client_of(mara).get(reverse("kols:list"), {"q": "Kelelr"}).context["page"]

    assert (page.similar, [(row.kol.family_name, row.tier, row.recency) for row in page.rows]) == (
        True,
        [("Keller", 1, 5)],
    )


def test_an_unknown_view_is_named_and_the_usual_one_shown(relation, mara, client_of):
    page = text(client_of(mara), "kols:list", view="everything")

    assert "That view is not known" in page
    assert "Keller" in page


NAMES = [
    "Müller-Lüdenscheidt", "Ångström", "O'Brien", "X" * 120, "عبد الله", "陳", "Δημήτρης",
    "<b>bold</b>", "😀 Smile",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_shown_as_it_is_spelt(company, mara, germany, novastat_hf, client_of, name):
    kol = more_kols(mara, germany, novastat_hf, name)[0]
    client = client_of(mara)

    for page in (
        text(client, "kols:list"),
        text(client, "kols:detail", kol.pk),
        text(client, "search", q=name[:20]),
    ):
        assert escape(name) in page
    assert rows(client)[1][0] == name


# The export


def test_the_export_holds_the_rows_of_the_screen_and_no_formula(
    relation, science, visit, mara, germany, novastat_hf, client_of
):
    more_kols(mara, germany, novastat_hf, "=HYPERLINK(1)")
    client = client_of(mara)

    heading, first, second = rows(client)
    assert heading == ["Name", "Specialty", "Place", "City", "Product", "Owner", "Tier", "Last contact"]
    assert first[0] == "'=HYPERLINK(1)"
    assert second[:2] == ["Prof. Dr. Miriam Keller", "Cardiology"]
    assert second[6] == "1"
    assert [row[0] for row in rows(client, tier="1")[1:]] == ["Prof. Dr. Miriam Keller"]


def test_who_took_the_list_along_is_in_the_trail(relation, mara, clara, client_of):
    rows(client_of(mara), q="keller")
    with acting_as(clara):
        entry = AuditEntry.objects.visible_to(clara).get(verb="exported the list of experts")
    told = {name: entry.facts[name] for name in ("rows", "asked", "format")}
    assert (entry.actor_name, told) == (
        "Mara Lindqvist", {"rows": 1, "asked": {"view": "mine", "q": "keller"}, "format": "csv"},
    )  # fmt: skip


def test_oversight_reads_the_list_but_takes_none_along(relation, clara, client_of):
    client = client_of(clara)

    assert "Keller" in text(client, "kols:list")
    assert client.get(reverse("kols:export")).status_code == 409


# The page


def test_her_page_tells_all_that_medical_knows(science, visit, keller, mara, client_of, statements):
    client = client_of(mara)
    client.get(reverse("kols:detail", args=[keller.pk]))
    with statements() as asked:
        page = text(client, "kols:detail", keller.pk)

    assert len(asked) <= 11, asked
    for words in (
        "Who talks about what", "Mara Lindqvist, MSL", "What you may discuss today",
        "Head of heart failure unit",
        SECRET, HEARD, "Numbat phenotypes", "Bilby teaching", "Visit, in person", "Novastat, asked", "Tier 1",
        "Nordstadt University Hospital",
    ):  # fmt: skip
        assert words in page


def test_the_band_goes_from_medical_over_the_handover_to_field_service(handed_over, keller, mara, client_of):
    row = client_of(mara).get(reverse("kols:detail", args=[keller.pk])).context["band"]["rows"][0]

    assert [segment.kind for segment in row.segments] == ["msl", "handover", "field"]
    assert row.segments[-1].text == "Felix Brandt, field service"
    assert [mark.expected for mark in row.marks] == [False]


def test_the_hatch_runs_until_the_handover_is_effective(
    relation, novastat_hf, authorise, keller, mara, client_of
):
    authorise(novastat_hf)
    row = client_of(mara).get(reverse("kols:detail", args=[keller.pk])).context["band"]["rows"][0]

    assert [(segment.kind, segment.end is None) for segment in row.segments] == [
        ("msl", False),
        ("handover", True),
    ]


def test_older_contacts_come_page_by_page(visit, keller, mara, germany, client_of):
    with acting_as(mara):
        for day in range(1, 31):
            at = now() - timedelta(days=3 + day)
            one = Interaction.objects.create(
                author=mara, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
                channel="PHONE", status="DRAFT", market=germany, starts_at=at, ends_at=at,
                zone="Europe/Berlin", note=f"Call {day}.", side_effect=False, recorded_at=at, updated_at=at,
            )  # fmt: skip
            Attendee.objects.create(interaction=one, kol=keller)
    client = client_of(mara)
    first = client.get(reverse("kols:detail", args=[keller.pk]), {"show": "visits"})
    second = client.get(
        reverse("kols:detail", args=[keller.pk]),
        {"show": "visits", "before": first.context["timeline"].older},
    )

    notes = [
        item["text"]
        for answer in (first, second)
        for month in answer.context["timeline"].months
        for item in month["items"]
    ]
    assert notes == [HEARD, *[f"Call {day}." for day in range(1, 31)]]
    assert second.context["timeline"].older == ""


def test_a_colleague_without_a_relation_sees_the_directory_and_no_note(visit, keller, moritz, client_of):
    page = text(client_of(moritz), "kols:detail", keller.pk)

    assert "Prof. Dr. Miriam Keller" in page
    assert HEARD not in page


def test_reading_by_oversight_is_itself_on_record(visit, keller, clara, client_of):
    assert HEARD in text(client_of(clara), "kols:detail", keller.pk)
    with acting_as(clara):
        assert AuditEntry.objects.visible_to(clara).filter(verb="read", subject_id=keller.pk).count() == 1


def test_an_archived_entry_is_read_only_and_a_double_leads_to_the_other(
    relation, keller, mara, germany, client_of
):
    with acting_as(mara):
        other = register_kol(by=mara, family_name="Kellner", main_market=germany)
        edit_kol(other, by=mara, status="ARCHIVED")
    client = client_of(mara)

    assert "This entry is archived" in text(client, "kols:detail", other.pk)
    assert client.get(reverse("kols:edit", args=[other.pk])).status_code == 404
    with acting_as(system("merge")):
        KOL.objects.filter(pk=other.pk).update(status="MERGED", merged_into=keller)
    assert client.get(reverse("kols:detail", args=[other.pk])).headers["Location"] == reverse(
        "kols:detail", args=[keller.pk]
    )


def test_a_product_that_is_spelt_like_that_stands_before_people_who_are_not(
    novastat_hf, mara, germany, client_of
):
    more_kols(mara, germany, novastat_hf, "Novastad")

    page = text(client_of(mara), "search", q="Novastat")

    assert page.index("Products</h") < page.index("The nearest names")


def test_an_expert_who_is_spelt_like_that_stands_before_products(keller, novastat_hf, mara, client_of):
    page = text(client_of(mara), "search", q="Keller")

    assert "The nearest names" not in page
