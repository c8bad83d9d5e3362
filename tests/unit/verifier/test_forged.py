"""Forged exports of every kind are found; a lawful erasure is none. More of them in tests/long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.verifier.verify_trail import Trail, read_export
from tests.unit.verifier.chains import KEY, anchor, chain, erased, export, reseal, seal
from tests.unit.verifier.forging import FORGE, forged

# Unbroken in themselves: only what lies outside of the database tells.
ONLY_BY_ANCHORS = {"cut", "rewrite", "reseal"}


def found(seals, anchors=()):
    trail = Trail()
    trail.expect(anchors, KEY)
    read_export(trail, export(seals), lambda _: None)
    trail.close()
    return trail.problems


@pytest.mark.parametrize("kind", FORGE)
@given(data=st.data())
@settings(max_examples=10)
def test_a_forged_export_is_found(kind, data):
    true, made = data.draw(forged(kind))
    anchors = [anchor(true[-1])]
    assert found(true, anchors) == []
    assert made != true
    assert found(made, anchors) != []
    if kind not in ONLY_BY_ANCHORS:
        assert found(made) != []


@given(data=st.data())
@settings(max_examples=20)
def test_a_lawful_erasure_is_no_forgery(data):
    length = data.draw(st.integers(min_value=2, max_value=12))
    gone = sorted(data.draw(st.sets(st.integers(min_value=1, max_value=length), min_size=1)))
    log = seal(length + 1, "erased from the trail", facts={"sealed": [[one, one] for one in gone]})
    seals = erased(reseal([*chain(length), log]), *gone)
    assert found(seals, [anchor(seals[-1])]) == []
    assert found(erased(chain(length), *gone)) == [
        (one, "its payload is gone, and no erasure says why") for one in gone
    ]
