"""The territory of a manager: four numbers, what needs her, and the rows behind every number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import Market
from compliance.policy import Role
from handovers.models import Campaign
from interactions.models import Interaction
from kols.filters import first_day
from kols.regions import regions_of
from msl_crm.access import allowed
from reports import figures, raised
from reports.figures import COVERAGE_GOAL, RECENCY_GOAL, UNSEEN_DAYS, Recency, Scope
from reports.models import Pulse

STEPS = (55, 65, 75, 85)


@allowed(Role.MSL_LEAD)
def territory(request: SignedInRequest) -> HttpResponse:
    """How the territory stands today."""
    at, user = now(), request.user
    scope = figures.scope_of(user, at)
    today = at.astimezone(user.tz).date()
    rows = figures.recency(scope, at)
    markets = sorted(scope.markets, key=lambda market: market.name)
    workload = _workload(scope, at, today)
    context = {
        "title": ", ".join(market.name for market in markets),
        "lead": _lead(rows, scope, today),
        "kpis": _numbers(scope, rows, at, today, workload["totals"]),
        "needs": _needs(user, scope, at),
        "map": _map(rows, markets),
        "tiers": _tiers(rows),
        "workload": workload,
        "counted_at": at,
    }
    return render(request, "reports/territory.html", context)


@allowed(Role.MSL_LEAD)
def topics(request: SignedInRequest) -> HttpResponse:
    """What experts raise. The territory fetches it after its numbers, which it must not keep waiting."""
    at = now()
    themes = raised.raised(figures.scope_of(request.user, at), at)
    context = {
        "themes": [theme.as_bar() for theme in themes],
        "title": raised.headline(themes),
        "topbar_title": _("Topics"),
        "back_url": reverse("reports:territory"),
    }
    return render(request, "reports/topics.html", context)


def _lead(rows: list[Recency], scope: Scope, today: date) -> str:
    year_days = (date(today.year, 12, 31) - date(today.year, 1, 1)).days + 1
    return _("Day %(day)d of %(days)d. %(msls)d people, %(kols)d KOLs.") % {
        "day": today.timetuple().tm_yday,
        "days": year_days,
        "msls": len(scope.team),
        "kols": sum(row.kols for row in rows),
    }


def _numbers(
    scope: Scope, rows: list[Recency], at: datetime, today: date, weeks: list[int]
) -> list[dict[str, Any]]:
    kols, seen = sum(row.kols for row in rows), sum(row.seen for row in rows)
    coverage = round(100 * seen / kols) if kols else 0
    found = figures.numbers(scope, at, today)
    median, planned, logged = found.median_days, found.planned, found.logged
    done = round(100 * logged / planned) if planned else 0
    gone = round(100 * today.timetuple().tm_yday / 366)
    waiting, late = found.handovers, found.late_handovers
    unseen = f"{reverse('kols:list')}?view=all&since={UNSEEN_DAYS}" if scope.whole else ""
    return [
        {
            "label": _("Coverage"), "value": coverage, "unit": "%", "url": unseen,
            "meter": {"value": coverage, "goal": COVERAGE_GOAL},
            "text": _("%(seen)d of %(kols)d seen in 90 days. Goal %(goal)d")
            % {"seen": seen, "kols": kols, "goal": COVERAGE_GOAL},
        },
        {
            "label": _("Since last contact"), "value": median if median is not None else "–", "unit": _("days"),
            "url": f"{reverse('kols:list')}?view=all&sort=contact" if scope.whole else "",
            "meter": {"value": min(median or 0, 120), "goal": RECENCY_GOAL, "total": 120,
                      "tone": "green" if (median or 0) <= RECENCY_GOAL else "amber"},
            "text": _("Median. Goal %(goal)d or less") % {"goal": RECENCY_GOAL},
        },
        {
            "label": pgettext("a number", "Plan"), "value": done, "unit": "%", "url": reverse("interactions:list"),
            "meter": {"value": min(done, 100), "goal": gone},
            "spark": weeks,
            "tag": {"text": _("On pace"), "tone": "green", "icon": "check"} if done >= gone
            else {"text": _("Behind"), "tone": "amber", "icon": "arrow-down-right"},
            "text": _("%(logged)d of %(planned)d visits. %(gone)d %% of the year is gone")
            % {"logged": logged, "planned": planned, "gone": gone},
        },
        {
            "label": _("Handovers under way"), "value": waiting, "unit": "", "url": reverse("handovers:list"),
            "text": ngettext("%(late)d waits for more than 30 days", "%(late)d wait for more than 30 days", late)
            % {"late": late},
        },
    ]  # fmt: skip


def _needs(user: Any, scope: Scope, at: datetime) -> list[dict[str, Any]]:
    """At most six rows, most urgent first."""
    return [*_late_campaigns(user), *_unseen(scope, at), *_unlogged(scope, at)][:6]


def _late_campaigns(user: Any) -> list[dict[str, Any]]:
    campaigns = (
        Campaign.objects.visible_to(user)
        .annotate(waiting=Count("handovers", filter=Q(handovers__state__in=figures.WAITING)))
        .filter(waiting__gt=0)
        .select_related("use__indication__product", "use__market")
        .order_by("opened_at", "pk")[:2]
    )
    return [
        {
            "who": campaign.waiting,
            "title": ngettext(
                "%(n)d %(product)s account", "%(n)d %(product)s accounts", campaign.waiting
            ) % {"n": campaign.waiting, "product": campaign.use.indication.product},
            "why": _("Not with field service yet. Authorised in %(market)s") % {"market": campaign.use.market},
            "tag": {"text": _("Handover"), "tone": "amber"},
            "action": {"url": reverse("handovers:board", args=[campaign.pk]), "text": _("Open board")},
        }
        for campaign in campaigns
    ]  # fmt: skip


def _unseen(scope: Scope, at: datetime) -> list[dict[str, Any]]:
    pulses = Pulse.objects.filter(market__in=scope.market_ids, tier=1, last_at__isnull=False)
    if scope.regions is not None:
        pulses = pulses.filter(region__in=scope.regions)
    rows = []
    for pulse in pulses.select_related("kol__main_institution").order_by("last_at", "kol")[:3]:
        days = (first_day(at, 0) - first_day(pulse.last_at, 0)).days  # type: ignore[arg-type]
        if days <= UNSEEN_DAYS:
            break
        rows.append(
            {
                "who": "".join(part[0] for part in (pulse.kol.given_name, pulse.kol.family_name) if part),
                "title": f"{pulse.kol}, {pulse.kol.main_institution.city}"
                if pulse.kol.main_institution
                else str(pulse.kol),
                "why": _("Tier 1, unseen for %(days)d days") % {"days": days},
                "tag": {"text": ngettext("%(d)d day", "%(d)d days", days) % {"d": days}, "tone": "amber"},
                "action": {
                    "url": reverse("kols:detail", args=[pulse.kol_id]),
                    "text": pgettext("button", "Open"),
                },
            }
        )
    return rows


def _unlogged(scope: Scope, at: datetime) -> list[dict[str, Any]]:
    past = (
        Interaction.objects.filter(author__in=scope.team, status=Interaction.Status.PLANNED, ends_at__lt=at)
        .values("author__given_name", "author__family_name", "author")
        .annotate(visits=Count("pk"))
        .order_by("-visits", "author")[:2]
    )
    return [
        {
            "who": f"{row['author__given_name'][:1]}{row['author__family_name'][:1]}",
            "title": f"{row['author__given_name']} {row['author__family_name']}",
            "why": ngettext("%(n)d visit not logged yet", "%(n)d visits not logged yet", row["visits"])
            % {"n": row["visits"]},
            "tag": {"text": _("Not logged"), "tone": "slate"},
            "action": {
                "url": f"{reverse('interactions:list')}?author={row['author']}",
                "text": pgettext("button", "Open"),
            },
        }
        for row in past
    ]


def _map(rows: list[Recency], markets: list[Market]) -> dict[str, Any]:
    """Coverage per region, with a title that says the finding."""
    seen: dict[str, list[int]] = {}
    for row in rows:
        if row.region:
            pair = seen.setdefault(row.region, [0, 0])
            pair[0], pair[1] = pair[0] + row.seen, pair[1] + row.kols
    values = {region: round(100 * part / whole) for region, (part, whole) in sorted(seen.items()) if whole}
    low = [region for region, value in values.items() if value < 60]
    names = regions_of([market.code for market in markets])
    # The market with the most regions first: it is the one that is drawn as a map.
    markets = sorted(markets, key=lambda market: -len([r for r in values if r.startswith(f"{market.code}-")]))
    by_market = {
        market.name: {
            region: value for region, value in values.items() if region.startswith(f"{market.code}-")
        }
        for market in markets
    }
    if not values:
        title = _("No experts here yet")
    elif not low:
        title = _("Every region is at 60 % or more")
    else:
        title = ngettext("%(n)d region is below 60 %%", "%(n)d regions are below 60 %%", len(low)) % {
            "n": len(low)
        }
    lowest = sorted(low, key=lambda region: (values[region], region))[:6]
    lead = ", ".join(names.get(region, region) for region in lowest)
    return {
        "title": title,
        "lead": lead + (". " if lead else "") + _("Coverage in percent"),
        "markets": {name: found for name, found in by_market.items() if found},
        "steps": STEPS,
        "names": names,
        "url": f"{reverse('kols:list')}?view=all&region=",
    }


def _tiers(rows: list[Recency]) -> dict[str, Any]:
    bars, top = [], None
    for tier in (1, 2, 3):
        of_tier = [row for row in rows if row.tier == tier]
        kols = sum(row.kols for row in of_tier)
        parts = [sum(getattr(row, name) for row in of_tier) for name in ("under_30", "under_60", "under_90")]
        over = kols - sum(parts)
        top = top or (over, kols)
        bars.append(
            {
                "label": _("Tier %(tier)d") % {"tier": tier},
                "note": ngettext("%(n)d KOL", "%(n)d KOLs", kols) % {"n": kols},
                "end": _("%(n)d over 90 days or never") % {"n": over},
                "parts": [*parts, over],
                "url": f"{reverse('kols:list')}?view=all&tier={tier}&since={UNSEEN_DAYS}",
            }
        )
    over, kols = top or (0, 0)
    return {
        "title": _("%(over)d of %(kols)d top KOLs unseen for 90 days") % {"over": over, "kols": kols},
        "rows": bars,
        "legend": [
            {"label": _("under 30"), "kind": "heat-3"}, {"label": _("30 to 60"), "kind": "heat-2"},
            {"label": _("60 to 90"), "kind": "heat-1"}, {"label": _("over 90 days or never"), "kind": "amber"},
        ],
    }  # fmt: skip


def _workload(scope: Scope, at: datetime, today: date) -> dict[str, Any]:
    """Contacts per week and colleague. The page is the direct manager's, who sees names."""
    mondays, loads = figures.workload(scope, at, today)
    rows = [{"label": load.name, "note": load.territory, "values": load.weeks} for load in loads]
    by_week = [sum(load.weeks[n] for load in loads) for n in range(len(mondays))]
    totals = [sum(load.weeks) for load in loads]
    title = (
        _("Load is uneven: %(low)d to %(high)d visits") % {"low": min(totals), "high": max(totals)}
        if totals and max(totals) > 2 * max(min(totals), 1)
        else _("Load is even")
    )
    columns = [monday.isocalendar().week for monday in mondays]
    lead = _("Visits per week, weeks %(first)d to %(last)d") % {"first": columns[0], "last": columns[-1]}
    return {
        "title": title,
        "lead": lead,
        "columns": columns,
        "rows": rows,
        "steps": (1, 4, 7, 10),
        "totals": by_week,
    }
