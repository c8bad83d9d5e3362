"""Appointments: who has which role from when, and what the other side's past is worth afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts import actions
from accounts.acting import acting_as, now, system
from accounts.models import Notice, User
from accounts.notices import notices_of, tell
from compliance.models import AuditEntry
from compliance.policy import Refused, Role, Side
from kols.actions import deactivate_user, reassign_owner
from kols.models import Ownership, Relation, ScientificProfile

pytestmark = pytest.mark.django_db


def entries(verb: str) -> list[AuditEntry]:
    with acting_as(system("look")):
        return list(AuditEntry.objects.filter(verb=verb))


def test_an_administrator_invites_and_appoints(anton, germany, client_of):
    with acting_as(anton):
        nora = actions.invite("Nora@Example.org", given_name="Nora", family_name="Falk", by=anton)
        actions.appoint(nora, Role.MSL, [germany], from_=now(), by=anton)

    with acting_as(nora) as acting:
        assert (nora.email, acting.role, acting.side, acting.markets) == (
            "nora@example.org", Role.MSL, Side.MEDICAL, frozenset({germany.pk}),
        )  # fmt: skip
    assert [(e.actor_name, e.subject_words, e.facts["role"]) for e in entries("appointed")] == [
        ("Anton Albers", "Nora Falk", "MSL")
    ]


@pytest.mark.parametrize("name", ["mara", "lena", "clara", "felix", "rita"])
def test_nobody_but_an_administrator_appoints(request, name, otto, germany):
    person = request.getfixturevalue(name)

    with pytest.raises(Refused), acting_as(person):
        actions.appoint(otto, Role.MSL, [germany], from_=now(), by=person)

    assert [e.refused for e in entries("was refused to grant appointment")] == [True]
    assert User.objects.get(pk=otto.pk).role == Role.FIELD_SERVICE


def test_who_changes_side_loses_the_other_sides_past_that_very_second(
    company, anton, mara, moritz, lena, keller, relation, germany
):
    with acting_as(mara, at=datetime.now(UTC) - timedelta(days=1)):
        tell(mara, "handovers_due", "about an expert", count=3)
    with acting_as(mara):
        assert list(Relation.objects.all()) == [relation]
        assert notices_of(mara).count() == 1
    with acting_as(lena):
        reassign_owner(relation, to=moritz, by=lena)

    with acting_as(anton):
        actions.appoint(mara, Role.FIELD_SERVICE, [germany], from_=now(), by=anton)

    with acting_as(mara) as acting:
        assert acting.side == Side.COMMERCIAL
        for model in (Relation, Ownership, ScientificProfile):
            assert list(model.objects.all()) == []
        assert [n.kind for n in Notice.objects.all()] == ["appointed"]
        assert [n.kind for n in notices_of(mara)] == ["appointed"]
    with acting_as(system("look")):
        assert mara.posts.filter(during__contains=now()).count() == 0
        assert [a.role for a in mara.appointments.order_by("during")] == [Role.MSL, Role.FIELD_SERVICE]


def test_who_still_owns_is_not_moved_across_the_wall(company, anton, mara, relation, germany):
    with pytest.raises(Refused) as refused, acting_as(anton):
        actions.appoint(mara, Role.FIELD_SERVICE, [germany], from_=now(), by=anton)

    assert (
        str(refused.value)
        == "Mara Lindqvist still answers to KOLs (R-116). Let the lead reassign them first."
    )
    with acting_as(mara) as acting:
        assert acting.role == Role.MSL


def test_a_later_appointment_waits_for_its_instant(anton, mara, germany):
    with acting_as(anton):
        day = now() + timedelta(days=30)
        actions.appoint(mara, Role.MSL_LEAD, [germany], from_=day, by=anton)

    with acting_as(mara) as acting:
        assert acting.role == Role.MSL
    with acting_as(system("look")):
        first, second = mara.appointments.order_by("during")
        assert (first.during.upper, second.during.lower, second.role) == (day, day, Role.MSL_LEAD)


def test_no_appointment_begins_in_the_past_and_nobody_appoints_herself(anton, mara, germany):
    with pytest.raises(Refused, match="past"), acting_as(anton):
        actions.appoint(mara, Role.MSL, [germany], from_=now() - timedelta(days=1), by=anton)
    with pytest.raises(Refused, match="her own"), acting_as(anton):
        actions.appoint(anton, Role.COMPLIANCE, [germany], from_=now(), by=anton)


def test_a_custodian_stays_a_lead_until_there_is_another(anton, lena, moritz, germany):
    with pytest.raises(Refused, match="custodian"), acting_as(anton):
        actions.appoint(lena, Role.MSL, [germany], from_=now(), by=anton)

    with pytest.raises(Refused, match="leads MSLs"), acting_as(anton):
        actions.appoint_custodian(moritz, germany, by=anton)
    with acting_as(anton):
        actions.appoint(moritz, Role.MSL_LEAD, [germany], from_=now(), by=anton)
        actions.appoint_custodian(moritz, germany, by=anton)
        actions.appoint(lena, Role.MSL, [germany], from_=now(), by=anton)
    with acting_as(lena) as acting:
        assert acting.role == Role.MSL


def test_what_a_leaver_owned_goes_to_the_custodian_in_the_same_transaction(
    anton, mara, lena, relation, client_of
):
    browser = client_of(mara)
    with acting_as(anton):
        deactivate_user(mara, by=anton)

    with acting_as(system("look")):
        owners = [(o.owner, o.side) for o in Ownership.objects.filter(relation=relation).order_by("during")]
        gone = User.objects.get(pk=mara.pk)
    assert owners == [(mara, Side.MEDICAL), (lena, Side.MEDICAL)]
    assert (gone.is_active, gone.role) == (False, "")
    assert browser.get("/").status_code == 302
    assert [e.actor_name for e in entries("closed the account of")] == ["Anton Albers"]


def test_an_account_that_owns_for_field_service_is_not_closed(
    anton, felix, relation, company, authorise, novastat_hf
):
    authorise(novastat_hf)
    # Undone at the end: a side that changed without a handover would not survive the commit.
    with transaction.atomic():
        with acting_as(system("an ownership of field service")):
            held = Ownership.objects.get(relation=relation)
            held.during = DateTimeTZRange(held.during.lower, now())
            held.save(update_fields=["during"])
            mine = DateTimeTZRange(now(), None)
            Ownership.objects.create(
                relation=relation, side=Side.COMMERCIAL, owner=felix, market=company.germany, during=mine
            )

        with pytest.raises(Refused, match="still answers to KOLs"), acting_as(anton):
            deactivate_user(felix, by=anton)
        with acting_as(felix) as acting:
            assert acting.role == Role.FIELD_SERVICE
        transaction.set_rollback(True)


def test_a_region_belongs_to_one_territory_of_a_tree(anton, company):
    with acting_as(anton):
        actions.assign_region(company.south, "DE-HH", by=anton)
    with acting_as(anton):
        held = list(company.north.regions.filter(during__contains=now()))
        taken = [row.region for row in company.south.regions.filter(during__contains=now())]
    assert (held, sorted(taken)) == ([], ["DE-BY", "DE-HH"])


def test_a_post_is_on_ones_own_side(anton, company, mara, felix):
    with pytest.raises(Refused), acting_as(anton):
        actions.give_post(mara, company.north, by=anton)
    with acting_as(anton):
        actions.give_post(felix, company.south, by=anton)
    with acting_as(anton):
        assert [p.territory for p in felix.posts.filter(during__contains=now())] == [company.south]


def test_a_token_opens_the_api_until_it_is_revoked(mara):
    from accounts.models import ApiToken

    with acting_as(mara):
        token, secret = actions.issue_token(mara, "Laptop")
        assert ApiToken.objects.get().digest != secret
        actions.revoke_token(token)
    with acting_as(mara):
        assert ApiToken.objects.get().revoked_at is not None
    assert [e.verb for e in [*entries("issued an API token"), *entries("revoked an API token")]] == [
        "issued an API token", "revoked an API token",
    ]  # fmt: skip


def test_the_administrators_pages_do_all_of_it(anton, germany, company, client_of):
    browser = client_of(anton)
    made = browser.post(
        "/people/new/",
        {"email": "nora@example.org", "given_name": "Nora", "family_name": "Falk", "title": ""},
    )
    nora = User.objects.get(email="nora@example.org")
    assert made.url == f"/people/{nora.pk}/"

    browser.post(f"{made.url}appointments/", {"role": "MSL_LEAD", "markets": [str(germany.pk)], "day": ""})
    browser.post(f"{made.url}posts/", {"territory": str(company.medical.pk), "leads": "on"})
    browser.post(f"{made.url}custodies/", {"market": str(germany.pk)})

    page = browser.get(made.url).text
    for words in ("Msl lead", "Germany, Medical", "leads it"):
        assert words.lower() in page.lower()
    with acting_as(system("look")):
        assert [c.user for c in company.germany.custodians.filter(during__contains=now())] == [nora]
    assert "Falk, Nora" in browser.get("/people/", {"q": "nor"}).text
    assert browser.get("/organisation/").status_code == 200
    refused = browser.post(f"/people/{nora.pk}/closing/")
    assert "custodian" in refused.text


def test_a_secret_is_shown_once_and_opens_the_api_in_its_owners_name(mara, client_of, client):
    from django.urls import NoReverseMatch, reverse

    page = client_of(mara).post("/profile/tokens/", {"name": "Laptop"})
    secret = page.context["secret"]
    assert secret in page.text
    assert secret not in client_of(mara).get("/profile/").text
    try:
        address = reverse("notice-list")
    except NoReverseMatch:
        pytest.skip("the API is not put together yet")
    assert client.get(address).status_code in (401, 403)
    answer = client.get(address, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert client.get(address, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_profile_sets_language_zone_and_theme(mara, client_of):
    browser = client_of(mara)
    answer = browser.post(
        "/profile/", {"language": "de", "time_zone": "Europe/Zurich", "theme": "dark", "phone": ""}
    )
    assert answer.status_code == 302
    with acting_as(mara):
        mara.refresh_from_db()
    assert (mara.language, mara.time_zone, mara.theme) == ("de", "Europe/Zurich", "dark")
    assert 'lang="de"' in browser.get("/profile/").text
