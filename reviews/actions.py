"""Drawing a sample, extending it, deciding on its records, asking their authors; planned observations (R-150 to R-152)."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection

from accounts.acting import now
from accounts.models import Market, User
from accounts.notices import tell
from accounts.people import role_at
from compliance import audit, policy
from compliance.finding_actions import open_finding
from compliance.findings import Finding
from compliance.policy import Deed, side_of
from compliance.policy.parameters import parameter
from interactions.models import Interaction
from reviews import drawing
from reviews.frame import Frame
from reviews.models import Draw, Inquiry, Item, Observation

if TYPE_CHECKING:
    from collections.abc import Iterable

VERB = "was refused a review"
RULES = {
    "deviation": "R-143", "boundary_window": "R-150", "very_late": "R-067", "date_moved": "R-069", "joint_visit": "R-062",
    "initiator_changed": "R-047", "siuu": "R-046", "preclear": "R-004", "value_above_cap": "R-086", "words_kept": "R-098",
}  # fmt: skip


@audit.action
def draw_sample(market: Market, *, since: datetime, until: datetime, by: User, seed: str = "") -> Draw:
    """Take the frame of a period that has ended, draw from it, and keep frame, seed, way and time (R-151).

    The seed is chance's, unless one is given to repeat a draw. Whoever draws sees of the sample what a reviewer sees.
    """
    audit.permit(Deed.DRAW_SAMPLE, on=None, by=by, words=f"{market.code}")
    if since >= until or until > now() or market.pk not in by.market_ids:
        audit.refuse("R-151", "draw_period", verb="was refused to draw a sample", on=None, by=by)
    entries = Frame(market, since, until, by).entries()
    frame = drawing.frame_to_json(entries)
    row = Draw.objects.create(
        market=market, since=since, until=until, frame=frame, frame_sha256=drawing.fingerprint(frame),
        frame_size=len(frame), seed=seed or secrets.token_hex(16), algorithm=drawing.VERSION,
        percent=parameter("PP-11 drawn_percent"), at_least=parameter("PP-11 drawn_at_least"),
        policy_version=policy.VERSION, drawn_by=by, drawn_at=now(),
    )  # fmt: skip
    drawn = repeat(row)
    known = {entry.id: entry for entry in entries}
    Item.objects.bulk_create(
        _item(row, place, known[pk], reasons, by) for place, (pk, reasons) in enumerate(drawn.items(), 1)
    )
    audit.record(
        "drew a sample", row, by=by, market=market.code, frame=len(frame), frame_sha256=row.frame_sha256,
        seed=row.seed, algorithm=row.algorithm, drawn=len(drawn),
    )  # fmt: skip
    return row


def repeat(draw: Draw) -> dict[str, tuple[str, ...]]:
    """The same draw once more, from what is kept of it alone."""
    frame = [drawing.Entry.from_json(entry) for entry in draw.frame]
    return drawing.draw(frame, draw.seed, draw.rates, draw.algorithm)


def _item(draw: Draw, place: int, entry: drawing.Entry, reasons: Iterable[str], by: User) -> Item:
    return Item(
        draw=draw, position=place, version=entry.version, reasons=list(reasons), added_by=by, added_at=now(),
        **{f"{entry.kind}_id": UUID(entry.id)},
    )  # fmt: skip


@audit.action
def extend_sample(draw: Draw, record: Interaction, because: str, *, by: User) -> Item:
    """Add one record by hand, with the reason; the drawn ones stay as they are (R-151)."""
    audit.permit(Deed.DRAW_SAMPLE, on=draw, by=by)
    there = draw.items.filter(interaction=record).exists()
    if there or not because.strip() or record.market_id != draw.market_id:
        audit.refuse("R-151", "draw_extension", verb="was refused to extend a sample", on=draw, by=by)
    item = Item.objects.create(
        draw=draw, position=(draw.items.order_by("-position").values_list("position", flat=True).first() or 0) + 1,
        interaction=record, version=record.version, reasons=["added"], added_because=because.strip()[:300],
        added_by=by, added_at=now(),
    )  # fmt: skip
    audit.record("extended a sample", draw, by=by, entry=str(record.pk), because=item.added_because)
    return item


def in_line(reviewer: User, item: Item) -> bool:
    """Whether somebody is the author or stands in her line, then or now; the database asks the same (R-152)."""
    happened = item.interaction.starts_at if item.interaction else item.deviation.happened_at  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_in_line(%s, %s, %s)", [reviewer.pk, item.author_id, happened])
        return bool(cursor.fetchone()[0])


@audit.action
def decide(item: UUID, verdict: Item.Verdict, note: str = "", *, by: User) -> Item:
    """Say of one record: no objection, a finding, or a question to its author (R-152).

    A deviation has its finding already; a finding here opens one. A question is told to the author, who answers
    it in words of her own; then it is decided. What was decided stays.
    """
    row = (
        Item.objects.select_for_update(of=("self",), no_key=True)
        .select_related("draw__market", "interaction", "deviation", "author").get(pk=item)
    )  # fmt: skip
    audit.permit(Deed.DRAW_SAMPLE, on=row, by=by)
    if in_line(by, row):
        audit.refuse("R-152", "review_line", verb=VERB, on=row, by=by)
    if not row.open:
        audit.refuse("R-152", "review_decided", verb=VERB, on=row, by=by)
    if verdict is not Item.Verdict.FINE and not note.strip():
        audit.refuse("R-153", "finding_words", verb=VERB, on=row, by=by)
    if verdict is Item.Verdict.QUESTION:
        _ask(row, note, by)
    row.verdict, row.note, row.decided_by, row.decided_at = verdict, note.strip(), by, now()
    row.finding = _finding(row, by) if verdict is Item.Verdict.FINDING else None
    row.save(update_fields=["verdict", "note", "decided_by", "decided_at", "finding"])
    audit.record(
        "reviewed", row.interaction or row.deviation, by=by, verdict=str(verdict), draw=str(row.draw_id)
    )
    return row


def _finding(row: Item, by: User) -> Finding:
    if row.deviation_id:
        return Finding.objects.get(deviation=row.deviation_id)
    record = row.interaction
    assert record is not None  # noqa: S101 - an item is an entry or a deviation, a constraint says so
    return open_finding(
        row.note, source=Finding.Source.REVIEW, market=record.market, by=by, subject=record.author,
        at_side=record.author_side, record=record.pk,
        rules=tuple(dict.fromkeys([*(RULES[code] for code in row.reasons if code in RULES), "R-150"])),
    )  # fmt: skip


def _ask(row: Item, words: str, by: User) -> None:
    author = row.author
    if author is None or Inquiry.objects.filter(item=row, answered_at=None).exists():
        audit.refuse("R-152", "review_decided", verb=VERB, on=row, by=by)
    held = role_at(author, now())
    side = row.interaction.author_side if row.interaction else str(side_of(held[0])) if held else ""
    asked = Inquiry.objects.create(
        item=row, author=author, author_side=side, interaction=row.interaction, words=words.strip(), asked_by=by,
        asked_at=now(),
    )  # fmt: skip
    tell(author, "review_asked", f"inquiry {asked.pk}", url=f"/reviews/inquiries/{asked.pk}/")


@audit.action
def answer_inquiry(inquiry: UUID, answer: str, *, by: User) -> Inquiry:
    """The author answers, once; whoever asked is told."""
    row = (
        Inquiry.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("asked_by")
        .get(pk=inquiry)
    )
    if row.author_id != by.pk or row.answered_at is not None or not answer.strip():
        audit.refuse("R-152", "not_yours", verb="was refused to answer", on=row, by=by)
    row.answer, row.answered_at = answer.strip(), now()
    row.save(update_fields=["answer", "answered_at"])
    audit.record("answered a reviewer", row, by=by, words="a question about an entry")
    tell(row.asked_by, "review_answered", f"inquiry {row.pk} answered", url=f"/reviews/items/{row.item_id}/")
    return row


@audit.action
def plan_observations(
    market: Market, people: Iterable[User], days: Iterable[date], kind: Observation.Kind, *, by: User
) -> list[Observation]:
    """Plan for each of these people one observation by each of these days (R-156, records-review plan)."""
    audit.permit(Deed.DRAW_SAMPLE, on=None, by=by, words=market.code)
    if market.pk not in by.market_ids:
        audit.refuse("R-151", "draw_period", verb="was refused to plan observations", on=None, by=by)
    planned = list(days)
    rows = Observation.objects.bulk_create(
        Observation(market=market, person=person, kind=kind, planned_on=day, planned_by=by, planned_at=now())
        for person in people
        for day in planned
    )
    audit.record("planned observations", by=by, market=market.code, count=len(rows), kind=str(kind))
    return rows


@audit.action
def record_observation(
    observation: UUID, words: str, *, found: bool, by: User, interaction: Interaction | None = None
) -> Observation:
    """Write down what was seen, once, with the visit it was; what was wrong becomes a finding."""
    row = (
        Observation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("market", "person")
        .get(pk=observation)
    )
    audit.permit(Deed.DRAW_SAMPLE, on=row, by=by)
    if row.person_id == by.pk:
        audit.refuse("R-152", "review_line", verb=VERB, on=row, by=by)
    if row.observed_at is not None:
        audit.refuse("R-152", "review_decided", verb=VERB, on=row, by=by)
    if not words.strip():
        audit.refuse("R-153", "finding_words", verb=VERB, on=row, by=by)
    row.words, row.observed_by, row.observed_at, row.interaction = words.strip(), by, now(), interaction
    row.result = Observation.Result.FINDING if found else Observation.Result.FINE
    if found:
        held = role_at(row.person, now())
        row.finding = open_finding(
            row.words, source=Finding.Source.OBSERVATION, market=row.market, by=by, subject=row.person,
            at_side=str(side_of(held[0])) if held else "", record=interaction.pk if interaction else None,
            rules=("R-150",),
        )  # fmt: skip
    row.save(update_fields=["words", "observed_by", "observed_at", "interaction", "result", "finding"])
    audit.record("observed", row, by=by, result=row.result)
    return row
