"""The steps of a handover: the right path, the right people, every guard."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.policy import Column, DeclineReason, HandoverState, Outcome, Refused, Role, handover
from compliance.policy.handover import (
    BY_ID,
    COLUMNS,
    FINAL,
    GUARDS,
    IN_FLIGHT,
    TRANSITIONS,
    Step,
    column_of,
    judge,
    steps_from,
)

from .acts import told

S = HandoverState
MARA, FELIX, LENA = "mara", "felix", "lena"

# The path of rulebook 3.3, read a second time: step, from, to, who, signed.
RULEBOOK = """
T-01 | - | DUE | SYSTEM | no
T-02 | DUE | PREPARED | MSL MSL_LEAD | yes
T-03 | PREPARED | ASSIGNED | FIELD_LEAD | no
T-04 | ASSIGNED | ACCEPTED | FIELD_SERVICE FIELD_LEAD | yes
T-05 | ACCEPTED | APPROVED | MSL_LEAD SYSTEM | yes
T-06 | APPROVED | EFFECTIVE | SYSTEM | no
T-07 | EFFECTIVE | CLOSED | SYSTEM | no
T-08 | ASSIGNED | PREPARED | FIELD_SERVICE FIELD_LEAD | no
T-09 | ACCEPTED APPROVED | PREPARED | MSL_LEAD SYSTEM | no
T-10 | DUE PREPARED ASSIGNED ACCEPTED APPROVED | EXEMPT | COMPLIANCE | yes
T-11 | PREPARED | NO_FIELD | MSL_LEAD | yes
T-12 | EXEMPT NO_FIELD | DUE | SYSTEM MSL_LEAD | no
T-13 | DUE PREPARED ASSIGNED ACCEPTED APPROVED | FROZEN | SYSTEM COMPLIANCE | no
T-14 | FROZEN | DUE | SYSTEM COMPLIANCE | no
T-15 | DUE PREPARED ASSIGNED ACCEPTED APPROVED EXEMPT NO_FIELD FROZEN | CANCELLED | SYSTEM | no
T-16 | EFFECTIVE CLOSED | REVERSED | SYSTEM COMPLIANCE | no
T-17 | - | DUE | SYSTEM | no
T-18 | - | - | FIELD_LEAD | no
T-19 | - | - | MSL_LEAD SYSTEM | no
"""


def test_the_table_is_the_rulebooks() -> None:
    def state(word: str) -> HandoverState | None:
        return None if word == "-" else S(word)

    expected = {}
    for line in RULEBOOK.strip().splitlines():
        step, origins, target, who, signed = line.split(" | ")
        expected[step] = (
            frozenset(state(word) for word in origins.split()),
            state(target),
            frozenset(who.split()),
            signed == "yes",
        )

    assert {
        step.id: (step.origins, step.target, step.who, step.needs_signature) for step in TRANSITIONS
    } == expected


def step(transition: str, **facts: object) -> Step:
    """A step with everything in order: the first fitting state and role, three people, all guards passed."""
    table = BY_ID[transition]
    recipient_acts = table.only_recipient
    usual: dict[str, object] = {
        "transition": transition,
        "state": sorted(table.origins, key=str)[0],
        "role": sorted(table.who)[0],
        "actor": FELIX if recipient_acts else MARA,
        "preparer": MARA,
        "recipient": FELIX,
        "approver": LENA,
        "signed": True,
        "guards": dict.fromkeys(table.guards, True),
    }
    return Step(**{**usual, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize("transition", BY_ID)
def test_a_step_with_everything_in_order_is_allowed(transition: str) -> None:
    decision = judge(step(transition))

    assert (decision.outcome, decision.rules, decision.reasons) == (Outcome.ALLOWED, (transition,), ())


@pytest.mark.parametrize("transition", BY_ID)
@pytest.mark.parametrize("state", [None, *S])
def test_a_step_starts_only_where_the_path_says(transition: str, state: HandoverState | None) -> None:
    assert judge(step(transition, state=state)).allowed is (state in BY_ID[transition].origins)


@pytest.mark.parametrize("transition", BY_ID)
@pytest.mark.parametrize("role", [*Role, "SYSTEM", "SOMEBODY"])
def test_a_step_is_taken_only_by_its_people(transition: str, role: str) -> None:
    assert judge(step(transition, role=role)).allowed is (role in BY_ID[transition].who)


@pytest.mark.parametrize("transition", BY_ID)
def test_a_signature_is_asked_for_where_the_table_says(transition: str) -> None:
    assert judge(step(transition, signed=False)).allowed is not BY_ID[transition].needs_signature


@pytest.mark.parametrize(
    ("transition", "guard"), [(table.id, guard) for table in TRANSITIONS for guard in table.guards]
)
def test_a_failed_guard_refuses_and_names_its_rule(transition: str, guard: str) -> None:
    good = step(transition)
    failed = judge(replace(good, guards={**good.guards, guard: False}))
    unstated = judge(replace(good, guards={**good.guards, guard: None}))

    assert not failed.allowed
    assert failed.rules == (GUARDS[guard],)
    assert [(reason.code, dict(reason.params)) for reason in failed.reasons] == [
        ("guard_failed", {"guard": guard})
    ]
    assert not unstated.allowed
    assert [reason.code for reason in unstated.reasons] == ["guard_unknown"]


@pytest.mark.parametrize("transition", ["T-05", "T-06"])
@pytest.mark.parametrize(
    "people",
    [
        {"approver": MARA},
        {"approver": FELIX},
        {"recipient": MARA},
        {"approver": ""},
        {"recipient": ""},
        {"preparer": ""},
    ],
)
def test_preparer_recipient_and_approver_are_three_people(transition: str, people: dict[str, str]) -> None:
    assert not judge(step(transition, **people)).allowed


@pytest.mark.parametrize("transition", ["T-03", "T-04"])
def test_nobody_receives_what_she_prepared(transition: str) -> None:
    assert not judge(step(transition, recipient=MARA, actor=MARA)).allowed
    assert judge(step(transition, approver="")).allowed


@pytest.mark.parametrize("transition", ["T-04", "T-08"])
@pytest.mark.parametrize("people", [{"actor": "otto"}, {"actor": "", "recipient": ""}])
def test_only_the_recipient_accepts_or_declines(transition: str, people: dict[str, str]) -> None:
    decision = judge(step(transition, **people))

    assert "recipient_only" in {reason.code for reason in decision.reasons}
    assert not decision.allowed


def test_an_unknown_step_is_refused() -> None:
    decision = judge(Step(transition="T-99", state=S.DUE, role=Role.MSL_LEAD))

    assert not decision.allowed
    assert "T-99" in str(Refused(decision))


def test_only_the_system_makes_a_handover_effective_and_never_by_silence() -> None:
    effective = [table for table in TRANSITIONS if table.target is S.EFFECTIVE]

    assert [(table.id, set(table.who), set(table.origins)) for table in effective] == [
        ("T-06", {"SYSTEM"}, {S.APPROVED})
    ]
    assert "SYSTEM" not in BY_ID["T-04"].who
    assert all(Role.ADMIN not in table.who for table in TRANSITIONS)


def test_a_final_item_is_never_reopened() -> None:
    assert frozenset({S.CANCELLED, S.REVERSED}) == FINAL
    assert all(steps_from(state) == () for state in FINAL)
    assert all(steps_from(state) for state in set(S) - FINAL)


def test_the_sets_of_states() -> None:
    assert {S.DUE, S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED, S.FROZEN} == IN_FLIGHT
    assert set(COLUMNS) == set(S)


@pytest.mark.parametrize(
    ("state", "column"),
    [
        ("DUE", Column.TO_PREPARE),
        ("FROZEN", Column.TO_PREPARE),
        *((state, Column.WAITING) for state in ("PREPARED", "ASSIGNED", "ACCEPTED", "APPROVED")),
        *((state, Column.WITH_FIELD_SERVICE) for state in ("EFFECTIVE", "CLOSED")),
        *((state, Column.SET_ASIDE) for state in ("EXEMPT", "NO_FIELD", "REVERSED", "CANCELLED")),
    ],
)
def test_the_board_has_four_columns_and_the_declined(state: str, column: Column) -> None:
    assert column_of(state) is column
    assert column_of(state, declined=True) is (Column.DECLINED if state == "PREPARED" else column)


def test_stage_lengths_and_reminders_are_the_rulebooks() -> None:
    assert {state.name: days for state, days in handover.STAGE_DAYS.items()} == {
        "DUE": 10,
        "PREPARED": 5,
        "ASSIGNED": 5,
        "ACCEPTED": 3,
    }
    assert [(r.percent, r.extra_business_days) for r in handover.REMINDERS] == [
        *((50, 0), (80, 0), (100, 0), (100, 5), (100, 10)),
    ]


def test_declining_is_a_code() -> None:
    assert DeclineReason.STAY_WITH_MEDICAL in DeclineReason


def said(transition: str, **facts: object) -> list[str]:
    return told([judge(step(transition, **facts))])


@pytest.mark.parametrize(
    ("transition", "facts", "line"),
    [
        ("T-05", {"state": S.DUE}, "X T-05 no_such_step state=DUE step=approved"),
        ("T-05", {"state": None}, "X T-05 no_such_step state=NOT_DUE step=approved"),
        ("T-05", {"role": Role.MSL}, "X T-05 step_not_yours role=MSL step=approved"),
        ("T-05", {"signed": False}, "X T-05 signature_missing step=approved"),
        ("T-04", {"actor": "otto"}, "X T-04 recipient_only step=accepted"),
        ("T-05", {"approver": ""}, "X T-05 people_of_step_missing"),
        ("T-05", {"preparer": ""}, "X T-05 people_of_step_missing"),
        ("T-03", {"recipient": ""}, "X T-03 people_of_step_missing"),
        ("T-03", {"recipient": MARA}, "X I-14 same_person"),
        ("T-05", {"approver": MARA}, "X I-14 same_person"),
        ("T-06", {"approver": FELIX}, "X I-14 same_person"),
        ("T-05", {"approver": MARA, "recipient": ""}, "X I-14+T-05 same_person T-05 people_of_step_missing"),
        ("T-05", {"approver": "", "preparer": "", "recipient": ""}, "X T-05 people_of_step_missing"),
    ],
)
def test_a_refused_step_says_which_and_why(transition: str, facts: dict[str, object], line: str) -> None:
    assert said(transition, **facts) == [line]


def test_an_unheard_of_step_is_named() -> None:
    assert told([judge(Step(transition="T-99", state=S.DUE, role=Role.MSL_LEAD))]) == [
        "X R-015 no_such_step step=T-99"
    ]


def test_of_a_step_of_which_nothing_is_stated_nothing_is_granted() -> None:
    bare = Step(transition="T-04", state=S.ASSIGNED, role=Role.FIELD_SERVICE)

    assert (bare.actor, bare.preparer, bare.recipient, bare.approver, bare.signed, dict(bare.guards)) == (
        *("", "", "", "", False, {}),
    )
    codes = {reason.code for reason in judge(bare).reasons}
    assert codes == {"signature_missing", "recipient_only", "people_of_step_missing", "guard_unknown"}


def test_a_guard_that_nobody_knows_names_its_rule() -> None:
    good = step("T-08")

    assert told([judge(replace(good, guards={}))]) == ["X T-08 guard_unknown guard=reason_given"]
    assert told([judge(replace(good, guards={"reason_given": False}))]) == [
        "X T-08 guard_failed guard=reason_given"
    ]


def test_the_steps_that_lead_away_from_a_state_are_those_of_an_item() -> None:
    assert [each.id for each in steps_from(None)] == ["T-01", "T-17"]
    assert [each.id for each in steps_from(S.ASSIGNED)] == ["T-04", "T-08", "T-10", "T-13", "T-15"]
    assert {each.id: each for each in TRANSITIONS} == dict(BY_ID)
