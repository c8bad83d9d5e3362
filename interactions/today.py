"""A day of an MSL: what is to log, what comes next, what is due, whom to see soon."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from interactions import discuss
from interactions.detail import tag_of
from interactions.models import FollowUp, Interaction
from kols.models import KOL
from msl_crm.dates import day_in_words

DUE = 4
WORTH = 3
UNSEEN_DAYS = 30


def today_of(user: User, at: datetime) -> dict[str, Any]:
    """The context of `today.html` for the local day of the person's own time zone."""
    local = at.astimezone(user.tz)
    start = datetime.combine(local.date(), time.min, user.tz)
    end = datetime.combine(local.date() + timedelta(days=1), time.min, user.tz)
    rows = _rows(user, start, end)
    plans = {row.pk for row in rows if row.status == Interaction.Status.PLANNED}
    kols = [kol for row in rows if (kol := _main(row)) is not None]
    found = discuss.matters(user, kols, at) if kols else {}
    cards = [_card(row, at, user, found) for row in rows]
    to_log = [row for row in rows if row.pk in plans and row.ends_at <= at]
    ahead = [row for row in rows if row.pk in plans and row.starts_at > at]
    follow_ups = list(
        FollowUp.objects.visible_to(user).open().filter(owner=user).select_related("kol")[: DUE + 1]
    )
    return {
        "title": day_in_words(local.date()),
        "lead": _lead(len(to_log), ahead, at),
        "cards": cards,
        "week": _week(user, local, at),
        "due": follow_ups[:DUE],
        "more_due": len(follow_ups) > DUE,
        "worth": _worth(user, at, {kol.pk for kol in kols}),
        "topbar_title": "",
    }


def _rows(user: User, start: datetime, end: datetime) -> list[Interaction]:
    """Plans and records of the day in time order, and before them last week's plans nobody has logged."""
    taken = Interaction.objects.filter(follows_plan=OuterRef("pk")).exclude(
        status=Interaction.Status.WITHDRAWN
    )
    planned = Q(status=Interaction.Status.PLANNED) & ~Exists(taken)
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


def _main(row: Interaction) -> KOL | None:
    people = [attendee.kol for attendee in row.attendees.all() if attendee.kol is not None]
    return people[0] if people else None


def _card(
    row: Interaction, at: datetime, user: User, found: dict[Any, list[discuss.Matter]]
) -> dict[str, Any]:
    kol = _main(row)
    planned = row.status == Interaction.Status.PLANNED
    ended = planned and row.ends_at <= at
    place = row.place or (kol.place if kol else "")
    tags: list[dict[str, str]] = []
    if not planned:
        tags = [tag_of(topic) for topic in row.topics.all()]
        tags.append(
            {"text": _("incomplete"), "tone": "amber", "icon": "alert-circle"}
            if row.missing
            else {"text": _("logged"), "tone": "green", "icon": "check"}
        )
    elif not ended and kol is not None:
        tags = [matter.chip for matter in found.get(kol.pk, [])][:3]
    said = [place, _ended(row, at)] if ended else [place]
    local = row.starts_at.astimezone(user.tz)
    return {
        "pk": row.pk,
        "start": local.strftime("%H:%M"),
        "end": row.ends_at.astimezone(user.tz).strftime("%H:%M"),
        "title": row.title or (str(kol) if kol else row.get_kind_display()),
        "text": ". ".join(part for part in said if part),
        "url": "" if planned else reverse("interactions:detail", args=[row.pk]),
        "kol_url": reverse("kols:detail", args=[kol.pk]) if kol and planned and not ended else "",
        "current": ended,
        "planned": planned,
        "tags": tags,
        "log_url": f"{reverse('interactions:new')}?plan={row.pk}" if ended else "",
        "cancel_url": reverse("interactions:cancellation", args=[row.pk]) if planned else "",
    }


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
    taken = Interaction.objects.filter(follows_plan=OuterRef("pk")).exclude(
        status=Interaction.Status.WITHDRAWN
    )
    starts = (
        Interaction.objects.visible_to(user)
        .between(start, start + timedelta(days=5, hours=1))
        .filter(author=user, status__in=["PLANNED", "DRAFT", "SIGNED"])
        .exclude(Q(status="PLANNED") & Exists(taken))
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


def _worth(user: User, at: datetime, seen: set[Any]) -> list[dict[str, Any]]:
    """At most three of her experts, tier first, then the longest unseen; with the reason in words."""
    kols = (
        KOL.objects.visible_to(user)
        .listed()
        .filter(relations__ownerships__owner=user, relations__ownerships__during__contains=at)
        .filter(Q(last_contact=None) | Q(last_contact__at__lt=at - timedelta(days=UNSEEN_DAYS)))
        .exclude(pk__in=seen)
        .select_related("science", "last_contact", "main_institution")
        .defer("search")
        .order_by(F("science__tier").asc(nulls_last=True), F("last_contact__at").asc(nulls_first=True), "pk")
        .distinct()[:WORTH]
    )
    rows = []
    for kol in kols:
        science, last = getattr(kol, "science", None), getattr(kol, "last_contact", None)
        why = [science.get_tier_display()] if science else []
        why.append(_("last seen %(n)s days ago") % {"n": (at - last.at).days} if last else _("never met"))
        text = ", ".join(why)
        rows.append(
            {
                "name": str(kol),
                "text": f"{text[:1].upper()}{text[1:]}",
                "url": reverse("kols:detail", args=[kol.pk]),
                "action": {"url": f"{reverse('interactions:plan')}?kol={kol.pk}", "text": _("Plan")},
            }
        )
    return rows
