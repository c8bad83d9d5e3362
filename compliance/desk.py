"""What the compliance desk reads: interactions, the trail, and what today's policy would say.

Every list is a page by position (decision 37): `after` is the position of the last row shown.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import acting_as, now
from accounts.models import Market, User
from compliance import audit, policy
from compliance.boundary import STANDING_WORDS, ZONE_WORDS
from compliance.models import AuditEntry, Deviation
from compliance.policy import Act, Decision, Deed, in_words
from msl_crm.dates import moment_in_words

PAGE = 50
CHUNK = 1000
PRINTED = 500
# What a formula begins with in a spreadsheet (CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def trail(user: User, asked: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """The entries of the trail this person may read that match what she asks."""
    entries = AuditEntry.objects.visible_to(user)
    if words := asked.get("person"):
        entries = entries.filter(actor_name__icontains=words)
    if words := asked.get("verb"):
        entries = entries.filter(verb__icontains=words)
    if words := asked.get("subject"):
        entries = entries.filter(subject_words__icontains=words)
    if rule := asked.get("rule"):
        entries = entries.filter(rules__contains=[rule.upper()])
    if device := asked.get("device"):
        entries = entries.filter(device=device)
    if record := asked.get("record"):
        entries = entries.filter(subject_id=record)
    if asked.get("refused"):
        entries = entries.filter(refused=True)
    return _during(entries, "at", asked, user).order_by("-sequence")


def interactions(user: User, asked: Mapping[str, Any]) -> QuerySet[Any]:
    """The interactions this person may read that match what she asks, newest first."""
    from interactions.models import Attendee, Interaction, Topic
    from kols.models import KOL

    rows = Interaction.objects.visible_to(user)
    if words := asked.get("person"):
        names = Q(family_name__icontains=words) | Q(given_name__icontains=words)
        rows = rows.filter(author__in=User.objects.filter(names).values("pk"))
    if words := asked.get("kol"):
        found = list(KOL.objects.matching(words).values_list("pk", flat=True)[:100])
        rows = rows.filter(Exists(Attendee.objects.filter(interaction=OuterRef("pk"), kol__in=found)))
    if words := asked.get("product"):
        named = Q(use__indication__product__brand__icontains=words) | Q(
            use__indication__product__inn__icontains=words
        )
        rows = rows.filter(Exists(Topic.objects.filter(named, interaction=OuterRef("pk"))))
    if kind := asked.get("kind"):
        rows = rows.filter(kind=kind)
    if asked.get("incomplete"):
        rows = rows.exclude(missing=[])
    if asked.get("late"):
        rows = rows.exclude(late_reason="")
    return _during(rows, "starts_at", asked, user).order_by("-starts_at", "-id")


def _during(rows: QuerySet[Any], column: str, asked: Mapping[str, Any], user: User) -> QuerySet[Any]:
    """Days are the reader's own, first and last included."""
    if since := asked.get("since"):
        rows = rows.filter(**{f"{column}__gte": _start(since, user)})
    if until := asked.get("until"):
        rows = rows.filter(**{f"{column}__lt": _start(until + timedelta(days=1), user)})
    return rows


def _start(day: Any, user: User) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=user.tz)


def page_of_trail(entries: QuerySet[AuditEntry], after: str) -> tuple[list[AuditEntry], str]:
    """The next entries, and the position of the last one if there are more."""
    if after.isascii() and after.isdigit() and len(after) < 19:
        entries = entries.filter(sequence__lt=int(after))
    rows = list(entries[: PAGE + 1])
    for row in rows:
        name_role(row)
    return rows[:PAGE], str(rows[PAGE - 1].sequence) if len(rows) > PAGE else ""


def name_role(entry: AuditEntry) -> None:
    """Put the actor's role of then beside the entry, in words."""
    known = entry.actor_role in set(policy.Role)
    words = _(in_words(policy.Role(entry.actor_role))) if known else entry.actor_role
    entry.role_words = words  # type: ignore[attr-defined]


def page_by_time(rows: QuerySet[Any], column: str, after: str) -> tuple[list[Any], str]:
    """The next rows, newest first by an instant and the id; an unusable position begins anew."""
    if (position := _position(after)) is not None:
        at, pk = position
        rows = rows.filter(Q(**{f"{column}__lt": at}) | Q(**{column: at, "id__lt": pk}))
    found = list(rows[: PAGE + 1])
    if len(found) <= PAGE:
        return found, ""
    last = found[PAGE - 1]
    return found[:PAGE], f"{getattr(last, column).astimezone(UTC).isoformat()}_{last.pk}"


def _position(after: str) -> tuple[datetime, UUID] | None:
    at, _sep, pk = after.partition("_")
    try:
        found = datetime.fromisoformat(at.replace(" ", "+")), UUID(pk)
    except ValueError:
        return None
    return found if found[0].tzinfo else None


def deviations(user: User, status: str = "") -> QuerySet[Deviation]:
    rows = Deviation.objects.visible_to(user).select_related("reporter", "subject", "closed_by")
    if status in Deviation.Status.values:
        rows = rows.filter(status=status)
    return rows.order_by("-recorded_at", "-id")


def questions_waiting(user: User) -> int:
    """How many questions for pre-approval wait for Compliance; capped, so that it stays cheap."""
    from interactions.models import Preclearance

    return len(Preclearance.objects.visible_to(user).open().order_by().values_list("pk")[:100])


@dataclass(frozen=True)
class Verdict:
    """A decision in words."""

    outcome: str
    allowed: bool
    sentences: tuple[str, ...]
    version: str
    rules: tuple[str, ...]


def in_plain_words(decision: Decision) -> Verdict:
    outcomes = {
        policy.DecisionKind.ALLOWED: _("Allowed"),
        policy.DecisionKind.INCOMPLETE: _("Allowed, with documents still missing"),
        policy.DecisionKind.REFUSED: _("Not allowed"),
        policy.DecisionKind.DEVIATION: _("Not allowed, and it happened: a deviation"),
    }
    said = dict.fromkeys(policy.sentence(reason, _) for reason in decision.reasons)
    return Verdict(outcomes[decision.kind], decision.allowed, tuple(said), decision.version, decision.rules)


def then_and_now(act: Any, decision: Any) -> tuple[Verdict | None, Verdict | None]:
    """What was decided, and what today's policy would say of the same facts.

    A receipt this version cannot read, or an entry that rests on no act, gives None: nothing is guessed.
    """
    try:
        then = in_plain_words(Decision.from_json(decision)) if decision else None
    except (KeyError, TypeError, ValueError):
        then = None
    try:
        today = in_plain_words(policy.decide(Act.from_json(act))) if act else None
    except (KeyError, TypeError, ValueError):
        today = None
    return then, today


def facts_in_words(act: Any, reader: User) -> list[dict[str, str]]:
    """The facts of an act as lines of a list, in words and by the reader's clock; people as far as she may see them."""
    try:
        read = Act.from_json(act) if act else None
    except (KeyError, TypeError, ValueError):
        read = None
    if read is None:
        return []
    codes = {read.market, *(zone.market for topic in read.topics for zone in topic.zones)}
    markets = dict(Market.objects.filter(code__in=codes).values_list("code", "name"))
    lines = [
        {"label": _("Role"), "value": _word(read.role)},
        {"label": _("Kind"), "value": _word(read.kind)},
        {"label": _("Channel"), "value": _word(read.channel)},
        {
            "label": _("Planned or took place"),
            "value": _("planned") if read.intent == "PLAN" else _("took place"),
        },
        {"label": _("When"), "value": moment_in_words(read.starts_at)},
        {"label": _("Place"), "value": markets.get(read.market, read.market)},
        *_people(read, reader),
    ]
    for topic in read.topics:
        zones = ", ".join(
            f"{markets.get(zone.market, zone.market)}: {' → '.join(str(ZONE_WORDS.get(one, one)) for one in zone.zones)}"
            for zone in topic.zones
        )
        basis = _word(topic.basis) if topic.basis else _("how it came up was not said")
        words = [
            zones,
            basis,
            str(STANDING_WORDS.get(topic.standing, topic.standing or "")),
            *sorted(_word(document) for document in topic.documents),
        ]
        lines.append({"label": topic.name or _word(topic.subject), "value": " · ".join(filter(None, words))})
    return lines


def _people(act: Act, reader: User) -> list[dict[str, str]]:
    """The experts of an act by name, each with the way to her page."""
    from kols.models import KOL

    refs = [pk for person in act.people if (pk := _id(person.ref)) is not None]
    found = KOL.objects.visible_to(reader).filter(pk__in=refs).order_by("sort_name", "pk") if refs else []
    return [
        {"label": _("With whom"), "value": str(kol), "url": reverse("kols:detail", args=[kol.pk])}
        for kol in found
    ]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def verbs() -> list[str]:
    """Every verb of the trail, read by hops through its index: the trail itself is never counted through (decision 37)."""
    with connection.cursor() as cursor:
        cursor.execute(_VERBS)
        return [verb for (verb,) in cursor.fetchall()]


_VERBS = """
WITH RECURSIVE hop (verb) AS (
    (SELECT verb FROM compliance_auditentry ORDER BY verb LIMIT 1)
    UNION ALL
    SELECT (SELECT next.verb FROM compliance_auditentry next WHERE next.verb > hop.verb ORDER BY next.verb LIMIT 1)
    FROM hop WHERE hop.verb IS NOT NULL
)
SELECT verb FROM hop WHERE verb IS NOT NULL LIMIT 300
"""


def _word(word: Any) -> str:
    return _(in_words(word)) if hasattr(word, "name") else str(word)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str | UUID) else json.dumps(value, ensure_ascii=False)


COLUMNS = ("sequence", "at", "actor", "actor_name", "actor_role", "verb", "refused", "subject_type",
           "subject_id", "subject_words", "market_code", "facts", "rules", "policy_version", "zone", "session", "strength",
           "address", "device", "software", "batch")  # fmt: skip


def safe(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = value.isoformat() if isinstance(value, datetime) else _plain(value)
    return f"'{text}" if text.startswith(FORMULA) else text


class _Line:
    def write(self, text: str) -> str:
        return text


def export_trail(user: User, asked: Mapping[str, Any]) -> Iterator[bytes]:
    """The entries as CSV, in pages by position; at the end the trail says who took what (R-162).

    Row count, filter and SHA-256 of the bytes are recorded, and that it broke off if it did. Runs in a
    transaction of its own, because the answer streams after the request's has ended.
    """
    with acting_as(user):
        audit.permit(Deed.EXPORT_TRAIL, on=None, by=user)
        writer, digest, count, complete = csv.writer(_Line()), hashlib.sha256(), 0, False
        try:
            for line in _lines(writer, trail(user, asked)):
                digest.update(line)
                yield line
                count += 1
            complete = True
        except GeneratorExit:
            pass
        audit.record(
            "exported the trail", by=user, rows=max(count - 1, 0), sha256=digest.hexdigest(),
            complete=complete, filter={name: str(value) for name, value in asked.items() if value},
        )  # fmt: skip


def extract_of(user: User, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The newest entries for a page of paper: at most so many, their hash, and whether there are more (R-162)."""
    audit.permit(Deed.EXPORT_TRAIL, on=None, by=user)
    rows = list(trail(user, asked)[: PRINTED + 1])
    shown = rows[:PRINTED]
    lines = csv.writer(buffer := io.StringIO())
    lines.writerows([safe(getattr(row, name)) for name in COLUMNS] for row in shown)
    digest = hashlib.sha256(buffer.getvalue().encode()).hexdigest()
    told = {name: str(value) for name, value in asked.items() if value}
    audit.record("printed the trail", by=user, rows=len(shown), sha256=digest, filter=told)
    for row in shown:
        name_role(row)
    return {"rows": shown, "more": len(rows) > PRINTED, "sha256": digest, "asked": told, "at": now()}


def _lines(writer: Any, entries: QuerySet[AuditEntry]) -> Iterator[bytes]:
    yield writer.writerow(COLUMNS).encode()
    last = None
    while True:
        rows = list((entries.filter(sequence__lt=last) if last else entries)[:CHUNK])
        for row in rows:
            yield writer.writerow([safe(getattr(row, name)) for name in COLUMNS]).encode()
        if len(rows) < CHUNK:
            return
        last = rows[-1].sequence
