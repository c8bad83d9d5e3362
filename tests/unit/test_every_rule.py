"""Every rule of rulebook section 2 that judges an act speaks in a decision; every other is held by a test named here.

Families A (R-001 to R-016), B (R-020 to R-049), C (R-060 to R-064), D (R-065 to R-069), E (R-070 to R-077),
F (R-080 to R-089), G (R-090 to R-095) and I (R-115 to R-125).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from compliance.policy import (
    Act,
    Audience,
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Consent,
    ConsentPurpose,
    Decision,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    MaterialStatus,
    Person,
    Role,
    Sample,
    Side,
    Standing,
    Subject,
    Value,
    ValueCategory,
    Zone,
    decide,
)
from compliance.policy.acceptance import act as example
from compliance.policy.packs import packs

from .policy.acts import (
    AMERICA,
    BRITAIN,
    DAY,
    FRIEDA,
    GERMANY,
    KELLER,
    MONA,
    NOON,
    call,
    novastat,
    visit,
)
from .policy.rulebook import KINDS

ROOT = Path(__file__).parents[2]
OPEN, PRE = novastat(Zone.OPEN, standing=Standing.OWNER), novastat(Zone.PRE, standing=Standing.OWNER)
ASKED = replace(PRE, basis=Basis.UNSOLICITED_REQUEST)
UNLISTED = novastat(Zone.UNLISTED, subject=Subject.UNLISTED)
PAYER, LAY = (
    Person(audience=Audience.PAYER, markets=("DE",)),
    Person(audience=Audience.PATIENT, markets=("DE",)),
)
IN_GERMANY = {"pack_versions": GERMANY}
AMERICAN = replace(KELLER, markets=("US",), prescriber=True)
BRITON = replace(KELLER, markets=("UK",), calls_this_year=9)
BROCHURE = Material(
    "m", status=MaterialStatus.APPROVED, valid_from=NOON - DAY, purpose=MaterialPurpose.SAFETY
)
MEAL = Value(ValueCategory.MEAL, "9", "EUR", "DE", "keller", budget_side=Side.COMMERCIAL)
MAIL = Consent(Channel.EMAIL, ConsentPurpose.PROMOTIONAL, "DE", NOON - DAY)
INSIDE = {"kind": Kind.INTERNAL_TRAINING, "people": (FRIEDA, MONA)}
PEOPLE = {"R-024": (MONA,), "R-033": (PAYER,)}


def mail(*consents: Consent, **person: Any) -> Act:
    return call(
        OPEN, channel=Channel.EMAIL, people=(replace(KELLER, consents=consents, **person),), **IN_GERMANY
    )


# The matrix: each row by the kind that falls under it.
MATRIX = {
    rule: visit(replace(OPEN, basis=Basis.PROACTIVE), kind=kind, people=PEOPLE.get(rule, (KELLER,)))
    for kind, rule in KINDS.items()
    if kind != "ADVERSE_EVENT"
}
SPOKEN: dict[str, Act] = {
    "R-001": visit(replace(OPEN, zones=())),
    "R-004": visit(OPEN, market="", people=(Person(),)),
    "R-006": visit(replace(UNLISTED, basis=Basis.PROACTIVE)),
    "R-014": visit(OPEN, packs=frozenset()),
    "R-015": visit(OPEN, role="PILOT"),
    **MATRIX,
    "R-022": visit(replace(OPEN, subject=Subject.DISEASE)),
    "R-035": visit(replace(OPEN, subject=Subject.ADMIN, zones=())),
    "R-036": visit(OPEN, kind=Kind.ADVERSE_EVENT),
    "R-038": visit(OPEN, channel=Channel.MESSENGER),
    "R-039": visit(OPEN, role=Role.MEDICAL_INFORMATION),
    "R-040": visit(OPEN, people=(LAY,)),
    "R-041": visit(PRE, kind=Kind.SCIENTIFIC_LECTURE, people=(KELLER, FRIEDA)),
    "R-042": call(replace(PRE, sibling_open=True)),
    "R-044": visit(replace(UNLISTED, basis=Basis.UNSOLICITED_REQUEST)),
    "R-045": visit(replace(ASKED, prompted=True)),
    "R-046": visit(
        novastat(
            Zone.PRE, zones=(MarketZone("US", Zone.PRE),), sibling_open=True, basis=Basis.PROACTIVE, standing="OWNER"
        ),
        people=(AMERICAN,), market="US", pack_versions=AMERICA,
    ),
    "R-047": visit(replace(ASKED, basis_before=Basis.PROACTIVE)),
    "R-049": visit(novastat(Zone.OPEN)),
    "R-060": visit(PRE, people=(KELLER, FRIEDA)),
    "R-061": visit(OPEN, people=(KELLER, FRIEDA), **IN_GERMANY),
    "R-062": visit(OPEN, people=(KELLER, FRIEDA)),
    "R-063": visit(PRE, people=(KELLER, FRIEDA)),
    "R-064": visit(OPEN, samples=(Sample("novastat"),)),
    "R-066": visit(OPEN, recorded_at=NOON - DAY),
    "R-067": visit(OPEN, recorded_at=NOON + 9 * DAY),
    "R-069": visit(OPEN, moved_from=NOON - DAY, moved_across=False),
    "R-070": visit(replace(PRE, submitted=False), **INSIDE, **IN_GERMANY),
    "R-072": call(OPEN, certificates=(Certificate(CertificateKind.INTERNAL_USE_ONLY),), **IN_GERMANY),
    "R-077": call(OPEN, people=(BRITON,), market="UK", pack_versions=BRITAIN),
    "R-080": visit(OPEN, materials=(replace(BROCHURE, recalled_at=NOON),)),
    "R-081": visit(OPEN, materials=(BROCHURE,)),
    "R-082": visit(OPEN, materials=(replace(BROCHURE, purpose=MaterialPurpose.INTERNAL),)),
    "R-083": visit(OPEN, materials=(replace(BROCHURE, quarantined_at=NOON),)),
    "R-085": call(OPEN, samples=(Sample("novastat"),)),
    "R-086": call(OPEN, values=(replace(MEAL, person="guest"),)),
    "R-087": call(OPEN, values=(replace(MEAL, category=ValueCategory.FEE),)),
    "R-088": call(OPEN, values=(replace(MEAL, currency=""),)),
    "R-089": call(PRE, values=(MEAL,)),
    "R-090": mail(replace(MAIL, withdrawn_at=NOON)),
    "R-091": mail(),
    "R-092": mail(replace(MAIL, purpose=ConsentPurpose.SCIENTIFIC)),
    "R-093": mail(MAIL, objects_to_marketing=True),
    "R-094": mail(MAIL, do_not_contact=True),
    "R-095": mail(MAIL, known_since=NOON - 99 * DAY),
    "R-124": visit(OPEN, former=("novastat",)),
    "R-125": visit(OPEN, other_side_that_day=True),
}  # fmt: skip

# Rules that are not a fact of one act: what holds them, by name.
HELD = {
    "R-002": "unit/policy/test_decide.py::test_an_event_across_a_change_is_judged_by_its_strictest_moment",
    "R-003": "unit/policy/test_decide.py::test_one_topic_not_yet_open_spoils_a_call_with_nine_that_are",
    "R-005": "unit/policy/test_zones.py::test_each_state_gives_its_zone",
    "R-007": "integration/test_products.py::test_nobody_confirms_her_own_proposal",
    "R-008": "integration/test_late_knowledge.py::"
    "test_a_suspension_recorded_late_names_every_visit_it_would_have_changed_and_rewrites_none",
    "R-009": "integration/test_products.py::test_a_target_date_opens_nothing",
    "R-010": "unit/policy/test_zones.py::test_authorised_but_not_yet_to_be_promoted_is_pre",
    "R-011": "integration/test_materials.py::"
    "test_a_suspension_puts_what_mentions_the_use_into_quarantine_at_its_instant",
    "R-012": "integration/test_products.py::test_a_mistake_is_voided_by_three_people_and_stays_visible",
    "R-013": "integration/test_late_knowledge.py::"
    "test_a_plan_that_may_not_take_place_any_more_is_called_off_and_its_planner_told",
    "R-016": "integration/test_products.py::"
    "test_what_is_not_granted_stands_for_itself_with_the_same_msl_and_is_not_handed_over",
    "R-043": "unit/policy/test_decide.py::test_felix_does_not_speak_off_label_although_another_use_is_open",
    "R-048": "integration/test_web_role.py::test_who_covers_for_the_owner_may_call",
    "R-065": "integration/test_interactions.py::test_the_boundary_lies_at_the_second_of_authorisation",
    "R-068": "unit/policy/test_timing.py::"
    "test_field_service_is_judged_by_the_day_it_took_place_whatever_is_true_today",
    "R-071": "integration/test_kol_wall.py::test_before_the_handover_felix_has_no_account",
    "R-073": "unit/policy/test_matrix.py::test_leads_have_exactly_the_rows_of_their_people",
    "R-074": "unit/policy/test_deeds.py::test_the_commercial_side_creates_no_kols_and_reads_no_medical_figures",
    "R-075": "integration/test_kols.py::test_there_is_no_place_for_prescribing_or_sales",
    "R-076": "unit/policy/test_decide.py::"
    "test_felix_does_not_call_about_a_product_that_is_not_authorised_yet",
    "R-084": "integration/test_shown.py::test_a_version_shown_is_a_row_with_recipient_method_and_time",
    "R-115": "integration/test_ownership.py::test_a_gap_between_two_owners_is_refused_by_the_database",
    "R-116": "integration/test_accounts.py::"
    "test_what_a_leaver_owned_goes_to_the_custodian_in_the_same_transaction",
    "R-117": "integration/test_left_drafts.py::"
    "test_closing_it_keeps_the_draft_as_it_is_with_her_statement_and_settles_the_open_matter",
    "R-118": "integration/test_handover_pages.py::test_nobody_in_field_service_is_declared_and_confirmed",
    "R-119": "integration/test_reversal.py::test_a_suspension_gives_the_expert_back_in_the_same_transaction",
    "R-120": "integration/test_reversal.py::test_open_again_means_a_new_handover_and_nothing_revives",
    "R-121": "unit/policy/test_decide.py::test_documents_of_one_topic_do_not_serve_another",
    "R-122": "unit/policy/test_decide.py::"
    "test_field_service_needs_the_product_open_in_every_market_that_counts",
    "R-123": "integration/test_merging.py::test_where_different_people_answered_nobody_guesses",
}
FAMILIES = ((1, 16), (20, 49), (60, 64), (65, 69), (70, 77), (80, 89), (90, 95), (115, 125))


def rulebook() -> Iterator[str]:
    for first, last in FAMILIES:
        yield from (f"R-{number:03}" for number in range(first, last + 1))


def told(decision: Decision) -> set[str]:
    return {*decision.rules, *(reason.rule for reason in decision.reasons)}


@pytest.mark.parametrize("rule", SPOKEN)
def test_a_rule_speaks_in_the_decision_of_its_act(rule: str) -> None:
    assert rule in told(decide(SPOKEN[rule]))


@pytest.mark.parametrize("rule", HELD)
def test_a_rule_about_something_else_is_held_by_a_test_that_exists(rule: str) -> None:
    path, name = HELD[rule].split("::")
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_no_rule_of_the_rulebook_is_left_out() -> None:
    assert {*SPOKEN, *HELD} == set(rulebook())
    assert not {*SPOKEN} & {*HELD}


def test_what_the_packs_name_as_failing_speaks_as_well() -> None:
    spoken = {each["rule"]: decide(example(pack, each)) for pack in packs().values() for each in pack.failing}

    assert len(spoken) > 12
    assert all(rule in told(decision) for rule, decision in spoken.items())
