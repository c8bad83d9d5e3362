"""Lists kept under a name: saved, shared with Medical alone, begun with, renamed, deleted with a way back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as
from kols.models import SavedView

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage"]
QUERY = "view=mine&tier=1&since=30"


def listed(client, query=""):
    answer = client.get(f"{reverse('kols:list')}?{query}" if query else reverse("kols:list"))
    assert answer.status_code == 200
    return answer.content.decode()


def save(client, name="Trial sites", query=QUERY, **more):
    return client.post(reverse("kols:view_new"), {"name": name, "query": query, **more})


def views(person):
    with acting_as(person):
        return list(SavedView.objects.visible_to(person).standing())


def test_a_list_is_kept_under_a_name_once_it_is_narrowed(science, mara, client_of):
    client = client_of(mara)
    assert "Save view" not in listed(client, "view=mine")
    assert "Save view" in listed(client, QUERY)

    answer = save(client)

    assert answer.url == f"{reverse('kols:list')}?{QUERY}"
    page = listed(client, QUERY)
    assert f'href="?{QUERY.replace("&", "&amp;")}" aria-current="page">Trial sites' in page
    assert "Save view" not in page


def test_what_an_address_says_that_the_list_does_not_know_is_not_kept(mara, client_of):
    save(client_of(mara), query="tier=1&tier=77&owner=x&cursor=abc&since=30&view=mine")

    assert [view.query for view in views(mara)] == [QUERY]


def test_the_list_opens_with_the_view_one_starts_with(science, mara, client_of):
    client = client_of(mara)
    save(client, name="First")
    save(client, name="Second", query="view=all&tier=3")
    first, second = sorted(views(mara), key=str)
    for view in (first, second):
        client.post(
            reverse("kols:view_change", args=[view.pk]), {"name": view.name, "starts": "on", "shared": "on"}
        )

    page = listed(client)

    assert 'aria-current="page">Second' in page
    assert {view.name: (view.starts, view.shared) for view in views(mara)} == {
        "First": (False, True),
        "Second": (True, True),
    }


def test_a_name_is_used_once_and_every_view_has_one(mara, client_of):
    client = client_of(mara)
    save(client)

    for name, said in (("trial SITES", "already have a view called"), ("  ", "Give the view a name.")):
        save(client, name=name)
        assert said in listed(client, QUERY)
    assert len(views(mara)) == 1


def test_a_view_is_deleted_and_comes_back(mara, client_of):
    client = client_of(mara)
    save(client)
    [view] = views(mara)

    client.post(reverse("kols:view_removal", args=[view.pk]))
    undo = reverse("kols:view_restoration", args=[view.pk])
    assert undo in listed(client)
    assert views(mara) == []
    client.post(undo)

    assert [one.name for one in views(mara)] == ["Trial sites"]


def test_colleagues_in_medical_see_what_is_shared_and_change_nothing_of_it(mara, moritz, lena, client_of):
    client = client_of(mara)
    save(client, name="Mine alone")
    save(client, name="For all", query="view=all&tier=2", shared="on")

    for colleague in (moritz, lena):
        page = listed(client_of(colleague), "view=all")
        assert "For all" in page
        assert "from Mara Lindqvist" in page
        assert "Mine alone" not in page
    [shared] = views(moritz)
    for name in ("view_change", "view_removal", "view_restoration"):
        answer = client_of(moritz).post(reverse(f"kols:{name}", args=[shared.pk]), {"name": "x"})
        assert answer.status_code == 404


def test_nobody_outside_of_medical_learns_of_a_view(mara, felix, frieda, petra, clara, sofia, client_of):
    save(client_of(mara), name="LX-204 sites", shared="on")

    for someone in (felix, frieda, petra, clara, sofia):
        assert views(someone) == []
        assert save(client_of(someone)).status_code == 404
    for someone in (felix, frieda, clara, sofia):
        assert "LX-204 sites" not in listed(client_of(someone))


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("view=all&language=de", True),
        ("view=all&language=fr", False),
        ("view=all&mail=yes", True),
        ("view=all&mail=no", False),
        ("view=all&mail=perhaps&language=xx", True),
    ],
)
def test_the_list_is_narrowed_by_language_and_consent(science, keller, mara, germany, client_of, query, seen):
    from accounts.acting import now
    from kols.actions import record_consent

    with acting_as(mara):
        keller.languages = ["de", "en"]
        keller.save(update_fields=["languages"])
        record_consent(
            keller, by=mara, channel="EMAIL", market=germany, given_at=now(), text_version="1", source="FORM",
            evidence="Form 7",
        )  # fmt: skip

    assert ("Miriam Keller" in listed(client_of(mara), query)) is seen
