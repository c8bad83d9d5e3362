"""Two people correct the same expert at one time: nothing is overwritten that its author has not seen."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.acting import acting_as
from kols.actions import edit_kol
from kols.models import KOL, ScientificProfile

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]


@pytest.fixture
def page(client_of, mara, keller):
    """The form as Mara sees it: its address, and what she would send if she changed nothing."""
    address = reverse("kols:edit", args=[keller.pk])
    return address, fields(client_of(mara).get(address).content.decode())


def fields(html: str) -> dict[str, object]:
    """What a browser would send for the form of a page as it stands."""
    found: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", html):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if told.get("type") in ("checkbox", "radio") and "checked" not in tag:
            continue
        if name := re.search(r' name="([^"]+)"', tag):
            value = unescape(told.get("value", "on" if told.get("type") == "checkbox" else ""))
            found.setdefault(name[1], []).append(value)  # type: ignore[attr-defined]
    for name, inner in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', html, re.DOTALL):
        found[name] = unescape(inner).removeprefix("\n")
    for name, inner in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = unescape(chosen[1]) if chosen else ""
    return {name: value for name, value in found.items() if name not in ("csrfmiddlewaretoken", "q")}


def meanwhile(keller, lena, **changes):
    with acting_as(lena):
        edit_kol(keller, by=lena, **changes)


def test_what_each_changed_apart_is_put_together(page, keller, mara, lena, client_of):
    address, sent = page
    meanwhile(keller, lena, phone="+49 40 1111", languages=["de", "en"])

    answer = client_of(mara).post(address, sent | {"specialty": "Nephrology"})

    assert answer.status_code == 302
    saved = KOL.objects.get(pk=keller.pk)
    assert (saved.specialty, saved.phone, saved.languages) == ("Nephrology", "+49 40 1111", ["de", "en"])


@pytest.mark.parametrize(("choice", "phone"), [("mine", "+49 40 2222"), ("theirs", "+49 40 1111")])
def test_what_both_changed_is_asked_about_and_the_answer_holds(
    page, keller, mara, lena, client_of, choice, phone
):
    address, sent = page
    meanwhile(keller, lena, phone="+49 40 1111", preferred_times="Tuesdays")

    answer = client_of(mara).post(address, sent | {"phone": "+49 40 2222", "specialty": "Nephrology"})

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "+49 40 1111" in html
    assert "+49 40 2222" in html
    assert KOL.objects.get(pk=keller.pk).phone == "+49 40 1111"
    again = client_of(mara).post(address, fields(html) | {"keep-phone": choice})
    assert again.status_code == 302
    saved = KOL.objects.get(pk=keller.pk)
    assert (saved.phone, saved.specialty, saved.preferred_times) == (phone, "Nephrology", "Tuesdays")


def test_who_was_faster_twice_is_asked_about_twice(page, keller, mara, lena, client_of):
    address, sent = page
    meanwhile(keller, lena, phone="+49 40 1111")
    html = client_of(mara).post(address, sent | {"phone": "+49 40 2222"}).content.decode()
    meanwhile(keller, lena, phone="+49 40 3333")

    answer = client_of(mara).post(address, fields(html) | {"keep-phone": "mine"})

    assert answer.status_code == 409
    assert "+49 40 3333" in answer.content.decode()


def test_the_scientific_view_is_merged_line_by_field_as_well(science, keller, mara, lena, client_of):
    address = reverse("kols:science", args=[keller.pk])
    sent = fields(client_of(mara).get(address).content.decode())
    with acting_as(mara):
        ScientificProfile.objects.filter(kol=keller).update(goals="Ask her about the registry.")

    answer = client_of(mara).post(address, sent | {"goals": "Something else.", "interests": "Quokka\nNumbat"})

    assert answer.status_code == 409
    assert "Ask her about the registry." in answer.content.decode()


def test_the_same_correction_by_two_is_no_clash_and_broken_words_compare_nothing(
    page, keller, mara, lena, client_of
):
    address, sent = page
    meanwhile(keller, lena, phone="+49 40 1111")

    assert client_of(mara).post(address, sent | {"phone": "+49 40 1111"}).status_code == 302
    assert client_of(mara).post(address, sent | {"as-shown": "{", "phone": "+49 40 4"}).status_code == 302
