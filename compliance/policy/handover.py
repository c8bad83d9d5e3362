"""The handover as a table (rulebook 3.2 to 3.4) and one question: may this step be taken?

Ownership moves when a handover becomes EFFECTIVE, never earlier, never by a timer or by silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from .deeds import SYSTEM
from .facts import Decision
from .parameters import parameter
from .rulings import Ruling, decision, denied, fine, strictest, unknown
from .words import Column, HandoverState, Role

S = HandoverState

# Every guard by name, with the rule it comes from.
GUARDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "relation_active": "T-01",
        "medical_owner": "T-01",
        "none_in_flight": "I-12",
        "use_open": "T-01",
        "rules_in_force": "R-014",
        "drafts_settled": "T-02",
        "adverse_events_routed": "T-02",
        "inquiries_assigned": "T-02",
        "package_previewed": "T-02",
        "recipient_active": "G-REC",
        "recipient_in_field": "G-REC",
        "market_matches": "G-REC",
        "territory_matches": "G-REC",
        "training_valid": "R-072",
        "qualification_valid": "R-072",
        "cooling_off_over": "R-124",
        "no_conflict": "G-REC",
        "package_unchanged": "T-05",
        "compliance_signed_if_flagged": "T-05",
        "effective_in_future": "I-06",
        "no_objection": "R-093",
        "effective_reached": "T-06",
        "after_care_done": "T-07",
        "first_call_day_come": "R-125",
        "reason_given": "T-08",
        "second_signature": "T-10",
        "cause_gone": "T-12",
        "cause_of_cancelling": "T-15",
        "cause_of_reversal": "T-16",
    }
)

G_REC = (
    "recipient_active",
    "recipient_in_field",
    "market_matches",
    "territory_matches",
    "training_valid",
    "qualification_valid",
    "cooling_off_over",
    "no_conflict",
)


class Transition(NamedTuple):
    """One line of rulebook 3.3. ``None`` as origin or target is *not due*: no row."""

    id: str
    origins: frozenset[HandoverState | None]
    target: HandoverState | None
    who: frozenset[str]
    needs_signature: bool
    meaning: str
    guards: tuple[str, ...] = ()
    only_recipient: bool = False
    distinct: bool = False


BEFORE_EFFECTIVE = (S.DUE, S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED)
MSL = frozenset({Role.MSL, Role.MSL_LEAD})
FIELD = frozenset({Role.FIELD_SERVICE, Role.FIELD_LEAD})


def _from(*states: HandoverState | None) -> frozenset[HandoverState | None]:
    return frozenset(states)


def _by(*roles: str) -> frozenset[str]:
    return frozenset(roles)


TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        *("T-01", _from(None), S.DUE, _by(SYSTEM), False, "opened"),
        guards=("relation_active", "medical_owner", "none_in_flight", "use_open"),
    ),
    Transition(
        *("T-02", _from(S.DUE), S.PREPARED, MSL, True, "prepared"),
        guards=(
            *("drafts_settled", "adverse_events_routed", "inquiries_assigned", "package_previewed"),
            "rules_in_force",
        ),
    ),
    Transition(
        *("T-03", _from(S.PREPARED), S.ASSIGNED, _by(Role.FIELD_LEAD), False, "assigned"),
        guards=("rules_in_force", *G_REC),
        distinct=True,
    ),
    Transition(
        *("T-04", _from(S.ASSIGNED), S.ACCEPTED, FIELD, True, "accepted"),
        guards=("rules_in_force", *G_REC),
        only_recipient=True,
        distinct=True,
    ),
    # The lead's own signature, or the campaign release she signed beforehand, carried out by the system.
    Transition(
        *("T-05", _from(S.ACCEPTED), S.APPROVED, _by(Role.MSL_LEAD, SYSTEM), True, "approved"),
        guards=("package_unchanged", "compliance_signed_if_flagged", "effective_in_future", "rules_in_force"),
        distinct=True,
    ),
    Transition(
        *("T-06", _from(S.APPROVED), S.EFFECTIVE, _by(SYSTEM), False, "made effective"),
        guards=(
            *("effective_reached", "use_open", "rules_in_force", *G_REC),
            *("package_unchanged", "no_objection"),
        ),
        distinct=True,
    ),
    Transition(
        *("T-07", _from(S.EFFECTIVE), S.CLOSED, _by(SYSTEM), False, "closed"),
        guards=("after_care_done", "first_call_day_come"),
    ),
    Transition(
        *("T-08", _from(S.ASSIGNED), S.PREPARED, FIELD, False, "declined"),
        guards=("reason_given",),
        only_recipient=True,
    ),
    Transition(
        *("T-09", _from(S.ACCEPTED, S.APPROVED), S.PREPARED, _by(Role.MSL_LEAD, SYSTEM), False, "sent back"),
        guards=("reason_given",),
    ),
    Transition(
        *("T-10", _from(*BEFORE_EFFECTIVE), S.EXEMPT, _by(Role.COMPLIANCE), True, "exempted"),
        guards=("reason_given", "second_signature"),
    ),
    Transition(
        *("T-11", _from(S.PREPARED), S.NO_FIELD, _by(Role.MSL_LEAD), True, "left without field service"),
        guards=("second_signature",),
    ),
    Transition(
        *("T-12", _from(S.EXEMPT, S.NO_FIELD), S.DUE, _by(SYSTEM, Role.MSL_LEAD), False, "reviewed"),
        guards=("use_open", "cause_gone"),
    ),
    Transition(
        *("T-13", _from(*BEFORE_EFFECTIVE), S.FROZEN, _by(SYSTEM, Role.COMPLIANCE), False, "frozen"),
    ),
    Transition(
        *("T-14", _from(S.FROZEN), S.DUE, _by(SYSTEM, Role.COMPLIANCE), False, "taken up again"),
        guards=("use_open",),
    ),
    Transition(
        "T-15",
        _from(*BEFORE_EFFECTIVE, S.EXEMPT, S.NO_FIELD, S.FROZEN),
        *(S.CANCELLED, _by(SYSTEM), False, "cancelled"),
        guards=("cause_of_cancelling",),
    ),
    Transition(
        *("T-16", _from(S.EFFECTIVE, S.CLOSED), S.REVERSED, _by(SYSTEM, Role.COMPLIANCE), False, "reversed"),
        guards=("cause_of_reversal",),
    ),
    # After a reversal a new item is opened; the old one is final.
    Transition(
        *("T-17", _from(None), S.DUE, _by(SYSTEM), False, "opened again"),
        guards=("relation_active", "medical_owner", "none_in_flight", "use_open"),
    ),
    # Not steps of an item: the owner changes within one side.
    Transition(
        *("T-18", _from(None), None, _by(Role.FIELD_LEAD), False, "reassigned in field service"), guards=G_REC
    ),
    Transition(
        *("T-19", _from(None), None, _by(Role.MSL_LEAD, SYSTEM), False, "reassigned in Medical"),
        guards=("relation_active",),
    ),
)

BY_ID: MappingProxyType[str, Transition] = MappingProxyType({step.id: step for step in TRANSITIONS})

IN_FLIGHT = frozenset({*BEFORE_EFFECTIVE, S.FROZEN})
FINAL = frozenset({S.CANCELLED, S.REVERSED})

COLUMNS: MappingProxyType[HandoverState, Column] = MappingProxyType(
    {
        S.DUE: Column.TO_PREPARE,
        S.FROZEN: Column.TO_PREPARE,
        S.PREPARED: Column.WAITING,
        S.ASSIGNED: Column.WAITING,
        S.ACCEPTED: Column.WAITING,
        S.APPROVED: Column.WAITING,
        S.EFFECTIVE: Column.WITH_FIELD_SERVICE,
        S.CLOSED: Column.WITH_FIELD_SERVICE,
        S.EXEMPT: Column.SET_ASIDE,
        S.NO_FIELD: Column.SET_ASIDE,
        S.REVERSED: Column.SET_ASIDE,
        S.CANCELLED: Column.SET_ASIDE,
    }
)

# Which number of a market says within how many business days a stage is done (PP-03).
STAGE_NUMBERS: MappingProxyType[HandoverState, str] = MappingProxyType(
    {
        S.DUE: "PP-03 prepare_business_days",
        S.PREPARED: "PP-03 assign_business_days",
        S.ASSIGNED: "PP-03 accept_business_days",
        S.ACCEPTED: "PP-03 approve_business_days",
    }
)
# The same where a market says nothing of its own.
STAGE_DAYS: MappingProxyType[HandoverState, int] = MappingProxyType(
    {state: parameter(name) for state, name in STAGE_NUMBERS.items()}
)


class Reminder(NamedTuple):
    """One moment of rulebook 3.4: a share of the stage plus business days, and who is told."""

    percent: int
    extra_business_days: int
    told: str


REMINDERS: tuple[Reminder, ...] = (
    Reminder(50, 0, "actor"),
    Reminder(80, 0, "actor and line"),
    Reminder(100, 0, "line"),
    Reminder(100, 5, "head of function"),
    Reminder(100, 10, "compliance"),
)


def column_of(state: HandoverState | str, *, declined: bool = False) -> Column:
    """The column of the board (decision 27). Back in PREPARED after a coded refusal is *declined*."""
    state = HandoverState(state)
    return Column.DECLINED if declined and state is S.PREPARED else COLUMNS[state]


def steps_from(state: HandoverState | None) -> tuple[Transition, ...]:
    """The steps that lead away from a state; none from a final one."""
    return tuple(step for step in TRANSITIONS if state in step.origins and step.target is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step somebody wants to take, as facts read after the lock.

    ``actor``, ``preparer``, ``recipient`` and ``approver`` are keys of people as text. For an approval
    by campaign release the actor's role is SYSTEM and ``approver`` the lead who signed the release.
    ``guards`` maps a guard to true or false; ``None`` says that nobody knows.
    """

    transition: str
    state: HandoverState | None
    role: str
    actor: str = ""
    preparer: str = ""
    recipient: str = ""
    approver: str = ""
    signed: bool = False
    guards: Mapping[str, bool | None] = field(default_factory=dict)


def judge(step: Step) -> Decision:
    """Whether a step may be taken: right path, right role, signed, different people, every guard passed.

    A guard left out, or stated as ``None``, refuses: what is not known is not granted.
    """
    transition = BY_ID.get(step.transition)
    if transition is None:
        return decision(unknown("no_such_step", step=step.transition))
    return decision(strictest((fine(transition.id), *_rulings(transition, step))))


def _rulings(transition: Transition, step: Step) -> Iterator[Ruling]:
    rule = transition.id
    if step.state not in transition.origins:
        yield denied(rule, "no_such_step", step=transition.meaning, state=str(step.state or "NOT_DUE"))
    if step.role not in transition.who:
        yield denied(rule, "step_not_yours", step=transition.meaning, role=str(step.role))
    if transition.needs_signature and not step.signed:
        yield denied(rule, "signature_missing", step=transition.meaning)
    if transition.only_recipient and (not step.actor or step.actor != step.recipient):
        yield denied(rule, "recipient_only", step=transition.meaning)
    if transition.distinct:
        yield from _distinct(rule, step)
    for guard in transition.guards:
        yield from _guard(guard, step.guards.get(guard))


def _distinct(rule: str, step: Step) -> Iterator[Ruling]:
    """I-14: preparer, recipient and approver are three people."""
    people = [step.preparer, step.recipient]
    if not all(people):
        yield unknown("people_of_step_missing", rule)
    if rule in ("T-05", "T-06"):
        if not step.approver:
            yield unknown("people_of_step_missing", rule)
        people.append(step.approver)
    named = [person for person in people if person]
    if len(set(named)) < len(named):
        yield denied("I-14", "same_person")


def _guard(guard: str, passed: bool | None) -> Iterator[Ruling]:
    if passed is None:
        yield unknown("guard_unknown", GUARDS[guard], guard=guard)
    elif not passed:
        yield denied(GUARDS[guard], "guard_failed", guard=guard)
