"""R-125: Medical hears that field service met the same expert about the same product that day; never the reverse."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.models import Notice, User
from accounts.notices import tell_all
from accounts.people import leads_of
from compliance import audit
from kols.models import KOL

LOOK_BACK = timedelta(days=7)
_FOUND = "SELECT author, interaction, kol, on_day FROM crm_met_on_one_day(%s)"


def tell_of_same_day(at: datetime) -> int:
    """Tell each MSL and her leads of the days of the last week on which both sides met an expert.

    May run again at any time: one notice for each person, expert and day. It runs apart from what anybody
    logs, so that no answer to field service tells that Medical was there. Returns the number of notices.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [at - LOOK_BACK])
        rows: list[tuple[UUID, UUID, UUID, date]] = cursor.fetchall()
    authors = User.objects.in_bulk({row[0] for row in rows})
    experts = KOL.objects.in_bulk({row[2] for row in rows})
    leads: dict[UUID, list[User]] = defaultdict(list)
    for author in authors.values():
        leads[author.pk] = list(leads_of(author))
    wanted = [
        (person, "met_on_one_day", f"met on one day {kol} {day:%Y-%m-%d}", reverse("interactions:detail", args=[record]),
         {"kol": str(experts[kol])})
        for author, record, kol, day in rows
        for person in (authors[author], *leads[author])
    ]  # fmt: skip
    before = set(Notice.objects.filter(key__in={one[2] for one in wanted}).values_list("person_id", "key"))
    told = [one for one in wanted if (one[0].pk, one[2]) not in before]
    if told:
        tell_all(told)
        audit.record("told Medical of days with both sides", by=None, count=len(told))
    return len(told)
