"""Committees on which an expert sits, and how often Medical plans to see her."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from kols.actions import take_seat
from kols.models import Committee, Seat, VisitGoal

pytestmark = pytest.mark.django_db


def page(browser, name, kol):
    return browser.get(reverse(f"kols:{name}", args=[kol.pk])).content.decode()


def test_mara_notes_a_committee_and_that_keller_has_left_it(relation, keller, mara, client_of):
    browser = client_of(mara)
    browser.post(
        reverse("kols:seats", args=[keller.pk]),
        {
            "name": "Guideline group heart failure",
            "kind": "Guideline",
            "role": "Chair",
            "since": "2024-03-01",
        },
    )

    shown = page(browser, "detail", keller)
    assert "Guideline group heart failure" in shown
    assert "Chair, since 2024" in shown

    with acting_as(mara):
        seat = Seat.objects.get(kol=keller)
    browser.post(reverse("kols:seat_end", args=[seat.pk]))
    with acting_as(mara):
        ended = Seat.objects.get(kol=keller).during
        assert ended.upper is not None
        assert ended.lower.date().isoformat() == "2024-02-29", "midnight in Berlin"
    browser.post(reverse("kols:seat_end", args=[seat.pk]))
    with acting_as(mara):
        assert Seat.objects.get(kol=keller).during == ended


def test_the_same_body_is_found_again_whatever_its_capitals(keller, mara):
    with acting_as(mara):
        first = take_seat(keller, name="Formulary  board", by=mara)
        assert take_seat(keller, name="formulary board", by=mara) == first
        assert Committee.objects.get().name == "Formulary board"


@pytest.mark.parametrize("person", ["felix", "frieda", "petra", "clara", "rita"])
def test_nobody_outside_of_medical_writes_seats_or_goals(request, person, keller, mara, client_of):
    with acting_as(mara):
        seat = take_seat(keller, name="Formulary board", by=mara)
    browser = client_of(request.getfixturevalue(person))

    assert browser.post(reverse("kols:seats", args=[keller.pk]), {"name": "X"}).status_code == 404
    assert browser.post(reverse("kols:seat_end", args=[seat.pk])).status_code == 404
    assert browser.post(reverse("kols:goal", args=[keller.pk]), {"visits": "3"}).status_code == 404
    with acting_as(system("look")):
        assert Seat.objects.get().during.upper is None
        assert VisitGoal.objects.count() == 0


def test_the_goal_of_the_year_stands_on_the_profile_and_the_last_word_counts(
    relation, keller, mara, germany, client_of
):
    browser = client_of(mara)
    with acting_as(mara):
        year = now().year
    for visits in ("4", "6"):
        browser.post(
            reverse("kols:goal", args=[keller.pk]), {"market": germany.pk, "year": year, "visits": visits}
        )

    assert "0 of 6 visits" in page(browser, "detail", keller)
    with acting_as(mara):
        assert VisitGoal.objects.get().visits == 6


@pytest.mark.parametrize("wrong", [{"visits": "-1"}, {"visits": "x"}, {"year": "1999"}, {"market": "none"}])
def test_a_goal_that_cannot_be_is_told_and_nothing_is_stored(
    relation, keller, mara, germany, client_of, wrong
):
    with acting_as(mara):
        year = now().year
    answer = client_of(mara).post(
        reverse("kols:goal", args=[keller.pk]), {"market": germany.pk, "year": year, "visits": "4", **wrong}
    )

    assert answer.status_code == 200
    assert "Error:" in answer.content.decode()
    with acting_as(mara):
        assert VisitGoal.objects.count() == 0
