"""What a signed-in person keeps on her device: the key of her drafts, and what she needs without network."""

from __future__ import annotations

import re
from copy import copy
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import User
from compliance.policy import Kind
from interactions import discuss
from interactions.forms import KINDS_OF, VisitForm
from interactions.models import FollowUp, Interaction
from interactions.views.visits import interaction_new
from interactions.visit_page import context
from kols.models import KOL
from msl_crm import views
from msl_crm.access import allowed
from msl_crm.dates import day_in_words
from msl_crm.offline.key import ON_DEVICE, device_of, secret_of
from msl_crm.offline.words import page_words
from safety.forms import SideEffectForm

FORMS = 8
BRIEFS = 8
PEOPLE = 500
CONTACTS = 3
ONCE = re.compile(
    r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>|(?<=name="client_ref") value="[^"]*"'
)


@allowed(ON_DEVICE)
def device_key(request: SignedInRequest) -> HttpResponse:
    """The secret that opens a person's drafts on any device of hers, for as long as her session lasts."""
    device = device_of(request.user)
    assert device is not None  # noqa: S101 - the roles above are the same
    said = {"tag": device.tag, "scope": device.scope, "secret": secret_of(request.user)}
    return JsonResponse({**said, "X-CSRFToken": get_token(request)})


@allowed(ON_DEVICE)
def device_page(request: SignedInRequest) -> HttpResponse:
    """On this device: what waits, what needs its author, what was sent. The script fills it."""
    said = {"topbar_title": _("On this device"), "device_more": page_words()}
    return render(request, "offline/device.html", said)


@allowed(ON_DEVICE)
def device_data(request: SignedInRequest) -> HttpResponse:
    """What opens without network, as the pages themselves show it: her day, forms, briefs, experts, calendar."""
    user, at = request.user, now()
    device = device_of(user)
    days = _days(user, at)
    pages = {reverse("interactions:list"): days, "/calendar/": days}
    forms = {}
    plans = _near(user, at)
    for plan in plans[:FORMS]:
        address = f"{reverse('interactions:new')}?plan={plan.pk}"
        forms[address] = _main(_shown(request, address, interaction_new, plan=str(plan.pk)))
    home = _shown(request, "/", views.home)
    pages["/"] = _main(home) or days
    return JsonResponse(
        {
            "tag": device.tag if device else "",
            "scope": device.scope if device else "",
            "zone": user.time_zone,
            "pages": {**pages, **forms, **_briefs(user, plans, at)},
            "form": _any_form(user),
            "people": [
                [str(kol.pk), str(kol), ", ".join(filter(None, [kol.specialty, kol.place]))]
                for kol in _own(user, at)
            ],
        }
    )


def _shown(request: SignedInRequest, address: str, view: Any, **query: str) -> HttpResponse:
    """The answer of a page of ours to the same person, as if she had opened it."""
    asked: Any = copy(request)
    asked.path = asked.path_info = address.partition("?")[0]
    asked.GET = QueryDict(mutable=True)
    asked.GET.update(query)
    answer: HttpResponse = view(asked)
    return answer


def _main(answer: HttpResponse) -> str:
    """What stands in the middle of a page; nothing where it sends elsewhere."""
    return _middle(answer.content.decode()) if answer.status_code == 200 else ""


def _middle(html: str) -> str:
    """The same for every call: tokens and names of entries are given anew on the device."""
    start = html.find("<main")
    if start < 0:
        return ""
    return ONCE.sub("", html[html.find(">", start) + 1 : html.find("</main>", start)]).strip()


def _near(user: User, at: datetime) -> list[Interaction]:
    """Her own plans from yesterday to the end of the day after tomorrow that nobody has logged."""
    today = datetime.combine(at.astimezone(user.tz).date(), time.min, user.tz)
    rows = (
        Interaction.objects.visible_to(user)
        .planned()
        .filter(author=user, took_place_as=None)
        .between(today - timedelta(days=1), today + timedelta(days=3))
        .prefetch_related("attendees__kol__main_institution")
        .order_by("starts_at", "id")
    )
    return list(rows[: FORMS + BRIEFS])


def _days(user: User, at: datetime) -> str:
    """Her calendar from seven days back to seven days ahead."""
    today = datetime.combine(at.astimezone(user.tz).date(), time.min, user.tz)
    rows = (
        Interaction.objects.visible_to(user)
        .filter(author=user)
        .exclude(
            status__in=[Interaction.Status.CANCELLED, Interaction.Status.WITHDRAWN, Interaction.Status.VOIDED]
        )
        .between(today - timedelta(days=7), today + timedelta(days=8))
        .select_related("market")
        .prefetch_related("attendees__kol", "attendees__colleague")
        .order_by("starts_at", "id")[:200]
    )
    days: dict[str, list[Interaction]] = {}
    for row in rows:
        days.setdefault(day_in_words(row.starts_at.astimezone(user.tz).date()), []).append(row)
    return render_to_string("offline/_days.html", {"days": days})


def _briefs(user: User, plans: list[Interaction], at: datetime) -> dict[str, str]:
    """One brief for each expert of the next two days: who, the last contacts, what is open, what may be said."""
    kols = {a.kol.pk: a.kol for plan in plans for a in plan.attendees.all() if a.kol is not None}
    kols = dict(list(kols.items())[:BRIEFS])
    found = discuss.matters(user, kols.values(), at) if kols else {}
    briefs: dict[str, str] = {}
    for pk, kol in kols.items():
        contacts = (
            Interaction.objects.visible_to(user)
            .logged()
            .filter(attendees__kol=pk)
            .order_by("-starts_at", "-id")[:CONTACTS]
        )
        brief = {
            "kol": kol,
            "contacts": contacts,
            "may_discuss": [matter.summary for matter in found.get(pk, [])],
            "open_items": FollowUp.objects.visible_to(user).open().filter(kol=pk)[:4],
        }
        briefs[reverse("kols:detail", args=[pk])] = render_to_string("offline/_brief.html", brief)
    return briefs


def _own(user: User, at: datetime) -> list[KOL]:
    """The experts she answers for."""
    return list(
        KOL.objects.visible_to(user)
        .listed()
        .filter(relations__ownerships__owner=user, relations__ownerships__during__contains=at)
        .select_related("main_institution")
        .defer("search")
        .order_by("family_name", "given_name", "pk")
        .distinct()[:PEOPLE]
    )


def _any_form(user: User) -> str:
    """The visit form for any expert of hers; the device writes in with whom. The server judges what comes."""
    kind = KINDS_OF.get(user.side, (Kind.VISIT,))[0]
    form = VisitForm(None, user=user, kol=None, kind=kind)
    around = context(user, form, SideEffectForm(None, prefix="se", auto_id="id_%s"))
    return _middle(render_to_string("interactions/interaction_form.html", {**around, "kinds": []}))
