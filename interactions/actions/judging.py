"""Asking the policy about a contact, and keeping its answer with the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from accounts.acting import now
from accounts.models import User
from accounts.people import role_at
from compliance import audit, policy
from compliance.policy import Decision, DecisionKind, Deed, Intent, Refused, Role, Subject, side_of
from interactions import words
from interactions.asking import judged
from interactions.changes import NONE, Changes
from interactions.facts import Event, Gathered, Present, Spoken
from interactions.handed import NOTHING, Given
from interactions.models import Attendee, Interaction, Topic, compartment_of
from interactions.words import Written
from kols.models import KOL


def role_then(by: User, at: datetime, *, verb: str) -> Role:
    """The role that counts: the one held at the event, on the side the person stands on now (R-065).

    What was done on the other side of the wall cannot be written down from this one.
    """
    held = role_at(by, min(at, now()))
    if held is None or side_of(held[0]) != by.side:
        audit.refuse(
            "R-140",
            "deed_not_yours",
            verb=verb,
            on=None,
            by=by,
            deed=str(Deed.LOG_INTERACTION),
            role=str(by.role),
        )
    return held[0]


def judge(
    *,
    by: User,
    intent: Intent,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    verb: str,
    on: Interaction | None = None,
    given: Given = NOTHING,
    changed: Changes = NONE,
    written: Written | None = None,
) -> tuple[Gathered, Decision]:
    """Gather the facts and uphold the decision. A record that only lacks documents passes (decision 21).

    Text that can tell who a patient is must go; other words that stand out lack their reason like a document.
    """
    audit.permit(Deed.PLAN_INTERACTION if intent is Intent.PLAN else Deed.LOG_INTERACTION, on=on, by=by)
    role = role_then(by, event.starts_at, verb=verb)
    _see(by, people, verb=verb)
    # A meeting whose topics are still open is arranged, nothing more.
    spoken = list(topics) or ([Spoken(subject=Subject.ADMIN)] if intent is Intent.PLAN else [])
    found, decision = judged(
        by=by, role=role, intent=intent, event=event, topics=spoken, people=people, given=given, before=on,
        changed=changed,
    )  # fmt: skip
    if found is not None and written is not None:
        found, decision = _read(
            found, decision, written, by=by, topics=spoken, people=people, verb=verb, on=on
        )
    if found is not None and decision.kind is DecisionKind.INCOMPLETE:
        return found, decision
    try:
        audit.uphold(
            decision,
            verb=verb,
            on=on,
            by=by,
            act=found.act if found else None,
            words=in_words(event, people),
            market=event.market.code,
        )
    except Refused as refusal:
        if found is not None and len(found.market_names) == 1:
            refusal.names["market"] = next(iter(found.market_names.values()))
        raise
    assert found is not None  # noqa: S101 - what could not be gathered is refused
    return found, decision


def _read(
    found: Gathered,
    decision: Decision,
    written: Written,
    *,
    by: User,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    verb: str,
    on: Interaction | None,
) -> tuple[Gathered, Decision]:
    """Judge what stands in the texts as well: nothing changes where nothing is marked (R-098)."""
    marked = words.of_act(by, found.act, topics, people, written)
    if not marked:
        return found, decision
    if words.blocked(marked):
        audit.refuse("R-098", "words_blocked", verb=verb, on=on, by=by)
    act = replace(found.act, said=words.said(marked), words_reason=bool(written.reason.strip()))
    return replace(found, act=act, marked=marked), policy.decide(act)


def _see(by: User, people: Sequence[Present], *, verb: str) -> None:
    """Everybody named is somebody this person may know about; else one answer, the same for all reasons."""
    named = {present.kol.pk for present in people if present.kol is not None}
    if named and KOL.objects.visible_to(by).filter(pk__in=named).count() != len(named):
        audit.refuse("R-048", "not_yours", verb=verb, on=None, by=by)


def in_words(event: Event, people: Sequence[Present]) -> str:
    """What the trail calls it: kind and names."""
    names = ", ".join(str(p.kol or p.colleague or p.name) for p in people[:3])
    more = len(people) - 3
    kind = policy.in_words(event.kind)
    return f"{kind} with {names}" + (f" and {more} more" if more > 0 else "") if names else kind


def new_record(
    status: Interaction.Status, *, by: User, event: Event, found: Gathered, decision: Decision, **facts: Any
) -> Interaction:
    """A record by this person, in the role and compartment of the event, with its receipt. Not saved yet."""
    record = Interaction(
        author=by,
        author_role=str(found.act.role),
        author_side=str(by.side),
        compartment=compartment_of(by.side),
        status=status,
        recorded_at=now(),
        **facts,
    )
    keep_answer(record, event, found, decision)
    return record


def keep_answer(record: Interaction, event: Event, found: Gathered, decision: Decision) -> None:
    """Put the event and what the boundary said of it on the record."""
    record.kind, record.channel, record.late_reason = str(event.kind), str(event.channel), event.late_reason
    record.joint_request = event.joint_request
    record.starts_at, record.ends_at = event.starts_at, event.ends_at
    record.market, record.zone = event.market, event.market.zone
    record.updated_at = now()
    keep_receipt(record, found, decision)


def keep_receipt(interaction: Interaction, found: Gathered, decision: Decision) -> None:
    """Store on the record what was asked and answered (decision receipt)."""
    keep_judged(interaction, found.act, decision)


def keep_judged(interaction: Interaction, act: policy.Act, decision: Decision) -> None:
    interaction.act = act.to_json()
    interaction.decision = decision.to_json()
    interaction.policy_version = decision.version
    interaction.missing = sorted(map(str, decision.missing))


def topic_rows(
    interaction: Interaction, topics: Sequence[Spoken], found: Gathered, decision: Decision
) -> list[Topic]:
    """Unsaved rows, each with the evidence that held and what the boundary saw in it."""
    rows = []
    for position, spoken in enumerate(topics):
        judged, part = found.act.topics[position], decision.per_topic[position]
        zones = [zone for place in judged.zones for zone in place.zones]
        rows.append(
            Topic(
                interaction=interaction,
                compartment=interaction.compartment,
                author_id=interaction.author_id,
                position=position,
                subject=spoken.subject,
                use=spoken.use,
                product=spoken.product if spoken.subject == Subject.UNLISTED else None,
                area=spoken.area if spoken.subject == Subject.DISEASE else None,
                basis=spoken.basis or "",
                shared=spoken.shared,
                heard=spoken.heard,
                documents={
                    str(code): {name: _plain(value) for name, value in kept.items()}
                    for code, kept in found.accepted[position].items()
                },
                activity=str(part.activities[0]) if part.activities else "",
                standing=str(judged.standing),
                zone=str(policy.strictest_zone(zones)) if zones and spoken.use else "",
            )
        )
    return rows


def attendee_rows(interaction: Interaction, people: Sequence[Present]) -> list[Attendee]:
    return [
        Attendee(
            interaction=interaction,
            compartment=interaction.compartment,
            author_id=interaction.author_id,
            at=interaction.starts_at,
            kol=present.kol,
            colleague=present.colleague,
            name=present.name,
            function=present.function,
            audience=present.audience,
            main=present.main,
        )
        for present in people
    ]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
