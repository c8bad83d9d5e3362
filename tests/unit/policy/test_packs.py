"""The packs of the markets: every version keeps its examples, states its sources, and only known words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.policy import Document, Outcome, Role, Zone, decide
from compliance.policy.acceptance import act, failures, of_rule
from compliance.policy.matrix import MATRIX
from compliance.policy.packs import BASE, DEMANDS, NotAPack, Pack, Rule, _read, packs, versions
from compliance.policy.parameters import PARAMETERS

from .acts import call, novastat, visit

VERSIONS = list(packs().values())
named = [f"{pack.market} {pack.version}" for pack in VERSIONS]


@pytest.mark.parametrize("pack", VERSIONS, ids=named)
def test_a_version_keeps_its_examples(pack: Pack) -> None:
    assert failures(pack) == ()
    assert len(pack.passing) >= 2
    assert len(pack.failing) >= 2


@pytest.mark.parametrize("pack", VERSIONS, ids=named)
def test_every_rule_of_a_version_has_text_and_source_and_every_difference_a_rule(pack: Pack) -> None:
    assert all(rule.text and rule.source for rule in pack.rules)
    rules = {rule.rule for rule in pack.rules}
    assert {DEMANDS[demand] for demand in pack.demands} | {rule for rule, _, _ in pack.overrides} <= rules
    assert set(pack.parameters) == set(PARAMETERS)


@pytest.mark.parametrize("pack", VERSIONS, ids=named)
def test_words_on_consent_stand_where_consent_is_demanded(pack: Pack) -> None:
    assert bool(pack.consent) is ("consent" in pack.demands)
    assert set(pack.consent.values()) <= {"opt-in", "presumed", "opt-out"}


def test_there_are_the_packs_the_rulebook_asks_for() -> None:
    assert {market for market, _ in packs()} >= {"DE", "FR", "UK", "US", "CH", "JP"}
    assert [pack.version for pack in versions("DE")] == ["2026.1", "2026.2", "2026.3"]
    assert versions("XX") == ()


@pytest.mark.parametrize("pack", [p for p in VERSIONS if not p.demands], ids=lambda p: p.market)
def test_the_first_version_demands_what_all_markets_share(pack: Pack) -> None:
    assert (pack.cells, pack.parameters, pack.consent, pack.meal_cap) == ({}, PARAMETERS, {}, None)


def test_an_example_that_goes_wrong_is_named() -> None:
    pack = packs()["DE", "2026.2"]
    swapped = replace(pack, passing=pack.failing[:2], failing=({**pack.passing[0], "rule": "R-021"},) * 2)

    assert [said.split(":")[0] for said in failures(swapped)] == [
        *(example["says"] for example in pack.failing[:2]),
        *([pack.passing[0]["says"]] * 2),
    ]
    assert failures(replace(pack, passing=())) == ("Two acts that pass and two that fail are the least.",)


EACH = [(pack, rule) for pack in VERSIONS for rule in pack.rules]


@pytest.mark.parametrize(
    ("pack", "rule"), EACH, ids=[f"{p.market} {p.version} {r.rule} {r.demands}" for p, r in EACH]
)
def test_every_rule_of_a_version_has_two_acts_it_allows_and_two_it_refuses_by_name(
    pack: Pack, rule: Rule
) -> None:
    passing, failing = of_rule(pack, rule)

    assert (len(passing) >= 2, len(failing) >= 2) == (True, True)
    assert [each["says"] for each in passing if not decide(act(pack, each)).allowed] == []
    for each in failing:
        decision = decide(act(pack, each))
        assert (decision.allowed, each["rule"] in {reason.rule for reason in decision.reasons}) == (
            False,
            True,
        )


def test_a_rule_nobody_has_written_acts_for_keeps_its_version_from_coming_into_force() -> None:
    pack = packs()["DE", "2026.2"]
    bare = replace(pack, rules=(*pack.rules, Rule(rule="R-999", text="x", source="x")))

    assert failures(bare) == ("R-999: two acts that pass and two that fail are the least.",)


def test_what_a_rule_allows_and_refuses_is_judged_before_a_version_may_come_into_force() -> None:
    """Without its demands a version lets pass what its rules must refuse."""
    pack = packs()["DE", "2026.2"]
    loose = replace(pack, failing=pack.failing[:2], version="2026.1")

    said = failures(loose)
    assert "Both go without being asked: ALLOWED" in said
    assert "One sample more than the year allows: ALLOWED" not in said
    assert len(said) > 10


def test_a_refusal_for_another_reason_is_no_proof_of_the_rule() -> None:
    pack = packs()["DE", "2026.2"]
    wrong = replace(pack, failing=({**pack.failing[0], "rule": "R-040"}, pack.failing[1]))

    assert failures(wrong) == (f"{pack.failing[0]['says']}: R-021, R-080",)


def test_a_cell_of_a_pack_counts_in_its_market_alone() -> None:
    act_of = {"documents": frozenset({Document.PURPOSE, Document.PLAN, Document.STATUS})}
    topic = novastat(Zone.PRE, basis="PROACTIVE", standing="OWNER", **act_of)
    there = replace(topic, zones=(replace(topic.zones[0], market="JP"),))
    japan = visit(
        there,
        market="JP",
        packs={"JP"},
        pack_versions=(("JP", "2026.2"),),
        people=act(packs()["JP", "2026.2"], packs()["JP", "2026.2"].passing[0]).people,
        certificates=(),
    )

    assert decide(visit(topic)).allowed
    assert decide(japan).missing == {Document.PRECLEAR}
    assert decide(replace(japan, pack_versions=(("JP", "2026.1"),))).allowed


def test_an_act_under_a_version_nobody_knows_is_refused_and_says_so() -> None:
    decision = decide(visit(novastat(Zone.OPEN, standing="OWNER"), pack_versions=(("DE", "1999.1"),)))

    assert (decision.outcome, [r.code for r in decision.reasons]) == (Outcome.NOT_ALLOWED, ["unknown_pack"])


def test_a_receipt_older_than_the_packs_is_judged_as_then() -> None:
    topic = novastat(Zone.OPEN, standing="OWNER", documents={Document.SMPC, Document.MAT})

    assert decide(call(topic)).allowed
    assert not decide(call(topic, pack_versions=(("DE", "2026.2"),))).allowed
    assert BASE.demands == frozenset()


@pytest.mark.parametrize("pack", [p for p in VERSIONS if p.demands], ids=lambda p: p.market)
def test_an_override_only_tightens(pack: Pack) -> None:
    for key, cell in pack.cells.items():
        before = MATRIX[key]
        asked = {document for wanted in before.demands("PROFESSIONAL") for document in wanted}
        now = {document for wanted in cell.demands("PROFESSIONAL") for document in wanted}
        assert cell.outcome >= before.outcome
        assert cell.outcome is Outcome.NOT_ALLOWED or now >= asked
        assert key[1] in Role


def test_a_pack_with_a_word_nobody_knows_is_not_read() -> None:
    rule = {"rule": "R-001", "text": "x", "source": "x", "demands": "miracles"}
    with pytest.raises(NotAPack, match="DE 1: unknown demand"):
        _read("DE", {"version": "1", "what": "", "rule": [rule]})
    with pytest.raises(NotAPack, match="DE 1: unknown parameter"):
        _read("DE", {"version": "1", "what": "", "parameters": {"PP-99": 1}})
