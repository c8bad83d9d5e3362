"""The list of experts and its export."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.http import SignedInRequest
from accounts.models import User
from compliance import audit
from compliance.policy import Deed, Role, Side, may
from jobs.exports import answer
from kols import listing
from kols.exports import KOLS, asked_of
from kols.filters import VIEWS, Filters, chips, home_view
from kols.listing import sees_medical
from kols.models import SavedView
from msl_crm.access import FIELD, MEDICAL, OVERSIGHT, READERS, allowed
from products.models import Use


@allowed(MEDICAL, FIELD, OVERSIGHT, Role.SAFETY)
def kol_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    medical = sees_medical(user)
    saved = saved_views(user) if medical else []
    start = next((one for one in saved if one.starts and one.owner_id == user.pk), None)
    asked = QueryDict(start.query) if start and not request.GET else request.GET
    filters = Filters.read(asked, home=home_view(user) if medical else "all", medical=medical)
    if filters.cursor is None:
        audit.searched(user, filters.q, "list")
    uses = listing.uses_of(user, count=filters.view if medical else "")
    page = (listing.medical_page if medical else listing.directory_page)(user, filters, uses)
    if not page.rows and filters.q and filters.cursor is None:
        page = listing.similar_page(user, filters.q, uses, medical=medical)
    for problem in filters.problems:
        messages.warning(request, problem)
    context = {
        "filters": filters,
        "page": page,
        "medical": medical,
        "own": user.side is Side.COMMERCIAL,
        "address": reverse("kols:list"),
        "hidden": _hidden(filters),
        "clear_url": reverse("kols:list") if filters.narrowed else "",
        "may_export": may(user.role, Deed.EXPORT_OWN_LIST).allowed,
        "actions": _actions(user),
        **(_medical_frame(user, filters, uses, saved) if medical else _directory_frame(user)),
    }
    return render(request, "kols/kol_list.html", context)


def saved_views(user: User) -> list[SavedView]:
    """The views of one's own, and what colleagues share, own ones first."""
    found = list(SavedView.objects.visible_to(user).standing().select_related("owner")[:60])
    return sorted(found, key=lambda view: view.owner_id != user.pk)


def _tabs(
    filters: Filters, user: User, saved: list[SavedView], current: SavedView | None
) -> list[dict[str, object]]:
    """The product's views, then those somebody has saved; one of them is the current one."""
    tabs: list[dict[str, object]] = [
        {"url": f"?view={name}", "text": text, "current": current is None and name == filters.view}
        for name, text in VIEWS.items()
    ]
    for view in saved:
        of = "" if view.owner_id == user.pk else _("from %(name)s") % {"name": view.owner.name}
        tabs.append({"url": f"?{view.query}", "text": view.name, "current": view is current, "hint": of})
    return tabs


def _medical_frame(
    user: User, filters: Filters, uses: list[Use], saved: list[SavedView]
) -> dict[str, object]:
    total, late = listing.capped(user, filters.view, uses)
    markets = list({use.market_id: use.market for use in uses}.values())
    query = filters.as_query()
    current = next((one for one in saved if one.query == query), None)
    return {
        "title": _("KOLs"),
        "lead": _sentence(filters.view, total, late),
        "tabs": _tabs(filters, user, saved, current),
        "saved": current if current and current.owner_id == user.pk else None,
        "query": query,
        "may_save": current is None and user.role in MEDICAL and (filters.narrowed or filters.sort != "name"),
        "chips": chips(filters, uses, markets),
    }


def _directory_frame(user: User) -> dict[str, object]:
    if user.side is Side.COMMERCIAL:
        return {
            "title": _("Accounts"),
            "lead": _("The experts that are with field service, and those assigned to it."),
        }
    return {"title": _("KOLs"), "lead": _("The directory: names, places and numbers.")}


def _sentence(view: str, total: str, late: str) -> str:
    sentences = {
        "mine": _("%(total)s of yours, %(late)s not seen for 90 days"),
        "team": _("%(total)s of the team's, %(late)s not seen for 90 days"),
        "unseen": _("%(total)s not seen for 90 days"),
        "tier1": _("%(total)s of tier 1, %(late)s of them not seen for 90 days"),
        "all": _("%(total)s in your markets, %(late)s not seen for 90 days"),
    }
    return sentences[view] % {"total": total, "late": late}


def _hidden(filters: Filters) -> list[dict[str, str]]:
    kept = [{"name": "view", "value": filters.view}]
    return kept + ([{"name": "sort", "value": filters.sort}] if filters.sort != "name" else [])


def _actions(user: User) -> list[dict[str, object]]:
    actions: list[dict[str, object]] = []
    for name, text, icon, deed in (
        ("kols:import", _("Import"), "file-import", Deed.IMPORT_KOLS),
        ("kols:new", _("Add KOL"), "user-plus", Deed.REGISTER_KOL),
    ):
        try:
            if may(user.role, deed).allowed:
                actions.append({"url": reverse(name), "text": text, "icon": icon})
        except NoReverseMatch:
            continue
    return actions


@allowed(MEDICAL, FIELD, READERS)
def kol_export(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, as a file; a long one becomes a job."""
    user = request.user
    medical = sees_medical(user)
    filters = Filters.read(request.GET, home=home_view(user) if medical else "all", medical=medical)
    return answer(request, KOLS, asked_of(filters))
