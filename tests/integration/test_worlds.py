"""Two worlds that differ behind the wall answer every question of the commercial side alike (R-103).

The questions are generated: every address, every documented parameter of the API with every value, every form and
body, with ids of either world; and so are the worlds. What must be caught is broken on purpose.
"""

from __future__ import annotations

from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import resolve

from accounts.acting import acting_as, system
from compliance.models import AuditEntry
from interactions.models import Interaction
from kols.models import KOL
from msl_crm import navigation
from msl_crm.access import may_use, rule_of
from msl_crm.api import KeysetPagination
from tests.integration.test_routes import routes
from tests.worlds.asking import size
from tests.worlds.hidden import DEEDS

pytestmark = pytest.mark.django_db
pytest_plugins = ["tests.integration.kol_stage", "tests.worlds.stage"]

MOST = size("WORLDS_QUESTIONS", 110)
ROUNDS = size("WORLDS_ROUNDS", 2)
LEFT_OUT = ("logout", "/admin/", "/account/", "/language/")


def asked_of(worlds) -> set[str]:
    """The routes of the site and of the API that some question goes to."""
    found = set()
    for questions in worlds.questions.values():
        for question in questions:
            match = resolve(question.path.partition("?")[0])
            found.add(match.route)
    return found


def system_count(model) -> int:
    with acting_as(system("a leak")):
        return model.objects.count()


def test_nothing_behind_the_wall_changes_an_answer_and_what_is_broken_on_purpose_is_noticed(
    worlds, monkeypatch
):
    """Every address that somebody of the commercial side may use is asked; then the worlds part."""
    for people in worlds.people.values():
        for path in routes():
            if may_use(people, rule_of(resolve(path))) and not any(mark in path for mark in LEFT_OUT):
                assert resolve(path).route in asked_of(worlds), path
    assert sum(len(questions) for questions in worlds.questions.values()) > 1500

    for seed in range(ROUNDS):
        dice = Random(seed)
        deeds = list(DEEDS) if seed == 0 else dice.choices(DEEDS, k=dice.randrange(5, 30))
        assert worlds.compared_with(deeds, seed, most=MOST, ids=4) == [], f"seed {seed}"

    _a_filter_is_forgotten(worlds, monkeypatch)
    _a_count_leaks(worlds, monkeypatch)
    _a_sequence_is_shared(worlds, monkeypatch)
    _an_error_tells_more(worlds, monkeypatch)
    _one_lock_alone_still_holds(worlds, monkeypatch)


def found(worlds, only: str) -> list:
    return worlds.compared_with(list(DEEDS), 3, most=60, ids=12, only=only)


def _a_filter_is_forgotten(worlds, monkeypatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("kols.models.directory.KOLQuerySet.visible_to", lambda rows, user: rows)
        assert any("/kols/" in path for _, _, path in found(worlds, r"^GET (/kols/(\?|$)|/search/)"))


def _a_count_leaks(worlds, monkeypatch) -> None:
    with monkeypatch.context() as broken:
        for name in ("handovers:inbox", "kols:list", "products:list", "home"):
            broken.setitem(navigation._counts, name, lambda request: system_count(Interaction))
        assert found(worlds, r"^GET /(kols|products)/$")


def _a_sequence_is_shared(worlds, monkeypatch) -> None:
    """The trail has the one sequence there is; a number of it on the wire counts Medical's deeds."""
    plain = KeysetPagination.get_paginated_response

    def numbered(self, data):
        with acting_as(system("a leak")):
            newest = AuditEntry.objects.latest("sequence").sequence
        answer = plain(self, data)
        answer.data["position"] = newest
        return answer

    with monkeypatch.context() as broken:
        broken.setattr(KeysetPagination, "get_paginated_response", numbered)
        assert found(worlds, r"^GET /api/(kols|uses)/$")


def _an_error_tells_more(worlds, monkeypatch) -> None:
    """Forbidden instead of unknown, where there is somebody."""
    from kols import profile

    plain = profile.read

    def says_more(pk, user):
        with acting_as(system("a leak")):
            known = KOL.objects.filter(pk=pk).exists()
        row = plain(pk, user)
        if row is None and known:
            raise PermissionDenied
        return row

    with monkeypatch.context() as broken:
        broken.setattr(profile, "read", says_more)
        assert found(worlds, r"^GET /kols/[0-9a-f-]+/$")


def _one_lock_alone_still_holds(worlds, monkeypatch) -> None:
    """The application forgets its filter where the database has one too: nothing is to be seen."""
    with monkeypatch.context() as broken:
        broken.setattr("kols.models.ownership.OwnershipQuerySet.visible_to", lambda rows, user: rows)
        broken.setattr("interactions.models.InteractionQuerySet.visible_to", lambda rows, user: rows)
        assert found(worlds, r"^GET (/api/(ownerships|interactions)/|/interactions/)") == []
