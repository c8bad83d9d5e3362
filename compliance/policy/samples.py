"""Rules F, second part: samples (R-085). Medical never hands out one, in any state (R-037, R-064)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from .facts import Act
from .rulings import Ruling, denied, unknown
from .things import Sample
from .topics import activities, contacts, demanding, number
from .words import Activity


def sample(act: Act) -> Iterator[Ruling]:
    """R-085: signed request in time, to a prescriber, within the year's number and the first years, lot, expiry."""
    demanded = bool(demanding(act, "samples"))
    handing_out = Activity.SAMPLE in activities(act)
    if handing_out and demanded and not act.samples:
        yield unknown("sample_unknown", "R-085")
    if act.samples and not handing_out:
        yield denied("R-085", "sample_elsewhere")
    for each in act.samples:
        yield from _request(act, each)
        yield from _recipient(act, each, demanded)
        yield from _thing(act, each, demanded)


def _request(act: Act, each: Sample) -> Iterator[Ruling]:
    if each.requested_at is None:
        yield unknown("sample_request_missing", "R-085")
        return
    life = timedelta(days=number(act, "PP-22 sample_request_days"))
    if not each.signed:
        yield denied("R-085", "sample_request_unsigned")
    if each.requested_at > act.starts_at or act.starts_at - each.requested_at > life:
        yield denied("R-085", "sample_request_expired", days=str(life.days))
    first, years = each.first_requested_at or each.requested_at, number(act, "PP-09 samples_within_years")
    if act.starts_at >= _years_after(first, years):
        yield denied("R-085", "samples_years_over", years=str(years))


def _years_after(first: datetime, years: int) -> datetime:
    """The same day so many years on; after 29 February, 1 March."""
    try:
        return first.replace(year=first.year + years)
    except ValueError:
        return first.replace(year=first.year + years, month=3, day=1)


def _recipient(act: Act, each: Sample, demanded: bool) -> Iterator[Ruling]:
    found = [person for person in contacts(act) if person.ref == each.person]
    if not found:
        yield denied("R-085", "sample_recipient_absent")
    for person in found:
        if person.prescriber is False:
            yield denied("R-085", "sample_not_prescriber")
        elif person.prescriber is None and demanded:
            yield unknown("prescriber_unknown", "R-085")


def _thing(act: Act, each: Sample, demanded: bool) -> Iterator[Ruling]:
    allowed = number(act, "PP-09 samples_per_year")
    given = each.given_this_year
    if given is None and demanded:
        yield unknown("samples_given_unknown", "R-085")
    elif (given or 0) + each.quantity > allowed:
        yield denied("R-085", "samples_too_many", number=str(allowed))
    if each.quantity < 1 or not each.lot or each.expires is None:
        yield unknown("sample_lot_missing", "R-085")
    elif each.expires <= act.starts_at:
        yield denied("R-085", "sample_expired")
    if each.controlled:
        yield denied("R-085", "sample_controlled")
    elif each.controlled is None and demanded:
        yield unknown("sample_controlled_unknown", "R-085")
    if each.use not in {topic.ref for topic in act.topics}:
        yield denied("R-085", "sample_other_use")
