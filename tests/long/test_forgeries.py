"""A thousand forged exports, spread over every kind: `dev.py long -k forged`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.verifier.chains import anchor
from tests.unit.verifier.forging import FORGE, forged
from tests.unit.verifier.test_forged import ONLY_BY_ANCHORS, found

EACH = -(-1000 // len(FORGE))


@pytest.mark.long
@pytest.mark.parametrize("kind", FORGE)
@given(data=st.data())
@settings(max_examples=EACH, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_forged_export_is_found(kind, data):
    true, made = data.draw(forged(kind))
    anchors = [anchor(true[-1])]
    assert found(true, anchors) == []
    assert found(made, anchors) != []
    if kind not in ONLY_BY_ANCHORS:
        assert found(made) != []
