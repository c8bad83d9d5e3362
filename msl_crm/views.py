"""The home of each role, and the probes."""

from __future__ import annotations

from django.db import connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.acting import now
from accounts.http import SignedInRequest
from compliance.policy import Role, Side
from msl_crm.access import ANYONE_SIGNED_IN, PUBLIC, allowed
from products import reading
from products.models import Product, Use

HOMES = {
    Role.MSL_LEAD: "reports:territory",
    Role.FIELD_SERVICE: "handovers:inbox",
    Role.FIELD_LEAD: "handovers:list",
    Role.COMPLIANCE: "compliance:desk",
    Role.AUDITOR: "compliance:desk",
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
            from interactions.today import today_of

            return render(request, "today.html", today_of(request.user, now()))
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
    by_product: dict[Product, list[Use]] = {}
    for use in uses:
        by_product.setdefault(use.indication.product, []).append(use)
    found = []
    for product, its in sorted(by_product.items(), key=lambda item: item[0].name):
        rows = reading.standings(its, at)
        found.append({"product": product, "rows": rows, "sentence": reading.sentence(rows)})
    return found


@allowed(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """Answers once the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long: nothing is lost, the page says what to do."""
    return render(request, "403.html", {"csrf": True}, status=403)
