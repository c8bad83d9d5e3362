"""Who talks about what, as a band over time: Medical, the handover between, field service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import current
from compliance.policy import (
    Basis,
    Outcome,
    Role,
    Side,
    Standing,
    State,
    Zone,
    in_words,
    options,
    sentence,
    zone_of,
)
from kols.models import KOL, Ownership
from kols.profile import Line, instant
from msl_crm.dates import date_in_words
from msl_crm.geometry import Mark, Row, Segment
from products.models import Period

YEARS_BACK = timedelta(days=3 * 365)
AT_LEAST_BACK = timedelta(days=365)
AHEAD = timedelta(days=183)
FARTHEST = timedelta(days=3 * 365)
ZONE_TAGS = {
    Zone.PRE: ("plum", gettext_lazy("not authorised")),
    Zone.OPEN: ("green", gettext_lazy("authorised")),
    Zone.CLOSED: ("red", gettext_lazy("closed")),
    Zone.UNLISTED: ("slate", gettext_lazy("not listed")),
    Zone.NONE: ("slate", ""),
}
OPENING = (State.AUTHORISED, State.CONDITIONAL)


def band_of(lines: list[Line]) -> dict[str, Any]:
    """Rows and span of the band: from the first contact, three years back at most, to half a year ahead."""
    at = current().now
    first = min((line.owned[0].during.lower for line in lines), default=at)
    start = max(min(first - timedelta(days=20), at - AT_LEAST_BACK), at - YEARS_BACK)
    expected = [line.use.expected_on for line in lines if line.use.expected_on]
    end = max([(at + AHEAD).date(), *[day + timedelta(days=60) for day in expected]])
    several = len({line.use.market_id for line in lines}) > 1
    return {
        "rows": [_row(line, several) for line in lines],
        "start": start.date(),
        "end": min(end, (at + FARTHEST).date()),
        "today": at.date(),
        "market": "" if several or not lines else lines[0].use.market.name,
    }


def _row(line: Line, with_market: bool) -> Row:
    indication = line.use.indication.name
    label = f"{indication}, {line.use.market.code}" if with_market else indication
    segments = tuple(segment for one in line.owned for segment in _segments(line, one))
    return Row(line.use.indication.product.name, label, segments, tuple(_marks(line)))


def opened(period: Period) -> datetime | None:
    """From when field service may speak within this period; None if it may not."""
    if period.state not in OPENING or period.awaits_release:
        return None
    return max(period.during.lower, period.promotable_from or period.during.lower)


def _segments(line: Line, one: Ownership) -> Iterator[Segment]:
    day = line.use.market.local_day
    begin, end = one.during.lower, one.during.upper
    if one.side == Side.COMMERCIAL:
        name = _("%(name)s, field service") % {"name": one.owner.name}
        yield Segment(day(begin), day(end) if end else None, "field", name)
        return
    name = _("%(name)s, MSL") % {"name": one.owner.name}
    waiting = [] if line.stays_with_medical else list(_open_times(line, begin, end))
    for start, stop in waiting:
        if begin < start:
            yield Segment(day(begin), day(start), "msl", name)
        yield from _handover(line, start, stop)
        if stop is None:
            return
        begin = stop
    if end is None or begin < end:
        yield from _medical(line, begin, end, name)


def _open_times(
    line: Line, begin: datetime, end: datetime | None
) -> Iterator[tuple[datetime, datetime | None]]:
    """When the use was open while Medical still answered: the handover was on its way."""
    for period in line.periods:
        if (start := opened(period)) is None:
            continue
        ends = [stop for stop in (period.during.upper, end) if stop is not None]
        start, stop = max(start, begin), min(ends) if ends else None
        if stop is None or start < stop:
            yield start, stop


def _handover(line: Line, start: datetime, stop: datetime | None) -> Iterator[Segment]:
    day, words = line.use.market.local_day, _("Handover")
    moves = line.handover.effective_at if line.handover and stop is None else None
    if moves is not None and moves > start and line.handover is not None:
        yield Segment(day(start), day(moves), "handover", words)
        name = line.handover.recipient.name if line.handover.recipient else _("Field service")
        yield Segment(day(moves), None, "field", name, planned=True)
    else:
        yield Segment(day(start), day(stop) if stop else None, "handover", words)


def _medical(line: Line, begin: datetime, end: datetime | None, name: str) -> Iterator[Segment]:
    day, expected = line.use.market.local_day, _expected(line)
    if end is None and expected is not None and not line.stays_with_medical:
        yield Segment(day(begin), expected, "msl", name)
        yield Segment(expected, None, "field", _("Field service, if authorised"), planned=True)
    else:
        yield Segment(day(begin), day(end) if end else None, "msl", name)


def _expected(line: Line) -> date | None:
    """The day a decision is expected, while there is none yet."""
    day = line.use.expected_on
    period = line.period
    undecided = period is None or zone_of(State(period.state)) == Zone.PRE
    return day if day is not None and undecided and day > current().now.date() else None


def _marks(line: Line) -> Iterator[Mark]:
    for period in line.periods:
        if (at := opened(period)) is not None:
            day = line.use.market.local_day(at)
            yield Mark(day, _("Authorised %(day)s") % {"day": date_in_words(day)})
    if (hoped := _expected(line)) is not None:
        yield Mark(hoped, _("Decision expected %(day)s") % {"day": date_in_words(hoped)}, expected=True)


def may_discuss(kol: KOL, lines: list[Line], role: Role, user_id: object) -> list[dict[str, Any]]:
    """For each use, what the boundary says about a visit today: the policy's answer in words."""
    return [_item(kol, line, role, user_id) for line in lines if line.now is not None]


def _item(kol: KOL, line: Line, role: Role, user_id: object) -> dict[str, Any]:
    at, period = current().now, line.period
    promotable = period is None or period.promotable_from is None or period.promotable_from <= at
    zone = zone_of(State(period.state), promotable=promotable) if period else Zone.UNLISTED
    product = line.use.indication.product.name
    panel = options(
        role=role,
        zone=zone,
        standing=_standing(line, user_id),
        has_plan_item=line.has_plan,
        has_study=_holds(kol, "studies", line),
        has_contract=_holds(kol, "services", line),
        topic=product,
        market=line.use.market.name,
    )
    if panel.asks:
        answers = [_(in_words(Basis(option.basis))) for option in panel.options]
        text = _("Only if: %(answers)s.") % {"answers": "; ".join(answers)}
    elif panel.outcome is not Outcome.NOT_ALLOWED:
        text = _("Yes, within the authorised use.")
    else:
        reasons = panel.reasons[:1]
        text = " ".join(sentence(reason, _, topic=product, market=line.use.market.name) for reason in reasons)
    if line.now is not None and line.now.side == Side.COMMERCIAL:
        text += " " + _("%(name)s of field service answers for it.") % {"name": line.now.owner.name}
    tone, tag = ZONE_TAGS[zone]
    return {"label": product, "text": f"{line.use.indication.name}. {text}", "tone": tone, "tag": tag}


def _standing(line: Line, user_id: object) -> Standing:
    if line.now is not None and line.now.owner_id == user_id:
        return Standing.OWNER
    return Standing.SCIENTIFIC_CONTACT if line.in_contact else Standing.NON_OWNER


def _holds(kol: KOL, what: str, line: Line) -> bool:
    at = current().now
    for one in getattr(kol, what, None) or []:
        since, until = instant(one["since"]), instant(one["until"])
        if (
            one["use"] == str(line.use.pk)
            and (since is None or since <= at)
            and (until is None or at < until)
        ):
            return True
    return False
