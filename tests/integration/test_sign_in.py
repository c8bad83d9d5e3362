"""Signing in: one answer for every wrong try, a pause after five, and a line in the trail for each."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.acting import acting_as, system
from accounts.models import User
from compliance.models import AuditEntry

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/login/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_memory():
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post(SIGN_IN, {"login": email, "password": password}, **extra)


def verbs() -> list[tuple[str, str]]:
    with acting_as(system("look")):
        return [
            (e.verb, e.subject_words)
            for e in AuditEntry.objects.filter(verb__contains="sign").order_by("sequence")
        ]


def test_who_knows_the_password_is_in_and_the_trail_says_so(client, mara):
    response = sign_in(client, "Mara@Example.org ")

    assert (response.status_code, response.url) == (302, "/")
    assert client.get("/profile/").status_code == 200
    with acting_as(system("look")):
        (entry,) = AuditEntry.objects.filter(verb="signed in")
    assert (entry.actor, entry.actor_name, entry.actor_role) == (str(mara.pk), "Mara Lindqvist", "MSL")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, mara):
    wrong = sign_in(client, "mara@example.org", "wrong")
    unknown = sign_in(Client(), "nobody@example.org", "wrong")

    assert (wrong.status_code, unknown.status_code) == (200, 200)
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert wrong.context["form"].non_field_errors() == ["E-mail and password do not match."]
    assert verbs() == [
        ("refused a sign-in to", "Mara Lindqvist"),
        ("refused a sign-in to", "an unknown address"),
    ]


def test_after_five_wrong_passwords_the_clock_says_when_to_try_again(client, mara):
    for _ in range(4):
        assert sign_in(client, "mara@example.org", "wrong").status_code == 200
    fifth = sign_in(client, "mara@example.org", "wrong")

    assert fifth.status_code == 429
    assert re.search(r"Try again at \d\d:\d\d", fifth.text)
    assert sign_in(client, "mara@example.org").status_code == 429


def test_the_owner_elsewhere_and_other_people_here_are_not_locked_out(client, mara, felix):
    for _ in range(5):
        sign_in(client, "mara@example.org", "wrong")

    assert sign_in(Client(), "mara@example.org", REMOTE_ADDR="10.0.0.9").status_code == 302
    assert sign_in(Client(), "felix@example.org").status_code == 302


def test_signing_out_takes_a_press_and_ends_the_session(client, mara):
    sign_in(client, "mara@example.org")
    assert client.get("/account/logout/").status_code == 200
    assert client.get("/profile/").status_code == 200
    client.post("/account/logout/")
    assert client.get("/profile/").status_code == 302
    assert verbs()[-1] == ("signed out", "")


def test_the_link_for_a_new_password_comes_by_mail_and_works_once(client, mara):
    client.post("/account/password/reset/", {"email": "mara@example.org"})
    (message,) = mail.outbox
    assert message.to == ["mara@example.org"]
    link = re.search(r"http://[^/]+(/\S+)", str(message.body)).group(1)

    page = client.get(link, follow=True)
    where = page.request["PATH_INFO"]
    client.post(where, {"password1": "quite another horse", "password2": "quite another horse"})

    assert sign_in(Client(), "mara@example.org").status_code == 200
    assert sign_in(Client(), "mara@example.org", "quite another horse").status_code == 302
    assert Client().get(link, follow=True).context["token_fail"] is True


def test_asking_for_a_link_never_says_whether_there_is_an_account(client, mara):
    known = client.post("/account/password/reset/", {"email": "mara@example.org"})
    unknown = Client().post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [m.to for m in mail.outbox] == [["mara@example.org"]]


def test_another_device_is_signed_out_from_this_one(mara):
    here, there = Client(), Client()
    sign_in(here, "mara@example.org")
    sign_in(there, "mara@example.org")
    assert there.get("/profile/").status_code == 200

    assert here.get("/account/sessions/").text.count("x-row-main") == 2
    here.post("/account/sessions/")

    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200


def test_nobody_signs_up(client, company):
    assert client.get("/account/signup/").status_code in (302, 404)
    client.post("/account/signup/", {"email": "new@example.org", "password1": PASSWORD})
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_closed_account_signs_in_no_more(client, mara):
    with acting_as(system("close")):
        User.objects.filter(pk=mara.pk).update(is_active=False)
    assert sign_in(client, "mara@example.org")["Location"] == "/account/inactive/"
    assert client.get("/profile/").status_code == 302


def test_a_link_to_a_page_is_kept_over_the_sign_in_and_leads_nowhere_else(client, mara):
    asked = client.get("/notices/")
    assert asked["Location"] == "/account/login/?next=/notices/"
    there = client.post(
        asked["Location"], {"login": "mara@example.org", "password": PASSWORD, "next": "/notices/"}
    )
    assert there["Location"] == "/notices/"
    away = Client().post(
        SIGN_IN, {"login": "mara@example.org", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert away["Location"] == "/"
