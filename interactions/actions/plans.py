"""Planning a contact, calling it off, and writing down how it went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Channel, Intent, Kind
from interactions import words
from interactions.actions.hindsight import present_of, spoken_of
from interactions.actions.judging import in_words, judge, keep_answer, new_record
from interactions.actions.log import lock_own, log_interaction, save_parts
from interactions.facts import Event, Present, Spoken
from interactions.models import Interaction
from interactions.words import Written
from kols.models import Institution


@audit.action
def plan_interaction(
    *,
    by: User,
    event: Event,
    people: Sequence[Present],
    topics: Sequence[Spoken] = (),
    title: str = "",
    institution: Institution | None = None,
    place: str = "",
    note: str = "",
    words_reason: str = "",
) -> Interaction:
    """Plan a contact. What would be missing on the day is missing now: the plan is refused (decision 21).

    Its title and note are read as well: there is time to write them otherwise (R-098).
    """
    found, decision = judge(
        by=by, intent=Intent.PLAN, event=event, topics=topics, people=people, verb="planned"
    )
    marked = words.settle(
        by, event.market, *Written(title=title, note=note).texts(()), reason=words_reason, verb="was refused to plan",
        people=[str(one.kol or one.name) for one in people],
    )  # fmt: skip
    plan = new_record(
        Interaction.Status.PLANNED, by=by, event=event, found=found, decision=decision,
        title=title, institution=institution, place=place, note=note,
    )  # fmt: skip
    plan.save(force_insert=True)
    save_parts(plan, topics, people, found, decision)
    words.keep(plan, marked, words_reason)
    audit.record("planned", plan, by=by, words=in_words(event, people), market=event.market.code,
                 act=found.act, decision=decision)  # fmt: skip
    return plan


def carry_out_plan(plan: Interaction, *, by: User, **record: Any) -> Interaction:
    """Log what became of a plan. The plan stays as it was; the record points to it."""
    return log_interaction(by=by, follows_plan=plan, **record)


@audit.action
def move_plan(
    plan: Interaction, *, by: User, starts_at: datetime, ends_at: datetime, place: str
) -> Interaction:
    """Put a planned contact to another time or place. It is judged anew for the new day (R-013)."""
    plan = lock_own(plan, by, {Interaction.Status.PLANNED}, verb="moved")
    event = Event(
        kind=Kind(plan.kind), channel=Channel(plan.channel), starts_at=starts_at, ends_at=ends_at,
        market=plan.market,
    )  # fmt: skip
    people = present_of(plan)
    found, decision = judge(
        by=by, intent=Intent.PLAN, event=event, topics=spoken_of(plan), people=people, verb="moved", on=plan
    )
    plan.place = place
    keep_answer(plan, event, found, decision)
    plan.save()
    audit.record("moved", plan, by=by, words=in_words(event, people), market=plan.market.code,
                 act=found.act, decision=decision)  # fmt: skip
    return plan


@audit.action
def cancel_plan(plan: Interaction, *, by: User) -> Interaction:
    """Call a planned contact off."""
    return _move(plan, by, Interaction.Status.PLANNED, Interaction.Status.CANCELLED, verb="cancelled")


@audit.action
def reinstate_plan(plan: Interaction, *, by: User) -> Interaction:
    """Undo a cancellation."""
    return _move(plan, by, Interaction.Status.CANCELLED, Interaction.Status.PLANNED, verb="reinstated")


def _move(
    plan: Interaction, by: User, before: Interaction.Status, after: Interaction.Status, *, verb: str
) -> Interaction:
    plan = lock_own(plan, by, {before}, verb=verb)
    plan.status, plan.updated_at = after, now()
    plan.save(update_fields=["status", "updated_at"])
    audit.record(verb, plan, by=by, market=plan.market.code)
    return plan
