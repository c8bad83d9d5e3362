"""The second factor: enrolled on a page, asked at the door, required by role, lost and taken away by two people."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import actions
from accounts.acting import acting_as, now, system
from accounts.factor_actions import ask_factor_reset, decide_factor_reset, set_factor_rules
from accounts.models import FactorReset, FactorRule, Notice, User
from compliance.models import AuditEntry
from compliance.policy import Refused
from tests.integration.factor_stage import PASSWORD, code_of, enrol, require, sign_in

pytestmark = pytest.mark.django_db
HERE = "/account/mfa/"


@pytest.fixture(autouse=True)
def _no_memory():
    cache.clear()


def trail(*verbs: str) -> list[tuple[str, str]]:
    with acting_as(system("look")):
        rows = AuditEntry.objects.filter(verb__in=verbs).order_by("sequence")
        return [(row.verb, row.facts.get("factor", "")) for row in rows]


def is_in(browser: Client) -> bool:
    return browser.get("/profile/").status_code == 200


def test_an_app_is_set_up_on_pages_without_a_script_and_asked_for_from_then_on(mara):
    browser, elsewhere = Client(), Client()
    sign_in(elsewhere, mara)
    sign_in(browser, mara)
    asked = browser.get(f"{HERE}totp/activate/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    browser.post(asked["Location"], {"password": PASSWORD})
    page = browser.get(f"{HERE}totp/activate/").text
    assert "data:image/svg+xml;base64," in page
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page).group(1)
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    at = int(now_().timestamp()) // 30
    wrong = browser.post(f"{HERE}totp/activate/", {"code": "000000"})
    assert wrong.status_code == 200
    done = browser.post(f"{HERE}totp/activate/", {"code": format_hotp_value(hotp_value(secret, at))})
    assert done["Location"] == f"{HERE}recovery-codes/"
    shown = re.findall(r"<code>(\d{4}) (\d{4})</code>", browser.get(done["Location"]).text)
    assert len(shown) == 10
    assert re.findall(r"<code>\d", browser.get(done["Location"]).text) == []

    assert is_in(browser)
    assert not is_in(elsewhere)
    assert sign_in(elsewhere, mara)["Location"] == f"{HERE}authenticate/"
    assert not is_in(elsewhere)
    assert elsewhere.post(f"{HERE}authenticate/", {"code": "000000"}).status_code == 200
    assert elsewhere.post(f"{HERE}authenticate/", {"code": "".join(shown[0])}).status_code == 302
    assert is_in(elsewhere)
    assert trail("added to the sign-in", "took a recovery code from") == [
        ("added to the sign-in", "an app for codes"),
        ("added to the sign-in", "recovery codes"),
        ("took a recovery code from", ""),
    ]
    with acting_as(mara):
        kinds = Notice.objects.filter(person=mara).values_list("kind", flat=True)
        assert {"factor_added", "recovery_code_used"} <= set(kinds)


def now_():
    with acting_as(system("look")) as acting:
        return acting.now


def test_a_code_signs_in_once_and_wrong_ones_lock_the_account_for_right_ones_too(mara):
    factor = enrol(mara)
    code = code_of(factor)
    assert sign_in(Client(), mara, code).status_code == 302
    again = Client()
    assert sign_in(again, mara, code).status_code == 200
    for _ in range(3):
        again.post(f"{HERE}authenticate/", {"code": "123456"})
    assert again.post(f"{HERE}authenticate/", {"code": "123456"}).status_code == 429
    assert again.post(f"{HERE}authenticate/", {"code": code_of(factor, steps=1)}).status_code == 429
    assert not is_in(again)
    assert trail("refused a sign-in to") == [("refused a sign-in to", "code")] * 5


def test_factors_are_changed_only_by_who_proves_both(mara):
    factor = enrol(mara)
    browser = Client()
    sign_in(browser, mara, code_of(factor))
    asked = browser.get(f"{HERE}totp/deactivate/")["Location"]
    assert browser.post(asked, {"password": PASSWORD}).status_code == 200
    assert browser.post(asked, {"password": PASSWORD, "code": code_of(factor)}).status_code == 200
    assert browser.get(f"{HERE}totp/deactivate/").status_code == 302
    browser.post(asked, {"password": PASSWORD, "code": code_of(factor, steps=1)})
    browser.post(f"{HERE}totp/deactivate/")
    assert not Authenticator.objects.filter(user=mara).exists()
    assert trail("removed from the sign-in") == [("removed from the sign-in", "an app for codes")]


def test_a_role_that_needs_a_factor_gets_past_the_page_by_no_door(mara, felix, anton, client_of, germany):
    from accounts.models import ApiToken
    from calendars.models import Feed

    with acting_as(mara):
        _token, secret = ApiToken.issue(mara, "script", now())
        _feed, feed = Feed.objects.create(
            user=mara, appointment=mara.appointments.get(), name="x", layers=["visit"], digest=Feed.hash("s"),
            created_at=now(),
        ), "s"  # fmt: skip
    browser = client_of(mara)
    key = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert Client().get("/api/kols/", **key).status_code == 200
    assert Client().get(f"/calendar/feed/{feed}.ics").status_code == 200
    require("MSL", by=anton)

    for path in (
        "/",
        "/kols/",
        "/device/",
        "/device/key/",
        "/device/data/",
        "/interactions/new/",
        "/api/kols/",
        "/profile/",
    ):
        answer = browser.get(path)
        assert (path, answer.status_code, answer.get("Location")) == (path, 302, HERE)
    assert browser.post("/device/visits/", {}, content_type="application/json").get("Location") == HERE
    fragment = browser.get("/kols/", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, HERE)
    assert Client().get("/api/kols/", **key).status_code == 401
    assert Client().get(f"/calendar/feed/{feed}.ics").status_code == 404
    assert "Your role needs a second factor." in browser.get(HERE).text
    assert client_of(felix).get("/kols/").status_code == 200

    enrol(mara)
    assert browser.get("/kols/").status_code == 200
    assert Client().get("/api/kols/", **key).status_code == 200
    assert Client().get(f"/calendar/feed/{feed}.ics").status_code == 200


def test_administrators_say_which_roles_need_one_and_the_trail_keeps_it(anton, clara, client_of):
    browser = client_of(anton)
    assert "Second factor" in browser.get("/organisation/").text
    browser.post("/organisation/sign-in/", {"roles": ["COMPLIANCE", "REGULATORY"]})
    assert set(FactorRule.objects.values_list("role", flat=True)) == {"COMPLIANCE", "REGULATORY"}
    assert client_of(clara).get("/compliance/trail/")["Location"] == HERE
    browser.post("/organisation/sign-in/", {"roles": ["REGULATORY"]})
    assert client_of(clara).get("/compliance/trail/").status_code == 200
    with acting_as(system("look")):
        facts = AuditEntry.objects.filter(verb="set which roles need a second factor").order_by("sequence")
        assert [row.facts["no_longer"] for row in facts] == [[], ["COMPLIANCE"]]
    with acting_as(clara), pytest.raises(Refused):
        set_factor_rules([], by=clara)


def test_a_lost_factor_is_taken_away_by_two_people_and_the_owner_is_told(mara, anton, clara, client_of):
    enrol(mara, codes=True)
    browser = client_of(mara)
    client_of(anton).post(f"/people/{mara.pk}/factors/", {"reason": "Phone stolen"})
    with acting_as(clara):
        reset = FactorReset.objects.get()
        assert (reset.person, reset.asked_by, reset.granted) == (mara, anton, None)
        assert Notice.objects.filter(person=clara, kind="factor_reset_asked").count() == 1
    with acting_as(anton), pytest.raises(Refused, match="second person"):
        decide_factor_reset(reset, grant=True, by=anton)
    assert Authenticator.objects.filter(user=mara).count() == 2

    client_of(clara).post(f"/people/factors/{reset.pk}/", {"grant": "yes"})
    assert Authenticator.objects.filter(user=mara).count() == 0
    assert browser.get("/profile/").status_code in (200, 302)
    with acting_as(mara):
        assert Notice.objects.filter(person=mara, kind="factor_removed").count() == 1
    assert trail("removed from the sign-in")[0] == ("removed from the sign-in", "an app for codes")
    with acting_as(anton), pytest.raises(Refused, match="decided"):
        decide_factor_reset(reset, grant=False, by=anton)


def test_the_database_lets_one_person_reset_nothing(mara, anton, clara):
    enrol(mara)
    with acting_as(anton):
        reset = ask_factor_reset(mara, "Phone stolen", by=anton)
        with pytest.raises(Refused, match="waits"):
            ask_factor_reset(mara, "Phone stolen", by=anton)
        for change in ({"decided_by": anton}, {"decided_by": clara}, {"decided_by": mara}):
            with pytest.raises(IntegrityError), transaction.atomic():
                FactorReset.objects.filter(pk=reset.pk).update(decided_at=now(), granted=True, **change)
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.create(person=anton, reason="x", asked_by=anton, asked_at=now())
    with acting_as(clara):
        decide_factor_reset(reset, grant=False, by=clara)
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.filter(pk=reset.pk).update(granted=True)
    assert Authenticator.objects.filter(user=mara).count() == 1


def test_an_address_is_one_accounts_for_ever(mara, felix, anton):
    with acting_as(anton):
        for change in ({"email": "other@example.org"}, {"id": felix.pk}):
            with pytest.raises(IntegrityError), transaction.atomic():
                User.objects.filter(pk=mara.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.invite("Mara@example.org", given_name="An", family_name="Other", by=anton)
