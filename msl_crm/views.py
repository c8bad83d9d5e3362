"""The home of each role, and the probes."""

from __future__ import annotations

import logging
from datetime import timedelta
from secrets import token_hex

from django.db import connection
from django.db.models import Count, Q, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.notices import notices_of
from accounts.wording import icon_of, sentence
from compliance.policy import HandoverState, Role, Side
from handovers.board import state_tag
from handovers.models import Handover
from interactions.first_steps import address, steps_for
from interactions.today import today_of
from msl_crm.access import ANYONE_SIGNED_IN, PUBLIC, allowed
from msl_crm.dates import date_in_words
from products import reading
from products.models import Product, Use

log = logging.getLogger(__name__)
HOMES = {
    Role.MSL_LEAD: "reports:territory",
    Role.FIELD_SERVICE: "handovers:inbox",
    Role.FIELD_LEAD: "handovers:list",
    Role.COMPLIANCE: "compliance:desk",
    Role.AUDITOR: "reviews:questions",
    Role.SAFETY: "safety:list",
    Role.REGULATORY: "products:proposals",
}


@allowed(ANYONE_SIGNED_IN)
def home(request: SignedInRequest) -> HttpResponse:
    """Where a person's day begins: what waits for her role, and nothing else."""
    role = request.user.role
    if role in HOMES:
        return redirect(HOMES[Role(role)])
    match role:
        case Role.MSL:
            day = today_of(request.user, now())
            return render(
                request,
                "today.html",
                {
                    **day,
                    "prepare": to_prepare(request.user),
                    "came_back": _news(request),
                    "calendar_url": address("calendars:calendar"),
                    "steps": steps_for(request) if day["is_new"] else [],
                },
            )
        case Role.PRODUCT_MANAGER:
            return render(request, "home_products.html", {"products": _managed(request)})
        case _:
            return render(request, "home.html")


def _managed(request: SignedInRequest) -> list[dict[str, object]]:
    """Her products with where each use stands, and how many experts field service answers to."""
    at = now()
    uses = (
        Use.objects.visible_to(request.user)
        .select_related("indication__product", "market")
        .annotate(
            accounts=Count(
                "relations__ownerships",
                filter=Q(
                    relations__ownerships__side=Side.COMMERCIAL, relations__ownerships__during__contains=at
                ),
            )
        )
        .order_by("indication__name", "market__name", "id")
    )
    by_product: dict[Product, list[reading.Standing]] = {}
    for row in reading.standings(list(uses), at):
        by_product.setdefault(row.use.indication.product, []).append(row)
    return [
        {"product": product, "rows": rows, "sentence": reading.sentence(rows)}
        for product, rows in sorted(by_product.items(), key=lambda item: item[0].name)
    ]


def to_prepare(user: User) -> dict[str, object] | None:
    """How many handovers wait for her preparation, and how the first of them stands, in the words of its own page."""
    due = Handover.objects.visible_to(user).filter(preparer=user, state=HandoverState.DUE)
    first = (
        due.with_rules()
        .select_related("market")
        .annotate(count=Window(Count("pk")))
        .order_by("state_since", "pk")
        .first()
    )
    return {"count": first.count, "first": state_tag(first, user)["text"]} if first else None


# What others made of her work, as opposed to what she has to do.
NEWS = ("handovers_effective", "ownership_back", "side_effect_acknowledged", "exit_proposed")


def _news(request: SignedInRequest) -> list[dict[str, object]]:
    """At most three things of the last fortnight that came back to her."""
    told = notices_of(request.user).filter(kind__in=NEWS, created_at__gte=now() - timedelta(days=14))
    return [
        {
            "icon": icon_of(notice.kind),
            "tone": "green",
            "title": sentence(notice.kind, notice.facts),
            "text": date_in_words(notice.created_at),
            "url": notice.url,
        }
        for notice in told.order_by("-created_at", "pk")[:3]
    ]


@allowed(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """Answers once the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")


def broken(request: HttpRequest) -> HttpResponse:
    """The page for a fault of ours: a reference that stands in the log as well, and what was kept."""
    reference = token_hex(4).upper()
    log.error("Reference %s: %s %s", reference, request.method, request.path)
    return HttpResponse(loader.render_to_string("500.html", {"reference": reference}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long: nothing is lost, the page says what to do."""
    return render(request, "403.html", {"csrf": True}, status=403)
