"""Many pairs of worlds, and every question there is: `python3 dev.py long`."""

from __future__ import annotations

from random import Random

import pytest

from tests.worlds.asking import size
from tests.worlds.hidden import DEEDS

pytestmark = [pytest.mark.django_db, pytest.mark.long]
pytest_plugins = ["tests.integration.kol_stage", "tests.worlds.stage"]


@pytest.mark.parametrize("seed", range(size("WORLDS_ROUNDS", 20)))
def test_no_question_tells_two_worlds_apart(worlds, seed):
    dice = Random(seed)
    deeds = dice.choices(DEEDS, k=dice.randrange(5, 60))
    assert worlds.compared_with(deeds, seed, most=size("WORLDS_QUESTIONS", 10**9), ids=20) == []
