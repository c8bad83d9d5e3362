"""The page of the review of rights, and its file (R-161, question 17)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rights_actions
from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.models import User
from accounts.rights import Rights, RightsReview, rights_of
from compliance import audit
from compliance.policy import Role
from msl_crm import sheets
from msl_crm.access import allowed

SHOWN = 200
FILTERS: dict[str, tuple[object, Callable[[Rights], bool]]] = {
    "": (gettext_lazy("Active"), lambda row: row.person.is_active),
    "privileged": (gettext_lazy("Privileged"), lambda row: row.person.is_active and row.privileged),
    "leavers": (gettext_lazy("Leavers"), lambda row: not row.person.is_active),
    "without": (
        gettext_lazy("Without a second factor"),
        lambda row: row.person.is_active and not row.factors,
    ),
}


def _rows(request: HttpRequest) -> tuple[str, list[Rights]]:
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in FILTERS else ""
    people = User.objects.order_by("family_name", "given_name", "id")[: 10 * SHOWN]
    return chosen, [row for row in rights_of(people, now()) if FILTERS[chosen][1](row)]


@allowed(Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR)
def rights(request: SignedInRequest) -> HttpResponse:
    """Everybody with her rights; ticked rows are looked at, and say so from then on."""
    if request.method == "POST":
        ids = [pk for pk in map(as_uuid, request.POST.getlist("person")) if pk is not None]
        outcome = RightsReview.Outcome.CHANGE if "change" in request.POST else RightsReview.Outcome.KEEP
        done = rights_actions.review(User.objects.filter(pk__in=ids), outcome=outcome, by=request.user)
        messages.success(request, _("%(count)s looked at.") % {"count": done})
        return redirect(f"{reverse('accounts:rights')}?show={request.GET.get('show', '')}")
    chosen, rows = _rows(request)
    tabs = [{"key": key, "name": name, "on": key == chosen} for key, (name, _test) in FILTERS.items()]
    may = request.user.role != Role.AUDITOR
    return render(
        request,
        "accounts/rights.html",
        {"rows": rows[:SHOWN], "tabs": tabs, "chosen": chosen, "may_review": may},
    )


@allowed(Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR)
def rights_file(request: SignedInRequest) -> HttpResponse:
    """The same rows as a file; the trail keeps their number, the filter and the hash (R-162)."""
    chosen, rows = _rows(request)
    head: list[object] = [
        "account", "name", "address", "active", "role", "since", "markets", "leads", "custodian", "privileged",
        "second_factor", "api_keys", "last_sign_in", "reviewed_by", "reviewed_at", "outcome",
    ]  # fmt: skip
    body = sheets.in_csv([head, *(_line(row) for row in rows)], iso=True)
    audit.record(
        "exported the rights of", request.user, by=request.user, words=_("everybody"), rows=len(rows), filter=chosen,
        sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    answer = HttpResponse(body, content_type=sheets.TYPES[sheets.CSV])
    answer["Content-Disposition"] = f'attachment; filename="rights-{now():%Y-%m-%d}.csv"'
    return answer


def _line(row: Rights) -> list[object]:
    person, review = row.person, row.last_review
    return [
        str(person.pk), person.name, person.email, person.is_active, person.role, row.since, " ".join(row.markets),
        ", ".join(row.leads), " ".join(row.custodian), row.privileged, ", ".join(row.factors), row.tokens, person.last_login,
        review.reviewer.name if review else "", review.at if review else "", review.outcome if review else "",
    ]  # fmt: skip
