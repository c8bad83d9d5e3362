"""What the visit form knows before anybody types: times and channel, and who is likely to have been there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count

from accounts.acting import now
from accounts.http import as_uuid
from accounts.models import Market, User
from compliance.policy import Channel
from interactions.models import Attendee, Interaction
from kols.models import KOL

LIKELY = 3
HITS = 8
"""So many names answer a search for somebody else who was there."""
TOGETHER = timedelta(days=366)


def initial_of(source: Interaction | None, market: Market, lengths: list[int]) -> dict[str, Any]:
    """Times, channel and words as in a record or plan; otherwise the half hour that has just ended."""
    if source is None:
        start = now().astimezone(market.tz) - timedelta(minutes=30)
        start = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
        return {
            "on": start.date(),
            "at": start.time(),
            "minutes": 30,
            "channel": Channel.IN_PERSON,
            "client_ref": uuid4(),
        }
    start = source.starts_at.astimezone(source.market.tz)
    minutes = int((source.ends_at - source.starts_at).total_seconds() // 60)
    return {
        "on": start.date(),
        "at": start.time().replace(second=0, microsecond=0),
        "channel": source.channel,
        "minutes": min(lengths, key=lambda n: abs(n - minutes)),
        "title": source.title,
        "place": source.place,
        "note": source.note,
        "late_reason": source.late_reason,
        "client_ref": uuid4(),
    }


def names_of(source: Interaction) -> str:
    """Those who were there without being experts of ours, as the form takes them: one a line."""
    return "\n".join(
        ", ".join(filter(None, [one.name, one.function])) for one in source.attendees.all() if one.name
    )


def companions(
    user: User, kol: KOL | None, chosen: list[str], query: str = ""
) -> dict[str, list[dict[str, str]]]:
    """Those chosen, and beside them whom a search finds or, without one, who is likely to have been there."""
    known = KOL.objects.visible_to(user)
    wanted = [pk for pk in chosen if as_uuid(pk)]
    picked = list(known.filter(pk__in=wanted).defer("search")) if wanted else []
    apart = {one.pk for one in picked} | ({kol.pk} if kol else set())
    if query:
        found = list(known.listed().matching(query.replace("\x00", ""))[: HITS + len(apart)])
        others = [one for one in found if one.pk not in apart][:HITS]
    else:
        others = likely(user, kol, apart) if kol else []
    return {"picked": [_pill(one) for one in picked], "likely": [_pill(one) for one in others]}


def _pill(kol: KOL) -> dict[str, str]:
    return {"name": str(kol), "value": str(kol.pk)}


def likely(user: User, kol: KOL, apart: set[UUID]) -> list[KOL]:
    """Whom she met together with the expert in the past year, the most often first; then who works in the same house."""
    meetings = (
        Interaction.objects.visible_to(user)
        .logged()
        .filter(attendees__kol=kol, starts_at__gte=now() - TOGETHER)
    )
    met = list(
        Attendee.objects.filter(kol__isnull=False, interaction__in=meetings.values("pk"))
        .exclude(kol__in=apart)
        .values_list("kol", flat=True)
        .annotate(times=Count("pk"))
        .order_by("-times", "kol")[:LIKELY]
    )
    known = KOL.objects.visible_to(user).listed().defer("search")
    found = {one.pk: one for one in known.filter(pk__in=met)} if met else {}
    rows = [found[pk] for pk in met if pk in found]
    if len(rows) < LIKELY and kol.main_institution_id:
        apart = apart | found.keys()
        same_house = known.filter(main_institution=kol.main_institution_id).exclude(pk__in=apart)
        rows += same_house[: LIKELY - len(rows)]
    return rows
