"""The pages of handovers: the same way through the browser, and what each person is shown of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as, now, system
from compliance.models import AuditEntry
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import Campaign, Handover

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def due(relation, novastat_hf, authorise):
    authorise(novastat_hf)
    open_due_handovers()
    with acting_as(system("look")):
        return Handover.objects.select_related("campaign").get(relation=relation)


@pytest.fixture
def prepared(due, mara):
    with acting_as(mara):
        return prepare_handover(due, by=mara, signature=Signature(mara, "password"), previewed=True)


@pytest.fixture
def assigned(prepared, frieda, felix):
    with acting_as(frieda):
        return assign_handover(prepared, recipient=felix, by=frieda)


def state(handover):
    with acting_as(system("look")):
        return Handover.objects.get(pk=handover.pk).state


def test_the_five_walk_the_whole_way_in_the_browser(due, client_of, mara, frieda, felix, lena):
    prepare = {"item": due.pk, "previewed": "on", "password": PASSWORD, "campaign": due.campaign_id}
    assert client_of(mara).post(reverse("handovers:preparation"), prepare).status_code == 302
    assert state(due) == "PREPARED"

    client_of(frieda).post(reverse("handovers:assignments"), {"item": due.pk, f"rep-{due.pk}": felix.pk})
    assert state(due) == "ASSIGNED"

    client_of(felix).post(reverse("handovers:acceptances"), {"item": due.pk})
    assert state(due) == "ACCEPTED"

    client_of(lena).post(reverse("handovers:approval"), {"item": due.pk, "password": PASSWORD})
    assert state(due) == "APPROVED"


def test_a_wrong_password_signs_nothing(due, client_of, mara):
    answer = client_of(mara).post(
        reverse("handovers:preparation"), {"item": due.pk, "previewed": "on", "password": "wrong"}
    )

    assert (answer.status_code, state(due)) == (422, "DUE")
    assert b"That is not your password" in answer.content


def test_the_preview_is_the_very_page_of_the_rep(assigned, client_of, mara, felix):
    def facts(page):
        start = page.index("<dl")
        return page[start : page.index("</dl>", start)]

    seen = client_of(felix).get(reverse("handovers:dossier", args=[assigned.pk])).content.decode()
    shown = client_of(mara).get(reverse("handovers:preview", args=[assigned.pk])).content.decode()
    assert facts(seen) == facts(shown)
    assert "Compliance can see this" in seen


def test_opening_a_dossier_is_recorded(assigned, client_of, felix):
    client_of(felix).get(reverse("handovers:dossier", args=[assigned.pk]))

    with acting_as(system("look")):
        entry = AuditEntry.objects.get(verb="opened dossier of")
        assert (entry.actor_name, entry.subject_id) == (felix.name, assigned.pk)


def test_a_rep_who_was_not_named_gets_the_same_page_as_for_nothing(assigned, client_of, otto):
    from uuid import uuid4

    client = client_of(otto)
    hidden = client.get(reverse("handovers:dossier", args=[assigned.pk]))
    unknown = client.get(reverse("handovers:dossier", args=[uuid4()]))
    assert (hidden.status_code, unknown.status_code) == (404, 404)


def test_field_service_sees_nothing_before_it_is_prepared(due, client_of, frieda, felix, keller):
    for person, name in ((frieda, "list"), (frieda, "assignments"), (felix, "inbox")):
        assert "Keller" not in client_of(person).get(reverse(f"handovers:{name}")).content.decode()
    assert client_of(frieda).get(reverse("handovers:board", args=[due.campaign_id])).status_code == 404
    assert client_of(frieda).get(reverse("handovers:dossier", args=[due.pk])).status_code == 404


def test_what_left_the_line_shows_only_that_it_was_withdrawn(
    assigned, novastat_hf, suspend, client_of, felix
):
    suspend(novastat_hf)
    page = client_of(felix).get(reverse("handovers:dossier", args=[assigned.pk])).content.decode()

    assert "Withdrawn" in page
    assert "Keller" not in page
    assert "Stopped" not in page


def test_declining_asks_for_a_code_and_nothing_else(assigned, client_of, felix):
    client = client_of(felix)
    address = reverse("handovers:refusal", args=[assigned.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"reason": "CAPACITY"}).status_code == 302
    assert state(assigned) == "PREPARED"


def test_the_board_shows_the_columns_and_the_progress(assigned, client_of, lena):
    page = client_of(lena).get(reverse("handovers:board", args=[assigned.campaign_id])).content.decode()

    assert "0 of 1 account is with field service" in page
    assert "Waiting for field service" in page
    assert "F. Brandt" in page
    assert "withheld" not in page


def test_the_lead_releases_with_one_signature(assigned, client_of, lena, felix):
    address = reverse("handovers:release", args=[assigned.campaign_id])
    assert client_of(lena).get(address).status_code == 200
    client_of(lena).post(address, {"password": PASSWORD})
    client_of(felix).post(reverse("handovers:acceptance", args=[assigned.pk]))

    assert state(assigned) == "APPROVED"


def test_what_waits_for_the_lead_stands_where_its_number_leads(assigned, client_of, lena, felix):
    page, row = reverse("handovers:list"), f'name="item" value="{assigned.pk}"'
    assert row not in client_of(lena).get(page).text
    client_of(felix).post(reverse("handovers:acceptance", args=[assigned.pk]))
    assert row in client_of(lena).get(page).text

    asked = client_of(lena).post(
        reverse("handovers:approval"), {"item": str(assigned.pk), "password": PASSWORD}
    )

    assert (asked.status_code, state(assigned)) == (302, "APPROVED")
    assert row not in client_of(lena).get(page).text


def test_accepting_twice_is_told_and_not_an_error(assigned, client_of, felix):
    client = client_of(felix)
    address = reverse("handovers:acceptance", args=[assigned.pk])
    client.post(address)
    answer = client.post(address, follow=True)

    assert (answer.status_code, state(assigned)) == (409, "ACCEPTED")


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("mara", ["list", "mine"]),
        ("lena", ["list", "mine"]),
        ("clara", ["list"]),
        ("frieda", ["list", "assignments", "inbox"]),
        ("felix", ["inbox"]),
    ],
)
def test_lists_ask_at_most_eight_things(person, names, assigned, company, client_of, statements):
    client = client_of(getattr(company, person))
    for name in names:
        client.get(reverse(f"handovers:{name}"))
        with statements() as asked:
            assert client.get(reverse(f"handovers:{name}")).status_code == 200
        ours = [sql for sql in asked if "django_session" not in sql and "accounts_user" not in sql[:60]]
        assert len(ours) <= 12, ours


def test_every_page_of_an_item_opens_for_those_who_may(assigned, client_of, lena, clara, frieda, felix):
    with acting_as(felix):
        accept_handover(assigned, by=felix)
    for name in ("dossier", "preview", "send_back", "exemption"):
        assert client_of(lena).get(reverse(f"handovers:{name}", args=[assigned.pk])).status_code == 200
    for name in ("dossier", "hold"):
        assert client_of(clara).get(reverse(f"handovers:{name}", args=[assigned.pk])).status_code == 200
    for name in ("board", "record"):
        assert (
            client_of(clara).get(reverse(f"handovers:{name}", args=[assigned.campaign_id])).status_code == 200
        )
    assert client_of(frieda).get(reverse("handovers:board", args=[assigned.campaign_id])).status_code == 200


def test_staying_with_medical_takes_a_second_person(due, client_of, lena, clara):
    client_of(lena).post(reverse("handovers:exemption", args=[due.pk]), {"reason": "ACTIVE_INVESTIGATOR"})
    assert state(due) == "DUE"
    client_of(clara).post(reverse("handovers:exit", args=[due.pk]), {"password": PASSWORD, "answer": "yes"})
    assert state(due) == "EXEMPT"
    client_of(lena).post(reverse("handovers:resumption", args=[due.pk]))
    assert state(due) == "DUE"


def test_nobody_in_field_service_is_declared_and_confirmed(prepared, client_of, frieda, lena):
    client_of(frieda).post(reverse("handovers:no_field", args=[prepared.pk]))
    client_of(lena).post(reverse("handovers:exit", args=[prepared.pk]), {"password": PASSWORD})

    assert state(prepared) == "NO_FIELD"


def test_a_hold_and_its_end(prepared, client_of, clara):
    client_of(clara).post(reverse("handovers:hold", args=[prepared.pk]))
    assert state(prepared) == "FROZEN"
    client_of(clara).post(reverse("handovers:release_hold", args=[prepared.pk]))
    assert state(prepared) == "DUE"


def test_hostile_addresses_do_not_break_a_board(assigned, client_of, lena):
    client = client_of(lena)
    for query in (
        "?column=NONSENSE",
        "?column=WAITING&after=%00x_y",
        "?msl=abc&rep=%00",
        "?region=" + "x" * 400,
    ):
        assert client.get(reverse("handovers:board", args=[assigned.campaign_id]) + query).status_code == 200


def test_the_rep_finds_the_account_after_the_move(assigned, client_of, felix, lena):
    with acting_as(felix):
        accept_handover(assigned, by=felix)
    with acting_as(lena):
        approve_handover(assigned, by=lena, signature=Signature(lena, "password"), effective_at=now())
    make_effective()

    page = client_of(felix).get(reverse("handovers:inbox")).content.decode()
    assert "Yours since lately" in page
    assert "Keller" in page
    with acting_as(system("look")):
        assert Campaign.objects.count() == 1


def test_the_api_takes_the_same_steps_and_tells_a_conflict(assigned, client_of, felix, otto):
    address = f"/api/handovers/{assigned.pk}/"
    client = client_of(felix)
    shown = client.get(address)
    assert (shown.status_code, shown.json()["state"]) == (200, "ASSIGNED")
    assert client_of(otto).get(address).status_code == 404

    taken = client.post(
        f"{address}acceptance/", {"version": assigned.version}, content_type="application/json"
    )
    assert (taken.status_code, taken.json()["state"]) == (200, "ACCEPTED")
    late = client.post(
        f"{address}acceptance/", {"version": assigned.version}, content_type="application/json"
    )
    assert (late.status_code, late.json()["handover"]["state"]) == (409, "ACCEPTED")


def test_the_api_tells_field_service_withdrawn_and_no_more(assigned, novastat_hf, suspend, client_of, felix):
    suspend(novastat_hf)
    shown = client_of(felix).get(f"/api/handovers/{assigned.pk}/").json()

    assert (shown["state"], shown["package"], shown["state_since"]) == ("WITHDRAWN", {}, None)
    assert client_of(felix).get("/api/handovers/").json()["results"] == []
