"""What Medical writes about an expert, and who may: the directory, science, numbers, who answers."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from kols.actions import register_kol
from kols.models import KOL, Ownership, ScientificProfile

pytestmark = pytest.mark.django_db


def owner_of(relation):
    with acting_as(system("look")):
        return Ownership.objects.current(now()).get(relation=relation).owner.given_name


def post(client, name, *args, **data):
    return client.post(reverse(name, args=args), data)


def new(client, germany, **data):
    return post(client, "kols:new", **{"licence": "UNKNOWN", "main_market": germany.pk, **data})


def test_a_name_and_a_place_make_an_expert(company, mara, germany, hospital, client_of):
    answer = new(
        client_of(mara), germany, family_name="Ångström", given_name="Anders",
        institution="nordstadt university hospital", city="Hamburg",
    )  # fmt: skip

    with acting_as(mara):
        kol = KOL.objects.visible_to(mara).get(family_name="Ångström")
        assert answer.headers["Location"] == reverse("kols:detail", args=[kol.pk])
        assert (kol.main_institution, kol.affiliations.get().main) == (hospital, True)
        assert [practice.market for practice in kol.practices.all()] == [germany]


def test_whoever_looks_the_same_is_shown_before_a_double_is_made(keller, mara, germany, client_of):
    client = client_of(mara)
    asked = new(client, germany, family_name="Keller", given_name="Miriam")

    assert "Same person?" in asked.content.decode()
    with acting_as(mara):
        assert KOL.objects.visible_to(mara).count() == 1
    new(client, germany, family_name="Keller", given_name="Miriam", somebody_else="on")
    with acting_as(mara):
        assert KOL.objects.visible_to(mara).count() == 2


@pytest.mark.parametrize(
    "name",
    ["kols:edit", "kols:science", "kols:affiliations", "kols:identifiers", "kols:markets", "kols:relations"],
)
def test_only_medical_reaches_the_forms(keller, mara, felix, frieda, clara, petra, client_of, name):
    address = reverse(name, args=[keller.pk])

    assert client_of(mara).get(address).status_code == 200
    for person in (felix, frieda, clara, petra):
        assert client_of(person).get(address).status_code == 404
        assert client_of(person).post(address).status_code == 404


def test_a_correction_is_kept_with_what_it_said_before(keller, mara, client_of):
    client = client_of(mara)
    post(
        client, "kols:edit", keller.pk, family_name="Keller-Ott", given_name="Miriam", licence="VERIFIED",
        languages=["de", "en"],
    )  # fmt: skip

    with acting_as(system("look")):
        kol = KOL.objects.get(pk=keller.pk)
        entry = AuditEntry.objects.get(verb="edited", subject_id=keller.pk)
    assert (kol.name, kol.languages, kol.licence) == ("Miriam Keller-Ott", ["de", "en"], "VERIFIED")
    assert set(entry.facts["fields"]) == {"title", "family_name", "specialty", "languages", "licence"}


def test_a_tier_needs_its_reason_in_words(keller, mara, client_of):
    client = client_of(mara)
    refused = post(client, "kols:science", keller.pk, tier="1", rationale=" ")

    assert "Error:" in refused.content.decode()
    post(
        client,
        "kols:science",
        keller.pk,
        tier="1",
        rationale="Chairs the guideline group",
        interests="eGFR\n\nTeaching\n",
    )
    with acting_as(mara):
        science = ScientificProfile.objects.visible_to(mara).get(kol=keller)
    assert (science.tier, science.interests, science.updated_by) == (1, ["eGFR", "Teaching"], mara)


@pytest.mark.parametrize("field", ["prescriptions", "sales", "potential", "market_share", "sentiment"])
def test_there_is_no_place_for_prescribing_or_sales(field):
    columns = {column.name for model in (KOL, ScientificProfile) for column in model._meta.get_fields()}

    assert not [name for name in columns if field in name]


@pytest.mark.parametrize(
    ("scheme", "typed", "kept"),
    [
        ("NPI", "1234567893", "1234567893"),
        ("NPI", "1234567890", None),
        ("NPI", "12345", None),
        ("ORCID", "0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("ORCID", "https://orcid.org/0000-0001-5109-3700", "0000-0001-5109-3700"),
        ("ORCID", "0000000218250097", "0000-0002-1825-0097"),
        ("ORCID", "0000-0002-1694-233x", "0000-0002-1694-233X"),
        ("ORCID", "0000-0002-1825-0098", None),
        ("LANR", "123 456 789", "123456789"),
        ("LANR", "12", None),
        ("OTHER", "a\x00b", None),
        ("OTHER", "ABC 1", "ABC 1"),
    ],
)
def test_a_number_is_checked_as_its_register_does(keller, mara, client_of, scheme, typed, kept):
    post(client_of(mara), "kols:identifiers", keller.pk, scheme=scheme, value=typed)

    with acting_as(mara):
        assert [number.value for number in keller.identifiers.all()] == ([kept] if kept else [])


def test_one_number_names_one_expert(keller, mara, germany, client_of):
    with acting_as(mara):
        other = register_kol(
            by=mara, family_name="Ott", main_market=germany, identifiers=[("NPI", "1234567893")]
        )
    answer = post(client_of(mara), "kols:identifiers", keller.pk, scheme="NPI", value="1234567893")

    assert "already names an expert" in answer.content.decode()
    with acting_as(mara):
        assert (keller.identifiers.count(), other.identifiers.count()) == (0, 1)


def test_a_new_main_place_takes_the_place_of_the_old_one(keller, mara, client_of):
    post(
        client_of(mara),
        "kols:affiliations",
        keller.pk,
        institution="Charité",
        city="Berlin",
        since="2026-01-01",
        main="on",
    )

    with acting_as(mara):
        kol = KOL.objects.visible_to(mara).get(pk=keller.pk)
        assert kol.place == "Charité, Berlin"
        assert [(a.institution.name, a.main) for a in kol.affiliations.all()] == [
            ("Charité", True), ("Nordstadt University Hospital", False),
        ]  # fmt: skip


def test_markets_of_others_stay(keller, mara, germany, switzerland, client_of):
    with acting_as(system("set the stage")):
        keller.practices.create(market=switzerland)
    post(client_of(mara), "kols:markets", keller.pk, main=germany.pk, markets=[])

    with acting_as(mara):
        assert {practice.market.code for practice in keller.practices.all()} == {"DE", "CH"}


def status_of(kol):
    with acting_as(system("look")):
        return KOL.objects.get(pk=kol.pk).status


def test_an_entry_is_confirmed_archived_and_taken_up_again(keller, mara, client_of):
    client = client_of(mara)
    for status in ("ARCHIVED", "ACTIVE"):
        post(client, "kols:status", keller.pk, status=status)
        assert status_of(keller) == status
    post(client, "kols:status", keller.pk, status="MERGED")
    client.get(reverse("kols:status", args=[keller.pk]))
    assert status_of(keller) == "ACTIVE"


def test_an_expert_somebody_answers_for_is_not_archived(relation, keller, mara, client_of):
    post(client_of(mara), "kols:status", keller.pk, status="ARCHIVED")

    assert status_of(keller) == "ACTIVE"


# Who answers


def test_an_msl_takes_over_for_herself(keller, novastat_hf, moritz, client_of):
    post(client_of(moritz), "kols:relations", keller.pk, use=novastat_hf.pk)

    with acting_as(moritz):
        assert Ownership.objects.visible_to(moritz).get().owner == moritz


def test_an_msl_cannot_name_somebody_else(keller, novastat_hf, moritz, mara, client_of):
    post(client_of(moritz), "kols:relations", keller.pk, use=novastat_hf.pk, owner=mara.pk)

    with acting_as(moritz):
        assert Ownership.objects.visible_to(moritz).get().owner == moritz


def test_the_lead_gives_and_passes_on_within_medical(
    keller, novastat_hf, lena, mara, moritz, felix, client_of
):
    client = client_of(lena)
    post(client, "kols:relations", keller.pk, use=novastat_hf.pk, owner=mara.pk)
    with acting_as(lena):
        relation = keller.relations.get()
    assert owner_of(relation) == "Mara"

    post(client, "kols:owner", relation.pk, owner=moritz.pk)
    assert owner_of(relation) == "Moritz"
    post(client, "kols:owner", relation.pk, owner=felix.pk)
    assert owner_of(relation) == "Moritz"


def test_a_use_that_somebody_answers_for_is_not_offered(relation, keller, novastat_hf, moritz, client_of):
    answer = post(client_of(moritz), "kols:relations", keller.pk, use=novastat_hf.pk)

    assert "Error:" in answer.content.decode()
    assert owner_of(relation) == "Mara"


def test_an_msl_ends_her_own_and_no_colleagues_relation(relation, mara, moritz, felix, client_of):
    for person in (moritz, felix):
        assert post(client_of(person), "kols:end", relation.pk).status_code == 404
    assert post(client_of(mara), "kols:end", relation.pk).status_code == 302
    with acting_as(mara):
        relation.refresh_from_db()
        assert relation.during.upper is not None


def test_an_ended_relation_stays_on_the_band(relation, keller, mara, client_of):
    client = client_of(mara)
    post(client, "kols:end", relation.pk)
    page = client.get(reverse("kols:detail", args=[keller.pk]))

    assert [segment.end is None for segment in page.context["band"]["rows"][0].segments] == [False]
    assert page.context["may_discuss"] == []


def test_regulatory_finds_no_relation(relation, rita, client_of):
    assert client_of(rita).get(reverse("kols:owner", args=[relation.pk])).status_code == 404
