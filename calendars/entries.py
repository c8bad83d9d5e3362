"""What stands in a person's calendar: visits, days on which something is due, absences.

Every row comes through `visible_to`, so the page, the team's layer and the feed show what the person may see
anyway, and nothing of the other side: no busy mask, no count (R-102).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AbsenceCover, User
from accounts.people import team_of
from compliance.policy import Role
from interactions.models import FollowUp, Interaction

VISITS, DUE, ABSENCES, BUSY = "visits", "due", "absences", "busy"
LAYERS = {
    VISITS: gettext_lazy("Visits and plans"),
    DUE: gettext_lazy("Follow-ups due"),
    ABSENCES: gettext_lazy("Absences"),
}
LEADS = (Role.MSL_LEAD, Role.FIELD_LEAD)
MOST = 500


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar. An entry of a whole day begins and ends at midnight of the reader's zone."""

    key: str
    layer: str
    start: datetime
    end: datetime
    title: str
    text: str = ""
    url: str = ""
    icon: str = "calendar-event"
    tone: str = "blue"
    person: str = ""
    all_day: bool = False
    state: str = ""
    short: str = ""

    def on(self, day: date) -> bool:
        """Whether it lies on that day of the reader's zone, wholly or in part."""
        last = max(self.start, self.end - timedelta(microseconds=1))
        return self.start.date() <= day <= last.date()

    @property
    def hours(self) -> str:
        """14:00–14:30; nothing for an entry of a whole day."""
        return "" if self.all_day else f"{self.start:%H:%M}–{self.end:%H:%M}"


def between(
    user: User, start: datetime, end: datetime, *, layers: Collection[str] = tuple(LAYERS), team: bool = False
) -> list[Entry]:
    """What lies in this stretch of time for a person, or for her whole team, in time order."""
    whose = team_of(user) if team and user.role in LEADS else [user.pk]
    found: list[Entry] = []
    if VISITS in layers:
        found += _visits(user, start, end, whose)
    if DUE in layers:
        found += _due(user, start, end, whose)
    if ABSENCES in layers:
        found += _absences(user, start, end, whose)
    return sorted(found, key=lambda entry: (entry.start, not entry.all_day, entry.title, entry.key))


def _visits(user: User, start: datetime, end: datetime, whose: Collection[UUID]) -> list[Entry]:
    status = Interaction.Status
    rows = (
        Interaction.objects.visible_to(user)
        .filter(author__in=whose, starts_at__lt=end, ends_at__gte=start)
        .filter(status__in=[status.PLANNED, status.DRAFT, status.SIGNED])
        .without_taken_plans()
        .select_related("author", "institution")
        .prefetch_related("attendees__kol__main_institution")
        .order_by("starts_at", "pk")[:MOST]
    )
    return [_visit(row, user) for row in rows]


def _visit(row: Interaction, user: User) -> Entry:
    kols = [one.kol for one in row.attendees.all() if one.kol is not None]
    planned, own = row.status == Interaction.Status.PLANNED, row.author_id == user.pk
    place = row.place or str(row.institution or "") or (kols[0].place if kols else "")
    if planned:
        url = reverse("interactions:detail", args=[row.pk]) if own else ""
        icon, tone, state = "calendar-event", "blue", _("planned")
    else:
        url = reverse("interactions:detail", args=[row.pk])
        icon, tone = ("alert-circle", "amber") if row.missing else ("check", "green")
        state = _("incomplete") if row.missing else _("logged")
    return Entry(
        key=str(row.pk),
        layer=VISITS,
        start=row.starts_at.astimezone(user.tz),
        end=row.ends_at.astimezone(user.tz),
        title=row.title or (str(kols[0]) if kols else str(row.get_kind_display())),
        text=", ".join(part for part in (place, _elsewhere(row, user)) if part),
        url=url,
        icon=icon,
        tone=tone,
        person="" if own else row.author.name,
        state=state,
        short="" if row.title or not kols else kols[0].family_name,
    )


def _elsewhere(row: Interaction, user: User) -> str:
    """What the clock at the place says, where it is another one than the reader's."""
    there = row.starts_at.astimezone(ZoneInfo(row.zone))
    if there.utcoffset() == row.starts_at.astimezone(user.tz).utcoffset():
        return ""
    city = row.zone.rpartition("/")[2].replace("_", " ")
    return _("%(time)s in %(place)s") % {"time": f"{there:%H:%M}", "place": city}


def _due(user: User, start: datetime, end: datetime, whose: Collection[UUID]) -> list[Entry]:
    first, last = start.astimezone(user.tz).date(), (end - timedelta(seconds=1)).astimezone(user.tz).date()
    rows = (
        FollowUp.objects.visible_to(user)
        .open()
        .filter(owner__in=whose, due_on__gte=first, due_on__lte=last)
        .select_related("kol", "owner")[:MOST]
    )
    address = reverse("interactions:follow_ups")
    return [
        Entry(
            key=str(row.pk),
            layer=DUE,
            start=midnight(row.due_on, user),
            end=midnight(row.due_on + timedelta(days=1), user),
            title=row.what,
            text=str(row.kol or ""),
            url=address if row.owner_id == user.pk else "",
            icon="list-check",
            tone="amber",
            person="" if row.owner_id == user.pk else row.owner.name,
            all_day=True,
            state=_("due"),
        )
        for row in rows
    ]


def _absences(user: User, start: datetime, end: datetime, whose: Collection[UUID]) -> list[Entry]:
    rows = (
        AbsenceCover.objects.visible_to(user)
        .filter(Q(absent__in=whose) | Q(cover__in=whose), during__overlap=(start, end))
        .select_related("absent", "cover")
        .order_by("during", "pk")[:MOST]
    )
    return [
        Entry(
            key=str(row.pk),
            layer=ABSENCES,
            start=row.during.lower.astimezone(user.tz),
            end=row.during.upper.astimezone(user.tz) if row.during.upper else end,
            title=_("Away")
            if row.absent_id == user.pk
            else _("%(name)s is away") % {"name": row.absent.name},
            text=_("%(name)s stands in") % {"name": row.cover.name},
            icon="user-share",
            tone="slate",
            all_day=True,
            state=_("away"),
        )
        for row in rows
    ]


def midnight(day: date, user: User) -> datetime:
    """The instant at which a day begins where this person is, in her zone."""
    return datetime.combine(day, time.min, user.tz)
