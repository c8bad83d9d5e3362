"""A day of an MSL: what is to log, what comes next, what is due, whom to see soon."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acting import now
from accounts.models import User
from compliance.policy import Kind
from interactions import discuss
from interactions.detail import tag_of
from interactions.models import FollowUp, Interaction, standing_record_of
from interactions.open_drafts import count_of
from interactions.worth import main_of, worth_seeing
from kols.models import KOL
from msl_crm.dates import day_in_words

DUE = 4
WAITING = 4
EVENTS = frozenset(
    {Kind.SCIENTIFIC_LECTURE, Kind.EXTERNAL_TRAINING, Kind.INTERNAL_TRAINING, Kind.ADVISORY_BOARD}
)


def today_of(user: User, at: datetime) -> dict[str, Any]:
    """The context of `today.html` for the local day of the person's own time zone."""
    local = at.astimezone(user.tz)
    start = datetime.combine(local.date(), time.min, user.tz)
    end = datetime.combine(local.date() + timedelta(days=1), time.min, user.tz)
    rows = _rows(user, start, end)
    plans = {row.pk for row in rows if row.status == Interaction.Status.PLANNED}
    kols = [kol for row in rows if (kol := main_of(row)) is not None]
    found = discuss.matters(user, kols, at) if kols else {}
    cards = [(row, _card(row, at, user, found)) for row in rows]
    to_log = [row for row in rows if row.pk in plans and row.ends_at <= at]
    ahead = [row for row in rows if row.pk in plans and row.starts_at > at]
    follow_ups = list(
        FollowUp.objects.visible_to(user).open().filter(owner=user).select_related("kol")[: DUE + 1]
    )
    yesterday = local.date() - timedelta(days=1)
    earlier = [row for row in rows if row.starts_at < start]
    fresh = all(row.starts_at.astimezone(user.tz).date() == yesterday for row in earlier)
    week = _week(user, local, at)
    return {
        "title": day_in_words(local.date()),
        "lead": _lead(len(to_log), ahead, at),
        "earlier": [card for row, card in cards if row.starts_at < start],
        "earlier_title": _("From yesterday") if fresh else _("Not logged yet"),
        "cards": [card for row, card in cards if row.starts_at >= start],
        "week": week,
        "due": follow_ups[:DUE],
        "more_due": len(follow_ups) > DUE,
        "to_sign": count_of(user),
        "worth": worth_seeing(user, at, rows),
        "is_new": not rows and not any(day["count"] for day in week) and _never_logged(user),
        "topbar_title": "",
    }


def _never_logged(user: User) -> bool:
    return not Interaction.objects.visible_to(user).filter(author=user).exists()


def _rows(user: User, start: datetime, end: datetime) -> list[Interaction]:
    """Plans and records of the day in time order, and before them last week's plans nobody has logged."""
    planned = Q(status=Interaction.Status.PLANNED) & ~Exists(_taken())
    logged = Q(status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED])
    return list(
        Interaction.objects.visible_to(user)
        .filter(author=user)
        .filter(
            (planned | logged) & Q(starts_at__gte=start, starts_at__lt=end)
            | planned & Q(starts_at__gte=start - timedelta(days=7), starts_at__lt=start)
        )
        .select_related("market", "institution")
        .prefetch_related(
            "attendees__kol__main_institution", "topics__use__indication__product", "topics__area"
        )
        .order_by("starts_at", "id")
    )


def waiting(user: User) -> list[dict[str, Any]]:
    """What has begun and is not logged yet, the latest first: whoever opens an empty form mostly means one of these."""
    at = now()
    rows = (
        Interaction.objects.visible_to(user)
        .planned()
        .filter(author=user, starts_at__gte=at - timedelta(days=7), starts_at__lte=at)
        .exclude(Exists(_taken()))
        .select_related("market", "institution")
        .prefetch_related("attendees__kol__main_institution")
        .order_by("-starts_at", "-id")[:WAITING]
    )
    return [
        {
            "pk": row.pk,
            "name": str(main_of(row) or row),
            "text": ". ".join(
                filter(None, [_where(row), _ended(row, at) if row.ends_at <= at else _("Now")])
            ),
        }
        for row in rows
    ]


def _taken() -> QuerySet[Interaction]:
    """What was logged after the plan of an outer query and still stands."""
    return standing_record_of(OuterRef("pk"))


def _where(row: Interaction) -> str:
    kol = main_of(row)
    return row.place or (kol.place if kol else "")


def _card(
    row: Interaction, at: datetime, user: User, found: dict[Any, list[discuss.Matter]]
) -> dict[str, Any]:
    kol, guests = main_of(row), len(row.attendees.all())
    planned = row.status == Interaction.Status.PLANNED
    ended = planned and row.ends_at <= at
    event = row.kind in EVENTS
    said = [_where(row)]
    if not planned:
        said += [tag_of(topic)["text"] for topic in row.topics.all()]
    elif ended:
        said.append(_ended(row, at))
    elif event:
        said = [", ".join([*filter(None, said), _("%(n)d signed up") % {"n": guests}])]
    url = reverse("kols:detail", args=[kol.pk]) if kol else ""
    return {
        "pk": row.pk,
        "start": row.starts_at.astimezone(user.tz).strftime("%H:%M"),
        "end": row.ends_at.astimezone(user.tz).strftime("%H:%M"),
        "title": row.title or (str(kol) if kol else row.get_kind_display()),
        "text": ". ".join(part for part in said if part),
        "url": "" if planned else reverse("interactions:detail", args=[row.pk]),
        "kol_url": url if planned and not ended else "",
        "brief_url": reverse("kols:brief", args=[kol.pk]) if kol and planned and not event else "",
        "current": ended,
        "planned": planned,
        "running": planned and row.starts_at <= at < row.ends_at,
        "tags": _tags(row, kol if planned and not ended else None, found),
        "icon": "presentation-analytics" if event else "" if planned else "check",
        "tone": "blue" if event else "green",
        "log_url": f"{reverse('interactions:new')}?plan={row.pk}" if ended else "",
        "cancel_url": reverse("interactions:cancellation", args=[row.pk]) if planned else "",
    }


def _tags(
    row: Interaction, ahead: KOL | None, found: dict[Any, list[discuss.Matter]]
) -> list[dict[str, str]]:
    """What may come up with whom one meets next; what a record still lacks."""
    if ahead is not None:
        return [matter.chip for matter in found.get(ahead.pk, [])][:3]
    if row.missing:
        return [{"text": _("incomplete"), "tone": "amber", "icon": "alert-circle"}]
    return []


def _ended(row: Interaction, at: datetime) -> str:
    minutes = int((at - row.ends_at).total_seconds() // 60)
    if minutes < 60:
        return _("Ended %(n)s min ago") % {"n": minutes}
    if minutes < 24 * 60:
        return _("Ended %(n)s h ago") % {"n": minutes // 60}
    return _("From %(day)s") % {"day": day_in_words(row.starts_at.astimezone(row.market.tz).date())}


def _lead(to_log: int, ahead: list[Interaction], at: datetime) -> str:
    said = []
    if to_log:
        said.append(ngettext("%(n)s visit to log.", "%(n)s visits to log.", to_log) % {"n": to_log})
    if ahead:
        minutes = int((ahead[0].starts_at - at).total_seconds() // 60)
        if minutes < 60:
            said.append(_("Next one in %(n)s minutes.") % {"n": minutes})
        else:
            said.append(
                _("Next one at %(time)s.")
                % {"time": ahead[0].starts_at.astimezone(ahead[0].market.tz).strftime("%H:%M")}
            )
    return " ".join(said) or _("Nothing to log.")


def _week(user: User, local: datetime, at: datetime) -> list[dict[str, Any]]:
    monday = local.date() - timedelta(days=local.weekday())
    start = datetime.combine(monday, time.min, user.tz)
    starts = (
        Interaction.objects.visible_to(user)
        .between(start, start + timedelta(days=5, hours=1))
        .filter(author=user, status__in=["PLANNED", "DRAFT", "SIGNED"])
        .exclude(Q(status="PLANNED") & Exists(_taken()))
        .values_list("starts_at", flat=True)
    )
    counts = [0] * 5
    for one in starts:
        day = (one.astimezone(user.tz).date() - monday).days
        if 0 <= day < 5:
            counts[day] += 1
    names = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri")]
    today = local.weekday()
    return [
        {
            "label": names[i],
            "count": counts[i],
            "tone": "green" if i < today else "blue" if i == today else "idle",
            "current": i == today,
        }
        for i in range(5)
    ]
