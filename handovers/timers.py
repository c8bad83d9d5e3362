"""Reminders and escalations on the market's business days (rulebook 3.4). They tell people; they move
nothing.

Found by a query, so a night without workers is caught up at the next run, in order; a row per firing,
unique per stay in a state, so a timer fires once whatever the clock does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from accounts.acting import acting_as, now, system
from accounts.models import Market, User
from accounts.notices import tell_all
from accounts.people import leads_of, people_with
from compliance import audit
from compliance.policy import HandoverState, Role
from compliance.policy.handover import IN_FLIGHT, REMINDERS, STAGE_NUMBERS
from handovers import territories
from handovers.eligibility import number_of, rules_of
from handovers.models import Handover, Reminder

S = HandoverState
LONG_STOP, TARGET = "long stop", "target"


class Stage(NamedTuple):
    """One moment of a stage: its name, the local day on which it fires, and who is told."""

    name: str
    day: date
    told: str


def stages_of(state: HandoverState | str, since: date, market: Market, rules: str) -> list[Stage]:
    """The moments of a stay in a state that began on a local day, in order, by the rules in force in the market.

    Empty where nobody is waited for.
    """
    name = STAGE_NUMBERS.get(HandoverState(state))
    if name is None:
        return []
    days = number_of(market.code, rules, name)
    return [
        Stage(
            f"{reminder.percent} %"
            + (f" + {reminder.extra_business_days}" if reminder.extra_business_days else ""),
            market.business_days_after(
                since, math.ceil(days * reminder.percent / 100) + reminder.extra_business_days
            ),
            reminder.told,
        )
        for reminder in REMINDERS
    ]


def due_on(handover: Handover, market: Market) -> date | None:
    """The local day by which the present stage should be done; None where no clock runs."""
    name = STAGE_NUMBERS.get(HandoverState(handover.state))
    if name is None:
        return None
    days = number_of(market.code, _rules(handover, market), name)
    return market.business_days_after(market.local_day(handover.state_since), days)


def target_on(handover: Handover, market: Market) -> date:
    """The day by which all of it should be done; the line is told when it is not."""
    return _days_after_due(handover, market, "PP-03 overall_target_days")


def long_stop_on(handover: Handover, market: Market) -> date:
    """Sixty days after it became due Compliance has to decide; ownership does not move by it."""
    return _days_after_due(handover, market, "PP-03 long_stop_days")


def _days_after_due(handover: Handover, market: Market, name: str) -> date:
    days = number_of(market.code, _rules(handover, market), name)
    return market.local_day(handover.due_since) + timedelta(days=days)


def _rules(handover: Handover, market: Market) -> str:
    """The version in force today, which a query `with_rules` has brought along."""
    if not hasattr(handover, "rules"):
        return rules_of(market, now())
    return str(handover.rules or "")


def first_call_from(handover: Handover, rules: str) -> datetime:
    """The first instant of field service's first call: PP-07 business days after ownership moved (R-125).

    `rules` is the version in force in the market.
    """
    market = handover.relation.use.market
    days = number_of(market.code, rules, "PP-07 first_call_after_business_days")
    moved_on = market.local_day(handover.effective_at or handover.state_since)
    return market.start_of(market.business_days_after(moved_on, days))


@audit.action
def remind_and_escalate() -> int:
    """Fire every timer whose day has come and that has not fired; how many fired."""
    with acting_as(system("remind and escalate handovers")):
        waiting = (
            Handover.objects.filter(state__in=[*STAGE_NUMBERS, S.APPROVED, S.FROZEN])
            .with_rules()
            .select_related("market", "preparer", "recipient", "campaign__use__indication__product")
            .order_by("due_since", "pk")
        )
        fired = list(_fire(waiting))
        _tell(fired)
    return len(fired)


def _fire(waiting: Iterable[Handover]) -> Iterator[tuple[Handover, Stage]]:
    """Claim the timers that are due: the row inserted first is the one that tells."""
    known: dict[tuple[str, UUID, date], list[Stage]] = {}
    wanted: dict[tuple[UUID, int, str], tuple[Handover, Stage]] = {}
    for handover in waiting:
        market = handover.market
        today, since = market.local_day(now()), market.local_day(handover.state_since)
        key = (str(handover.state), market.pk, since)
        if key not in known:
            known[key] = stages_of(handover.state, since, market, _rules(handover, market))
        for stage in known[key]:
            if stage.day <= today:
                wanted[handover.pk, handover.version, stage.name] = (handover, stage)
        if handover.state in STAGE_NUMBERS and target_on(handover, market) <= today:
            wanted[handover.pk, 0, TARGET] = (handover, Stage(TARGET, today, "line"))
        if handover.state in IN_FLIGHT and long_stop_on(handover, market) <= today:
            wanted[handover.pk, 0, LONG_STOP] = (handover, Stage(LONG_STOP, today, "compliance"))
    handovers = {handover.pk for handover, _ in wanted.values()}
    done = set(Reminder.objects.filter(handover__in=handovers).values_list("handover_id", "version", "stage"))
    rows = {
        timer: Reminder(handover_id=timer[0], version=timer[1], stage=timer[2], fired_at=now())
        for timer in wanted
        if timer not in done
    }
    Reminder.objects.bulk_create(rows.values(), ignore_conflicts=True, batch_size=1000)
    ours = set(Reminder.objects.filter(pk__in=[row.pk for row in rows.values()]).values_list("pk", flat=True))
    for timer, row in rows.items():
        if row.pk in ours:
            yield wanted[timer]


def _tell(fired: list[tuple[Handover, Stage]]) -> None:
    """One notice per person, stage and campaign, however many handovers wait."""
    memo: dict[tuple[UUID | None, str, str], list[User]] = {}
    counts: Counter[tuple[UUID, UUID, str, str]] = Counter()
    people: dict[UUID, User] = {}
    campaigns = {handover.campaign_id: handover.campaign for handover, _ in fired}
    for handover, stage in fired:
        actor = handover.preparer_id if handover.state != S.ASSIGNED else handover.recipient_id
        key = (actor, str(handover.state), stage.told)
        if key not in memo:
            memo[key] = told_of(handover, stage.told)
        for person in memo[key]:
            people[person.pk] = person
            counts[person.pk, handover.campaign_id, str(handover.state), stage.name] += 1
    today = now().date().isoformat()
    tell_all(
        [
            (
                people[pk],
                "handovers_waiting",
                f"handovers waiting {campaign} {state} {stage} {today}",
                _url(people[pk], state),
                {"count": count, "use": campaigns[campaign].use, "stage": stage, "state": state},
            )
            for (pk, campaign, state, stage), count in counts.items()
        ]
    )


def _url(person: User, state: str) -> str:
    if state == S.ASSIGNED:
        return "/handovers/inbox/"
    return "/handovers/mine/" if state == S.DUE else "/handovers/"


def told_of(handover: Handover, told: str) -> list[User]:
    """The people a stage concerns: who must act, and the line above."""
    actors = _actors(handover)
    if told == "actor":
        return actors
    if told == "compliance":
        return people_with(Role.COMPLIANCE)
    line = [lead for actor in actors for lead in leads_of(actor)] or _fallback(handover)
    if told == "actor and line":
        return [*actors, *line]
    if told == "head of function":
        return [lead for person in line for lead in leads_of(person)] or line
    return line


def _actors(handover: Handover) -> list[User]:
    """Who must act next in this state."""
    if handover.state == S.DUE:
        return [handover.preparer]
    if handover.state == S.ASSIGNED and handover.recipient is not None:
        return [handover.recipient]
    if handover.state == S.ACCEPTED:
        return leads_of(handover.preparer) or people_with(Role.MSL_LEAD, handover.market)
    return territories.field_leads(handover.relation_id, handover.market, now())


def _fallback(handover: Handover) -> list[User]:
    if handover.state in (S.PREPARED, S.ASSIGNED):
        return territories.field_leads(handover.relation_id, handover.market, now())
    return people_with(Role.MSL_LEAD, handover.market)
