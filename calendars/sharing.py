"""The pages of what goes out and comes in, and the door for programs that read the feed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.acting import acting_as
from accounts.http import SignedInRequest
from calendars import actions, feeds
from calendars.fetching import NotFetched
from calendars.forms import FeedForm, FileForm, SourceForm
from calendars.models import Feed, Source, Suggestion
from calendars.reading import NotACalendar
from compliance.policy import Refused
from msl_crm.access import FIELD, MEDICAL, PUBLIC, allowed


@require_safe
@allowed(PUBLIC)
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a secret address, as its owner may see it this second; else nothing is there."""
    found = feeds.owner_of(secret)
    if found is None:
        raise Http404
    user = found.user
    with acting_as(user), translation.override(user.language), timezone.override(user.tz):
        if not user.is_active or not feeds.alive(found):
            raise Http404
        body = feeds.written(found, user)
        feeds.mark_read(found)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    add_never_cache_headers(answer)
    return answer


@allowed(MEDICAL, FIELD)
def sharing(request: SignedInRequest) -> HttpResponse:
    """What goes out, what comes in, and the forms for more of both."""
    return _page(request)


@require_POST
@allowed(MEDICAL, FIELD)
def feed_new(request: SignedInRequest) -> HttpResponse:
    """Open a feed. Its address is on this answer and nowhere else."""
    form = FeedForm(request.POST, auto_id="feed_%s")
    if not form.is_valid():
        return _page(request, feed_form=form)
    try:
        _feed, secret = actions.open_feed(by=request.user, **form.cleaned_data)
    except actions.TooMany:
        form.add_error(None, _("You have as many feeds as one person may have. Revoke one first."))
        return _page(request, feed_form=form)
    path = reverse("calendars:feed", args=[secret])
    return _page(request, secret_url=settings.PUBLIC_URL.rstrip("/") + path)


@require_POST
@allowed(MEDICAL, FIELD)
def feed_revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.revoke_feed(get_object_or_404(Feed.objects.visible_to(request.user), pk=pk), by=request.user)
    messages.success(request, _("This address opens nothing any more."))
    return redirect("calendars:sharing")


@require_POST
@allowed(MEDICAL, FIELD)
def source_new(request: SignedInRequest) -> HttpResponse:
    form = SourceForm(request.POST, auto_id="source_%s")
    if form.is_valid():
        try:
            actions.add_source(by=request.user, **form.cleaned_data)
        except NotFetched:
            form.add_error("address", _("Enter an address that begins with https:// or webcal://."))
        except actions.TooMany:
            form.add_error(None, _("You have as many calendars as one person may have. Remove one first."))
        else:
            messages.success(request, _("Added. It is read within a minute."))
            return redirect("calendars:sharing")
    return _page(request, source_form=form)


@require_POST
@allowed(MEDICAL, FIELD)
def source_remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.remove_source(get_object_or_404(Source.objects.visible_to(request.user), pk=pk), by=request.user)
    messages.success(request, _("Removed, with what it offered."))
    return redirect("calendars:sharing")


@require_POST
@allowed(MEDICAL, FIELD)
def file_in(request: SignedInRequest) -> HttpResponse:
    """A calendar that was handed in: what is with an expert is offered, the rest is busy until tomorrow."""
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")
    if form.is_valid():
        try:
            fresh, busy = actions.take_in(form.cleaned_data["content"], by=request.user)
        except NotACalendar:
            form.add_error(None, _("That is no calendar we can read."))
        else:
            told = ngettext(
                "%(n)s appointment offered as a plan.", "%(n)s appointments offered as plans.", fresh
            )
            messages.success(request, told % {"n": fresh})
            if busy:
                messages.info(request, _("The rest is shown as busy and not kept."))
            return redirect("calendars:calendar")
    return _page(request, file_form=form)


@require_POST
@allowed(MEDICAL, FIELD)
def suggestion_plan(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Plan what another calendar holds, with one tap."""
    try:
        plan = actions.plan_suggestion(_suggestion(request, pk), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        undo = reverse("interactions:cancellation", args=[plan.pk])
        messages.success(request, _("Visit planned"), extra_tags=f"undo:{undo}")
    return redirect("calendars:calendar")


@require_POST
@allowed(MEDICAL, FIELD)
def suggestion_dismiss(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Not a visit. Asked with `undo`, offered again."""
    state = Suggestion.State
    if "undo" in request.GET:
        actions.reopen_suggestion(_suggestion(request, pk, state.DISMISSED))
    else:
        actions.dismiss_suggestion(_suggestion(request, pk))
        undo = reverse("calendars:suggestion_dismiss", args=[pk])
        messages.success(request, _("Not offered any more"), extra_tags=f"undo:{undo}?undo=1")
    return redirect("calendars:calendar")


def _suggestion(
    request: SignedInRequest, pk: UUID, state: Suggestion.State = Suggestion.State.OPEN
) -> Suggestion:
    rows = Suggestion.objects.visible_to(request.user).select_related("kol")
    return get_object_or_404(rows, pk=pk, state=state)


def _page(request: SignedInRequest, **more: Any) -> HttpResponse:
    bound = any(key.endswith("form") for key in more)
    context = {
        "feeds": Feed.objects.visible_to(request.user).filter(revoked_at=None),
        "sources": Source.objects.visible_to(request.user),
        "feed_form": FeedForm(auto_id="feed_%s"),
        "source_form": SourceForm(auto_id="source_%s"),
        "file_form": FileForm(auto_id="file_%s"),
        **more,
    }
    return render(request, "calendars/sharing.html", context, status=422 if bound else 200)
