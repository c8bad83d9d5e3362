"""The next free half hours of one's own days: to plan a visit, one of them is pressed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.acting import now
from accounts.models import Market, User
from interactions.models import Interaction
from msl_crm.dates import day_in_words

OFFERED = 6
A_DAY = 2
DAYS = 14
HALF = timedelta(minutes=30)
HOURS = (time(9), time(11), time(14), time(16))


def slots_for(user: User, market: Market, kol: object) -> list[dict[str, Any]]:
    """At most two a business day, none in which something is planned already, from tomorrow on."""
    today = now().astimezone(market.tz).date()
    days = [day for n in range(1, DAYS) if market.is_business_day(day := today + timedelta(days=n))]
    taken = _taken(user, market, days)
    free = [(day, at) for day in days for at in _free(day, market, taken)]
    return [
        {
            "url": f"?kol={kol}&on={day.isoformat()}&at={at.strftime('%H:%M')}#id_on",
            "day": day_in_words(day),
            "at": at.strftime("%H:%M"),
        }
        for day, at in free[:OFFERED]
    ]


def _taken(user: User, market: Market, days: list[date]) -> list[tuple[datetime, datetime]]:
    first = datetime.combine(days[0], time.min, market.tz)
    last = datetime.combine(days[-1] + timedelta(days=1), time.min, market.tz)
    rows = Interaction.objects.visible_to(user).planned().filter(author=user).between(first, last)
    return list(rows.values_list("starts_at", "ends_at"))


def _free(day: date, market: Market, taken: list[tuple[datetime, datetime]]) -> list[time]:
    found = []
    for at in HOURS:
        start = datetime.combine(day, at, market.tz)
        if all(end <= start or start + HALF <= begin for begin, end in taken):
            found.append(at)
    return found[:A_DAY]
