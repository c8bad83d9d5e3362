"""The one search box: a page that needs no scripts, and the two answers the palette draws from."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.http import SignedInRequest
from compliance import audit
from compliance.policy import Side
from kols import palette
from kols.models import KOL
from kols.search import find, products_named
from msl_crm.access import EVERYBODY, allowed


@allowed(EVERYBODY)
def search(request: SignedInRequest) -> HttpResponse:
    """Experts and products by whatever somebody remembers of them."""
    user = request.user
    query = request.GET.get("q", "").strip()
    people, exact = find(KOL.objects.visible_to(user).listed(), query) if query else ([], True)
    audit.searched(user, query, "search")
    context = {
        "query": query.replace("\x00", "")[:200],
        "people": people,
        "exact": exact,
        "products": products_named(user, query) if query else [],
        "accounts": user.side is Side.COMMERCIAL,
    }
    return render(request, "kols/search.html", context)


@allowed(EVERYBODY)
def search_index(request: SignedInRequest) -> JsonResponse:
    """One's own experts and products, for the memory of one page."""
    return JsonResponse(palette.index_of(request.user))


@allowed(EVERYBODY)
def search_hits(request: SignedInRequest) -> JsonResponse:
    """What the search page would show first, for the palette."""
    query = request.GET.get("q", "").strip()
    audit.searched(request.user, query, "palette")
    return JsonResponse(palette.hits_of(request.user, query))
