"""A snapshot beside what was known before, and the entries that follow from it.

Compared are meanings, after mapping: a status the agency renamed, a text whose line breaks moved or a column
an older layout did not have is no change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from compliance.policy import lifecycle

from .text import folded
from .words import AuthorisationRecord, Change, Comparison, Proposal, Snapshot

# A product can have passed through these unseen between two snapshots; nothing else is ever assumed.
_UNSEEN = ("CLINICAL", "SUBMITTED", "AUTHORISED")
_AUTHORISED = ("AUTHORISED", "CONDITIONAL")
_WAS_AUTHORISED = (*_AUTHORISED, "SUSPENDED", "WITHDRAWN")


def compare(old: Mapping[str, Mapping[str, Any]], new: Snapshot) -> Comparison:
    """What is new, changed, unchanged and gone. `old` holds `mapped()` of the last snapshot of each key."""
    fresh: list[AuthorisationRecord] = []
    changed: list[Change] = []
    unchanged: list[AuthorisationRecord] = []
    for record in new.records:
        before = old.get(record.key)
        if before is None:
            fresh.append(record)
            continue
        now = record.mapped() if new.complete else _added_to(before, record)
        fields = {
            name: (before[name], now[name])
            for name in now
            if name in before and _meaning(name, before[name]) != _meaning(name, now[name])
        }
        if fields:
            changed.append(Change(record, fields, before.get("state"), now.get("state"), now))
        else:
            unchanged.append(record)
    # A product whose row could not be read has not disappeared.
    present = {record.key for record in new.records} | new.unread_keys
    gone = tuple(sorted(key for key in old if key not in present)) if new.complete else ()
    return Comparison(tuple(fresh), tuple(changed), tuple(unchanged), gone)


def proposals_for(old_state: str | None, record: AuthorisationRecord) -> list[Proposal]:
    """The entries to propose for a record, oldest first; none where a person has to decide.

    The first record of a product proposes its present state alone, and its authorisation too where the file
    gives both the beginning and the end: an end without a day must not leave the product open meanwhile.
    """
    state = record.state
    if state is None or state == old_state:
        return []
    note = "; ".join(record.notes)
    if old_state is None:
        began, ended = record.dates.get("authorised"), record.dates.get("ended")
        if state == "WITHDRAWN" and began and ended and began < ended:
            return [
                Proposal("AUTHORISED", began, "ended since: confirm together with the end"),
                Proposal(state, ended, note),
            ]
        return [Proposal(state, record.effective_on, note)]
    path = _path(old_state, state)
    if path is None:
        return []
    passed = [
        Proposal(
            step, record.dates.get("authorised") if step == "AUTHORISED" else None, "passed through unseen"
        )
        for step in path[:-1]
    ]
    if old_state in _WAS_AUTHORISED and state in _AUTHORISED:
        # The files keep the day of the first authorisation; since when this state holds they do not say.
        note = "; ".join(
            filter(None, (note, "the file gives the day of the first authorisation, not of this change"))
        )
        return [*passed, Proposal(state, None, note)]
    return [*passed, Proposal(state, record.effective_on, note)]


def obstacle(old_state: str | None, record: AuthorisationRecord) -> str:
    """Why a record whose state differs proposes nothing, or an empty text."""
    if record.state is None:
        return "; ".join(record.notes) or "the file gives no state"
    if old_state is not None and old_state != record.state and _path(old_state, record.state) is None:
        return (
            f"{old_state} cannot become {record.state}: one of the two is a mistake, or an entry is missing"
        )
    return ""


def _path(old: str, new: str) -> list[str] | None:
    """The shortest allowed way from one state to another, the last being `new`; None when there is none."""
    waiting = deque([[old]])
    seen = {old}
    while waiting:
        way = waiting.popleft()
        if lifecycle.may_follow(way[-1], new):
            return [*way[1:], new]
        for step in _UNSEEN:
            if step not in seen and lifecycle.may_follow(way[-1], step):
                seen.add(step)
                waiting.append([*way, step])
    return None


def _added_to(before: Mapping[str, Any], record: AuthorisationRecord) -> dict[str, Any]:
    """What is known once a monthly list is added: it adds, and takes nothing back.

    A tentative approval read after the approval, or a supplement alone, leaves the state as it was.
    """
    now = record.mapped()
    merged = {**before, **now}
    if record.state is None or (before.get("state") in _AUTHORISED and record.state == "SUBMITTED"):
        for name in ("state", "status", "date:authorised", "name", "inn", "substances", "holder"):
            if name in before:
                merged[name] = before[name]
            else:
                merged.pop(name, None)
    elif merged.get("state") is not None:
        merged.pop("status", None)
    for name in ("supplements", "other_names"):
        merged[name] = sorted({*before.get(name, ()), *now.get(name, ())})
    names = {*merged["other_names"], before.get("name", ""), now.get("name", "")} - {
        merged.get("name", ""),
        "",
    }
    merged["other_names"] = sorted(names)
    return merged


def _meaning(name: str, value: Any) -> Any:
    if isinstance(value, str) and not name.startswith("date:") and name not in ("state", "status"):
        return folded(value)
    if isinstance(value, list | tuple):
        # One layout separates by semicolons, the other by commas; the order says nothing.
        return frozenset(folded(part) for text in value for part in str(text).split(","))
    return value
