"""The calendar: agenda, day, week and month of one's own, or of the team one leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import User
from calendars import entries, grid
from calendars.actions import busy_times
from calendars.models import Source, Suggestion
from msl_crm.access import FIELD, MEDICAL, allowed
from msl_crm.dates import date_in_words, day_in_words

VIEWS = {
    "agenda": gettext_lazy("Agenda"),
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
}
AGENDA_DAYS = 14
OFFERED = 5


@dataclass(frozen=True)
class Asked:
    """Which part of whose calendar an address names. Without a view, the width of the screen chooses."""

    view: str
    on: date
    team: bool
    today: date

    @classmethod
    def read(cls, query: QueryDict, user: User) -> Asked:
        today = now().astimezone(user.tz).date()
        try:
            on = parse_date(query.get("on", "")[:10]) or today
        except ValueError:
            on = today
        # Room on both sides for whoever turns the page.
        on = min(max(on, date(2000, 1, 1)), date(2100, 1, 1))
        view = query.get("view", "")
        return cls(
            view if view in VIEWS else "", on, query.get("team") == "1" and user.role in entries.LEADS, today
        )

    @property
    def monday(self) -> date:
        return self.on - timedelta(days=self.on.weekday())

    def stretch(self) -> tuple[date, date]:
        """The days that are read, the last one excluded."""
        match self.view:
            case "day":
                return self.on, self.on + timedelta(days=1)
            case "week":
                return self.monday, self.monday + timedelta(days=7)
            case "month":
                first = self.on.replace(day=1)
                monday = first - timedelta(days=first.weekday())
                return monday, monday + timedelta(days=42)
            case "agenda":
                return self.on, self.on + timedelta(days=AGENDA_DAYS)
            case _:
                return self.monday, self.on + timedelta(days=AGENDA_DAYS)

    def moved(self, way: int) -> date:
        """The day from which the page before or after this one is read."""
        if self.view == "month":
            first = self.on.replace(day=1)
            return (first + timedelta(days=32 if way > 0 else -1)).replace(day=1)
        days = {"day": 1, "agenda": AGENDA_DAYS}.get(self.view, 7)
        return self.on + timedelta(days=days * way)

    def url(self, **changes: Any) -> str:
        asked = {"view": self.view, "on": self.on.isoformat(), "team": "1" if self.team else ""} | changes
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in asked.items() if value})
        return f"{reverse('calendars:calendar')}?{query.urlencode()}"


@allowed(MEDICAL, FIELD)
def calendar(request: SignedInRequest) -> HttpResponse:
    """What lies ahead and what took place, in the person's own zone."""
    user = request.user
    asked = Asked.read(request.GET, user)
    first, last = asked.stretch()
    found = entries.between(
        user, entries.midnight(first, user), entries.midnight(last, user), team=asked.team
    )
    context = _frame(asked, user)
    if not asked.team:
        found += _busy(user, first, last)
        context["offered"] = list(
            Suggestion.objects.visible_to(user)
            .filter(state=Suggestion.State.OPEN, starts_at__gt=now())
            .select_related("kol")[:OFFERED]
        )
    return render(request, "calendars/calendar.html", {**context, **_parts(asked, found)})


def _busy(user: User, first: date, last: date) -> list[entries.Entry]:
    """What other calendars hold, as blocks without a word."""
    start, end = entries.midnight(first, user), entries.midnight(last, user)
    sources = list(Source.objects.visible_to(user))
    return [
        entries.Entry(
            key=str(number), layer=entries.BUSY, start=begins, end=ends, title=_("Busy"), icon="lock",
            tone="slate", state=_("in another calendar"),
        )
        for number, (begins, ends) in enumerate(busy_times(user, sources, start, end))
    ]  # fmt: skip


def _parts(asked: Asked, found: list[entries.Entry]) -> dict[str, Any]:
    """What the template draws. Without a chosen view both the agenda and the week, each for its width."""
    parts: dict[str, Any] = {}
    if asked.view in ("", "agenda"):
        line = grid.days(asked.on, AGENDA_DAYS, found, asked.today)
        parts["agenda"] = [day for day in line if day.entries]
    if asked.view == "month":
        parts["weeks"] = grid.weeks(asked.on, found, asked.today)
    if asked.view in ("", "week", "day"):
        start, count = (asked.on, 1) if asked.view == "day" else (asked.monday, 7)
        parts["days"] = grid.days(start, count, found, asked.today)
        parts["lines"] = grid.lines(parts["days"])
    if asked.view == "week":
        # A phone has no room for seven columns: the week as a list, from today on where it holds today.
        line = [day for day in parts["days"] if day.entries]
        begins = asked.today if any(day.today for day in parts["days"]) else asked.monday
        parts["ahead"] = [day for day in line if day.day >= begins]
        parts["behind"] = [day for day in line if day.day < begins]
    return parts


def _frame(asked: Asked, user: User) -> dict[str, Any]:
    return {
        "asked": asked,
        "title": _title(asked) if asked.view else _("Calendar"),
        "lead": _("Your team's visits and absences") if asked.team else "" if asked.view else _title(asked),
        "tabs": _tabs(asked, asked.view or "week"),
        "tabs_phone": _tabs(asked, asked.view or "agenda"),
        "previous_url": asked.url(on=asked.moved(-1).isoformat()),
        "next_url": asked.url(on=asked.moved(1).isoformat()),
        "today_url": asked.url(on=""),
        "team_url": asked.url(team="" if asked.team else "1") if user.role in entries.LEADS else "",
        "plan_url": reverse("interactions:plan"),
        "now": now(),
    }


def _tabs(asked: Asked, current: str) -> list[dict[str, Any]]:
    return [
        {"url": asked.url(view=name), "text": text, "current": name == current}
        for name, text in VIEWS.items()
    ]


def _title(asked: Asked) -> str:
    match asked.view:
        case "day":
            return day_in_words(asked.on)
        case "month":
            return str(date_format(asked.on, pgettext("heading of a month", "F Y")))
        case "agenda":
            return _("From %(day)s") % {"day": date_in_words(asked.on)}
    number = asked.on.isocalendar().week
    first, last = asked.monday, asked.monday + timedelta(days=6)
    return _("Week %(number)s: %(first)s to %(last)s") % {
        "number": number,
        "first": date_format(first, pgettext("day without a year", "j M")),
        "last": date_in_words(last),
    }
