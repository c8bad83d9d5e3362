"""The boundary as one page of Markdown, printed from the tables that decide (``docs/boundary.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .deeds import DEEDS
from .families import FAMILIES
from .handover import COLUMNS, REMINDERS, STAGE_DAYS, TRANSITIONS
from .lifecycle import FOLLOWERS
from .matrix import (
    FIELD_EXCERPTS,
    MEDICAL_EXCERPTS,
    ROWS,
    UNLISTED_ANSWERED,
    UNLISTED_REACTIVE,
)
from .packs import Pack, packs
from .parameters import PARAMETERS
from .sentences import GUARD_LACKS, GUARD_WORDS
from .version import version
from .words import Channel, Document, Role, in_words
from .zones import ZONES

INTRODUCTION = """\
# The boundary

Printed by `manage.py print_boundary` from the tables the product decides by, so it is never older than
they are. Do not edit it: change `compliance/policy/`, print it again, and let Compliance read the change.
A test compares the two. Rule numbers are those of the rulebook.

One question is asked of every act: `decide(act)`. It judges each topic in each market, at the start and
at the end of the event, before each audience, and counts the strictest of all answers. What is not in a
table is refused. A report of a side effect is never refused."""

MATRIX = """\
**A** allowed · **D** allowed with the documents named · **X** not allowed (a plan is refused, a record
becomes a deviation) · **X?PRECLEAR** not allowed unless Compliance cleared it before · **ATTEND** as a
guest only · **OWNER** only who answers to the KOL for another use that is open · **-** cannot occur ·
**REQ|PLAN** a request when asked, a plan item when not · **TRIAL@INVESTIGATOR** only before investigators.

*Scientific* is the MSL's scientific contact after the handover; an MSL who neither owns nor keeps one
needs PRECLEAR besides, or lawful cover (R-049). MSL lead counts as MSL, field lead as field service."""

DEMANDED = """\
What of this a market *demands* is said by its pack: where it does, a fact that nobody stated refuses a plan
and leaves a record incomplete. A fact that is stated counts everywhere."""

PACKS = """\
Each market has its rules in versions. A version comes into force by two people: Compliance proposes it,
another of Compliance, Privacy or Regulatory confirms it, after its own examples have passed and after
both have seen which decisions of the last 90 days would have been others. A market without a pack allows
administrative contact and reports of side effects alone (R-014). Version 2026.1 of each market is what this
page says above, with nothing demanded besides."""

HANDOVER = """\
Owner is Medical until a handover becomes EFFECTIVE. Preparer, recipient and approver are three people.
A guard whose fact nobody knows refuses."""


MATRIX_HEAD = (
    *("Rule", "Activity"),
    *("MSL PRE proactive", "MSL PRE reactive", "MSL OPEN owner", "MSL OPEN scientific", "MSL CLOSED"),
    *("Field PRE", "Field OPEN owner", "Field OPEN not owner", "Field CLOSED"),
)


def page() -> str:
    """The whole page, ending in one line break."""
    return "\n\n".join(part.rstrip() for part in _parts()) + "\n"


def _parts() -> Iterator[str]:
    yield INTRODUCTION
    yield f"Version `{version()}`."
    yield "## Zones"
    yield _table(
        ("State", "Zone", "May be followed by"),
        (
            (state.name, zone.name, _list(sorted(s.name for s in FOLLOWERS[state])))
            for state, zone in ZONES.items()
        ),
    )
    yield (
        "Authorised but not yet to be promoted is PRE. No use in that market is UNLISTED. A day is OPEN only "
        "if all of it is, in the market's own time. Any state may be the first."
    )
    yield "## Who may do what"
    yield MATRIX
    yield _table(
        MATRIX_HEAD,
        ((row.rule, in_words(row.activity), *row[2:]) for row in ROWS),
    )
    yield from _unlisted()
    yield "### Other roles"
    yield _table(("Role", "Shares the rows", "All else refused by"), _excerpts())
    yield "## What else is asked"
    yield "\n".join(f"- {_first_line(family.__doc__)}" for family in FAMILIES)
    yield DEMANDED
    yield "## Packs"
    yield PACKS
    for pack in packs().values():
        if pack.demands:
            yield f"### {pack.market} {pack.version}"
            yield _table(("Rule", "Text", "Source"), ((r.rule, r.text, r.source) for r in pack.rules))
            yield _differences(pack)
    yield "## Documents"
    yield _table(("Code", "Words"), ((document.name, in_words(document)) for document in Document))
    yield "## Handover"
    yield HANDOVER
    yield _table(("Step", "From", "To", "Who", "Signed", "Guards"), _steps())
    yield "Guards in words:\n\n" + "\n".join(
        f"- `{name}`: {words}" + (f". {GUARD_LACKS[name][1]}" if name in GUARD_LACKS else "")
        for name, words in GUARD_WORDS.items()
    )
    yield _table(
        ("State", "Column", "Business days for the next step"),
        ((s.name, in_words(column), str(STAGE_DAYS.get(s, ""))) for s, column in COLUMNS.items()),
    )
    yield _table(
        ("Share of the stage", "Business days later", "Told"),
        ((f"{r.percent} %", str(r.extra_business_days), r.told) for r in REMINDERS),
    )
    yield "## Administrative deeds"
    yield _table(
        ("Deed", "Rule", "Roles"),
        ((deed.value, rule, _roles(roles)) for deed, (rule, roles) in DEEDS.items()),
    )
    yield "## Parameters"
    yield _table(("Parameter", "Default"), ((name, str(value)) for name, value in PARAMETERS.items()))


def _differences(pack: Pack) -> str:
    """Cells, numbers and channels of a version that differ from those of all markets."""
    said = [f"- {rule}, column `{column}`: {cell}" for rule, column, cell in pack.overrides]
    said += [f"- {name}: {value}" for name, value in pack.parameters.items() if value != PARAMETERS[name]]
    channels = _list(f"{in_words(Channel(channel)).lower()} {word}" for channel, word in pack.consent.items())
    said.append(f"- PP-19 consent: {channels}")
    said.append(
        f"- PP-10 meals: {' '.join(pack.meal_cap) if pack.meal_cap else 'no limit set, none planned'}"
    )
    return "\n".join(said)


def _unlisted() -> Iterator[str]:
    answered = _list(in_words(activity).lower() for activity in UNLISTED_ANSWERED)
    yield "### Unlisted uses"
    yield (
        f"Proactive: X for everybody (R-006). Asked, unprompted: {UNLISTED_REACTIVE} for Medical in "
        f"{answered} (R-044). Field service only takes the question and passes it on (R-031)."
    )


def _excerpts() -> Iterator[Sequence[str]]:
    for columns, excerpts in (("MSL", MEDICAL_EXCERPTS), ("Field", FIELD_EXCERPTS)):
        for role, (rule, shared) in excerpts.items():
            rows = [row.rule for row in ROWS if row.activity in shared]
            yield in_words(role), f"{columns}: {_list([*rows, 'R-036'])}" if rows else "R-036", rule


def _steps() -> Iterator[Sequence[str]]:
    for step in TRANSITIONS:
        guards = _list(step.guards)
        origins = _list(sorted(origin.name if origin else "not due" for origin in step.origins))
        target = step.target.name if step.target else "-"
        yield step.id, origins, target, _roles(step.who), "yes" if step.needs_signature else "no", guards


def _roles(roles: Iterable[str]) -> str:
    roles = frozenset(roles)
    if roles == frozenset(Role):
        return "everybody"
    order = ["SYSTEM", *(role.value for role in Role)]
    return _list(
        "system" if role == "SYSTEM" else in_words(Role(role)) for role in sorted(roles, key=order.index)
    )


def _list(words: Iterable[str]) -> str:
    words = words if isinstance(words, Sequence) else tuple(words)
    return ", ".join(words)


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
