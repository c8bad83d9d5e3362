"""What the board, the lists and the inbox show. Reading only; every row starts from `visible_to`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, DateTimeField, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.acting import now
from accounts.http import as_uuid
from accounts.models import Market, User
from compliance.policy import Column, HandoverState, Role
from compliance.policy.handover import COLUMNS
from handovers import words
from handovers.models import Campaign, Handover
from handovers.readiness import Lack, lacks_of
from handovers.suggest import candidates_for, suggested
from handovers.territories import Candidate
from handovers.timers import due_on
from msl_crm.dates import date_in_words

S = HandoverState
C = Column
SHOWN = (C.TO_PREPARE, C.WAITING, C.DECLINED, C.WITH_FIELD_SERVICE)
TO_FIELD = [S.PREPARED, S.ASSIGNED, S.ACCEPTED, S.APPROVED, S.EFFECTIVE, S.CLOSED]
PER_COLUMN = 6
PER_PAGE = 50
FIELD_ROLES = (Role.FIELD_SERVICE, Role.FIELD_LEAD)
FILTERS = ("msl", "rep", "region")


def handovers_for(user: User) -> QuerySet[Handover]:
    """The handovers of this person's board. What left the line is not told to field service (decision 11)."""
    rows = Handover.objects.visible_to(user).with_rules()
    if user.role in FIELD_ROLES:
        # An approval moves no card of theirs: when it was signed is Medical's (decision 12).
        told = When(state__in=[S.ACCEPTED, S.APPROVED], then=F("due_since"))
        since = Case(told, default=F("state_since"), output_field=DateTimeField())
        return rows.filter(state__in=TO_FIELD).annotate(column=_column(), since=since)
    return rows.annotate(column=_column(), since=F("state_since"))


def _column() -> Case:
    """The column of decision 27, in the database's words."""
    by_column: dict[Column, list[str]] = defaultdict(list)
    for state, column in COLUMNS.items():
        by_column[column].append(str(state))
    declined = When(~Q(decline_reason=""), state=S.PREPARED, then=Value(str(C.DECLINED)))
    rest = [When(state__in=states, then=Value(str(column))) for column, states in by_column.items()]
    return Case(declined, *rest, output_field=CharField())


def counts_of(rows: QuerySet[Handover], campaigns: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many handovers stand in each column, for each campaign, in one statement."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    counted = rows.filter(campaign__in=list(campaigns)).order_by().values_list("campaign", "column")  # type: ignore[misc]
    for campaign, column, count in counted.annotate(count=Count("pk")):
        found[campaign][column] = count
    return found


def parts_of(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The progress bar: who has them, who is waited for. What was set aside is no part of the whole."""
    return [
        {"label": words.LEGEND[column], "value": counts.get(column, 0), "kind": words.COLUMN[column][1]}
        for column in (C.WITH_FIELD_SERVICE, C.WAITING, C.DECLINED, C.TO_PREPARE)
    ]


def progress_of(counts: dict[str, int]) -> str:
    """The sentence over the bar."""
    total = sum(counts.get(column, 0) for column in SHOWN)
    done = counts.get(C.WITH_FIELD_SERVICE, 0)
    if not total:
        return _("No account is left to hand over")
    return ngettext(
        "%(done)d of %(total)d account is with field service",
        "%(done)d of %(total)d accounts are with field service",
        total,
    ) % {"done": done, "total": total}


def pace_of(counts: dict[str, int], opened_at: datetime, market: Market, at: datetime) -> str:
    """When all accounts would be with field service if it goes on as until now; nothing while nobody can tell."""
    total = sum(counts.get(column, 0) for column in SHOWN)
    done = counts.get(C.WITH_FIELD_SERVICE, 0)
    spent = (at - opened_at).total_seconds()
    if not done or done == total or spent <= 0:
        return ""
    ends = at + timedelta(seconds=min(spent * (total - done) / done, 3 * 366 * 86400))
    return _("At this pace done on %(day)s") % {"day": date_in_words(market.local_day(ends))}


def campaigns_for(user: User) -> list[dict[str, Any]]:
    """The cards of the list, newest opening first."""
    rows = list(
        Campaign.objects.visible_to(user)
        .select_related("use__indication__product", "market")
        .order_by("-opened_at", "pk")[:PER_PAGE]
    )
    counts = counts_of(handovers_for(user), [row.pk for row in rows])
    return [
        {
            "campaign": row,
            "url": reverse("handovers:board", args=[row.pk]),
            "progress": progress_of(counts[row.pk]),
            "parts": parts_of(counts[row.pk]),
            "total": sum(counts[row.pk].get(column, 0) for column in SHOWN),
            "aside": counts[row.pk].get(C.SET_ASIDE, 0),
        }
        for row in rows
        if counts.get(row.pk)
    ]


def filtered(rows: QuerySet[Handover], wanted: dict[str, str]) -> QuerySet[Handover]:
    """Narrowed to an MSL, a rep, a region."""
    for name, field in (("msl", "preparer"), ("rep", "recipient")):
        if value := wanted.get(name):
            rows = rows.filter(**{field: value}) if as_uuid(value) else rows.none()
    if region := wanted.get("region"):
        rows = rows.filter(relation__kol__main_institution__region=region[:8])
    return rows


def filter_options(rows: QuerySet[Handover], wanted: dict[str, str]) -> list[dict[str, Any]]:
    """The filters of the board, with the people and regions that occur in this campaign. One statement."""
    found = (
        rows.order_by()
        .values_list(
            "preparer", "preparer__given_name", "preparer__family_name", "recipient", "recipient__given_name",
            "recipient__family_name", "relation__kol__main_institution__region",
        )
        .distinct()[:500]
    )  # fmt: skip
    seen: dict[str, dict[str, str]] = {"msl": {}, "rep": {}, "region": {}}
    for msl, given, family, rep, rep_given, rep_family, region in found:
        seen["msl"][str(msl)] = f"{given} {family}"
        if rep:
            seen["rep"][str(rep)] = f"{rep_given} {rep_family}"
        if region:
            seen["region"][region] = region
    titles = {"msl": _("MSL"), "rep": _("Rep"), "region": _("Region")}
    return [
        {
            "title": titles[name],
            "name": name,
            "set": bool(wanted.get(name)),
            "value_text": seen[name].get(wanted.get(name, ""), ""),
            "options": [{"value": "", "text": _("All"), "checked": not wanted.get(name)}]
            + [
                {"value": value, "text": text, "checked": wanted.get(name) == value}
                for value, text in sorted(seen[name].items(), key=lambda pair: pair[1])
            ],
        }
        for name in FILTERS
        if len(seen[name]) > 1 or wanted.get(name)
    ]


WITH_NAMES = (
    "relation__kol__main_institution",
    "relation__use__market",
    "relation__use__indication__product",
    "preparer",
    "recipient",
    "market",
)


def first_of_each(rows: QuerySet[Handover]) -> dict[str, list[Handover]]:
    """The first cards of every column, longest waiting first, in one statement."""
    numbered = rows.annotate(
        place=Window(RowNumber(), partition_by=[F("column")], order_by=[F("since").asc(), F("pk").asc()])
    )
    found: dict[str, list[Handover]] = defaultdict(list)
    shown = numbered.filter(place__lte=PER_COLUMN).order_by("since", "pk")  # type: ignore[misc]
    for row in shown.select_related(*WITH_NAMES):
        found[row.column].append(row)  # type: ignore[attr-defined]
    return found


def page_of(rows: QuerySet[Handover], column: str, after: str) -> tuple[list[Handover], str]:
    """One page of a single column by position, and where the next one begins."""
    rows = rows.filter(column=column).order_by("since", "pk")  # type: ignore[misc]
    since, _sep, pk = after.partition("_")
    if as_uuid(pk) and (at := _instant(since)):
        rows = rows.filter(Q(since__gt=at) | Q(since=at, pk__gt=pk))
    found = list(rows.select_related(*WITH_NAMES)[: PER_PAGE + 1])
    more = (
        f"{found[PER_PAGE - 1].since.isoformat()}_{found[PER_PAGE - 1].pk}"  # type: ignore[attr-defined]
        if len(found) > PER_PAGE
        else ""
    )
    return found[:PER_PAGE], more


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo else None


def cards_of(rows: list[Handover], user: User) -> list[dict[str, Any]]:
    """Handovers as cards: the person, the route, the state in words, the fitting next action."""
    open_rows = (
        [row for row in rows if row.state in (S.DUE, S.PREPARED)] if user.role not in FIELD_ROLES else []
    )
    people = candidates_for(open_rows) if open_rows else {}
    hints = {row.pk: hint for row in open_rows if (hint := hint_for(row, people.get(row.pk, [])))}
    lacks = lacks_of(rows, {pk: hint.user_id for pk, hint in hints.items()})
    return [card(row, user, hints.get(row.pk), lacks.get(row.pk, [])) for row in rows]


def hint_for(row: Handover, candidates: list[Candidate]) -> Candidate | None:
    """Whom the product would name: the one match of the territory, but for who has declined."""
    declined = row.recipient_id if row.decline_reason else None
    return suggested([person for person in candidates if person.user_id != declined])


def warning_of(lacks: list[Lack]) -> str:
    """One line for a card: what is missing, or how much. The page of the handover says who can mend it."""
    if len(lacks) > 1:
        return ngettext("%d thing is missing", "%d things are missing", len(lacks)) % len(lacks)
    return lacks[0].what if lacks else ""


def card(row: Handover, user: User, hint: Candidate | None, lacks: list[Lack]) -> dict[str, Any]:
    kol = row.relation.kol
    recipient = row.recipient if row.state != S.PREPARED else None
    to = {"name": short(recipient.name)} if recipient else {"name": short(hint.name)} if hint else None
    tags = [{"text": _("suggested"), "tone": "line", "icon": "bulb"}] if hint and not recipient else []
    declined = row.state == S.PREPARED and row.decline_reason
    return {
        "id": str(row.pk),
        "version": row.version,
        "name": kol.name,
        "text": kol.place,
        "url": reverse("handovers:dossier", args=[row.pk]),
        "from": {"name": short(row.preparer.name)},
        "to": to,
        "tags": tags,
        "state": state_tag(row, user),
        "warning": warning_of(lacks),
        "quote": words.DECLINE.get(row.decline_reason) if declined else None,
        "selectable": selectable(row, user),
        "actions": [
            {
                "url": reverse("handovers:dossier", args=[row.pk]),
                "text": pgettext("button", "Open"),
                "kind": "quiet",
            }
        ]
        if selectable(row, user)
        else [],
    }


def short(name: str) -> str:
    """A name for a narrow card: the initial and the last part, as in "L. Hoffmann"."""
    first, _space, last = name.rpartition(" ")
    return f"{first[:1]}. {last}" if first else last


def selectable(row: Handover, user: User) -> bool:
    """Whether this person's next batch could take it along."""
    if user.role == Role.MSL:
        return row.state == S.DUE
    if user.role == Role.MSL_LEAD:
        return row.state in (S.DUE, S.ACCEPTED)
    return False


def state_tag(row: Handover, user: User) -> dict[str, Any]:
    """The state in words as this person may know it, red when late."""
    today = row.market.local_day(now())
    if user.role in FIELD_ROLES and row.told_to(user) == S.ACCEPTED:
        return {"text": _("Accepted, moves after approval"), "tone": "slate", "icon": "clock"}
    if row.state == S.APPROVED and row.effective_at:
        day = date_in_words(row.market.local_day(row.effective_at))
        return {"text": _("Moves on %(day)s") % {"day": day}, "tone": "green", "icon": "calendar-event"}
    if row.state in (S.EFFECTIVE, S.CLOSED):
        day = date_in_words(row.market.local_day(row.effective_at or row.state_since))
        return {"text": _("Since %(day)s") % {"day": day}, "tone": "green", "icon": "check"}
    if (by := due_on(row, row.market)) is not None:
        late = (today - by).days
        if late > 0:
            text = ngettext("%d day late", "%d days late", late) % late
            return {"text": text, "tone": "red", "icon": "clock"}
        if row.state in (S.ASSIGNED, S.PREPARED):
            days = (today - row.market.local_day(row.state_since)).days
            since = _("today") if days == 0 else ngettext("%d day ago", "%d days ago", days) % days
            said = _("Sent %(since)s") if row.state == S.ASSIGNED else _("Prepared %(since)s")
            return {"text": said % {"since": since}, "tone": "slate"}
        if row.state == S.DUE:
            return {
                "text": _("Due by %(day)s") % {"day": date_format(by, pgettext("day without a year", "j M"))},
                "tone": "slate",
                "icon": "clock",
            }
    tone = "red" if row.state == S.FROZEN else "slate"
    return {"text": words.STATE[HandoverState(row.state)], "tone": tone}
