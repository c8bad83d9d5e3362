"""One sheet before a visit, and whom an expert works with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse

from accounts.acting import acting_as, now, system
from interactions.actions import add_follow_up
from interactions.models import Attendee
from kols.models import KOL, Committee, Seat, StudyRole
from kols.network import neighbours_of
from tests.integration.kol_words import HEARD, more_kols, text

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


def test_the_brief_says_who_what_was_said_what_is_open_and_what_may_be_discussed(
    science, visit, keller, mara, germany, client_of
):
    with acting_as(mara):
        due = germany.local_day(now()) + timedelta(days=2)
        add_follow_up(by=mara, what="Send the poster", due_on=due, market=germany, promised=True, kol=keller)

    page = text(client_of(mara), "kols:brief", keller.pk)

    for words in (
        "Prof. Dr. Miriam Keller", "Tier 1", HEARD, "Send the poster", "Novastat", "The doctor asked, unprompted",
        "Nordstadt University Hospital", "Numbat phenotypes", "Read by Mara Lindqvist on",
    ):  # fmt: skip
        assert words in page


def test_the_brief_and_the_network_are_medicals(
    science, visit, keller, felix, frieda, petra, clara, client_of
):
    for someone in (felix, frieda, petra):
        for name in ("brief", "network"):
            assert client_of(someone).get(reverse(f"kols:{name}", args=[keller.pk])).status_code == 404
    assert client_of(clara).get(reverse("kols:brief", args=[keller.pk])).status_code == 404
    assert client_of(clara).get(reverse("kols:network", args=[keller.pk])).status_code == 200


@pytest.fixture
def ties(science, visit, keller, hospital, mara, germany, novastat_hf):
    """Brandt in the same trial, Caduff on the same panel, Dahl met twice, Egli in the same house; Fink with no tie."""
    more_kols(mara, germany, novastat_hf, "Brandt", "Caduff", "Dahl", "Egli", "Fink")
    with acting_as(system("set the stage")):
        kols = {kol.family_name: kol for kol in KOL.objects.all()}
        ever = DateTimeTZRange(now() - timedelta(days=9), None)
        for name in ("Keller", "Brandt"):
            StudyRole.objects.create(kol=kols[name], use=novastat_hf, trial="QUOKKA-1", during=ever)
        Seat.objects.create(committee=Committee.objects.get(), kol=kols["Caduff"], during=ever)
        KOL.objects.filter(pk=kols["Egli"].pk).update(main_institution=hospital, specialty=keller.specialty)
    with acting_as(mara):
        Attendee.objects.create(interaction=visit, kol=kols["Dahl"])
        Attendee.objects.create(interaction=visit, name="Sam Okafor")
    return kols


def test_the_nearest_share_a_trial_then_a_panel_then_meetings_then_the_house(ties, keller, mara, statements):
    with acting_as(mara), statements() as asked:
        near = neighbours_of(keller, mara)

    assert [(one.name, one.note) for one in near] == [
        ("Brandt", "QUOKKA-1"),
        ("Caduff", "Wallaby panel"),
        ("Dahl", "met together once"),
        ("Sam Okafor", "met together once"),
        ("Egli", "same house"),
    ]
    assert [one.name for one in near if one.pk is None] == ["Sam Okafor"]
    assert len(asked) == 1


def test_the_profile_draws_the_network_and_lists_it_in_words(ties, keller, mara, client_of):
    client = client_of(mara)

    profile = text(client, "kols:detail", keller.pk)
    whole = text(client, "kols:network", keller.pk)

    assert "x-net" in profile
    assert reverse("kols:network", args=[keller.pk]) in profile
    for words in ("Brandt", "QUOKKA-1", "Egli", "same house", "not in the list"):
        assert words in whole
    assert "Fink" not in whole


def test_a_trial_behind_the_wall_ties_nobody_for_a_reader_who_may_not_know_it(ties, keller, moritz, felix):
    with acting_as(moritz):
        # A colleague who answers to nobody here sees no meeting of Mara's, but trials are Medical's.
        assert {one.name for one in neighbours_of(keller, moritz)} == {"Brandt", "Caduff", "Egli"}
    with acting_as(felix):
        assert neighbours_of(keller, felix) == []
