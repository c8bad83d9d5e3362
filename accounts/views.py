"""A person's own pages: what waits for her, and how the product meets her."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions, notices
from accounts.acting import now
from accounts.forms import ProfileForm, TokenForm
from accounts.http import SignedInRequest
from accounts.wording import icon_of, sentence
from msl_crm.access import ANYONE_SIGNED_IN, allowed

SHOWN = 100


@allowed(ANYONE_SIGNED_IN)
def notice_list(request: SignedInRequest) -> HttpResponse:
    """What waits for this person: today, this week, older; the newest hundred."""
    rows = notices.notices_of(request.user).order_by("-created_at", "id")[:SHOWN]
    today = now().astimezone(request.user.tz).date()
    groups: dict[str, list[Any]] = {str(_("Today")): [], str(_("This week")): [], str(_("Older")): []}
    for row in rows:
        age = today - row.created_at.astimezone(request.user.tz).date()
        name = (
            _("Today")
            if age < timedelta(days=1)
            else _("This week")
            if age < timedelta(days=7)
            else _("Older")
        )
        groups[str(name)].append(
            {"notice": row, "sentence": sentence(row.kind, row.facts), "icon": icon_of(row.kind)}
        )
    return render(request, "accounts/notices.html", {"groups": [(k, v) for k, v in groups.items() if v]})


@require_POST
@allowed(ANYONE_SIGNED_IN)
def notice_read(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Mark one's own notice as read and go where it points; `undo` marks it as unread again."""
    notice = get_object_or_404(notices.notices_of(request.user), pk=pk)
    undo = "undo" in request.POST or "undo" in request.GET
    notices.mark(request.user, [notice.pk], read=not undo)
    if "open" in request.POST and notice.url.startswith("/") and not notice.url.startswith("//"):
        return redirect(notice.url)
    if not undo:
        address = reverse("accounts:notice_read", args=[notice.pk])
        messages.success(request, _("Done."), extra_tags=f"undo:{address}?undo=1")
    return redirect("accounts:notices")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def notice_read_all(request: SignedInRequest) -> HttpResponse:
    unread = list(notices.notices_of(request.user).filter(read_at=None).values_list("pk", flat=True)[:1000])
    notices.mark(request.user, unread, read=True)
    return redirect("accounts:notices")


@allowed(ANYONE_SIGNED_IN)
def profile(request: SignedInRequest) -> HttpResponse:
    """Language, time zone, theme, and the keys to the API."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("accounts:profile")
    tokens = request.user.api_tokens.filter(revoked_at=None).order_by("created_at")
    return render(
        request, "accounts/profile.html", {"form": form, "tokens": tokens, "token_form": TokenForm()}
    )


@require_POST
@allowed(ANYONE_SIGNED_IN)
def token_new(request: SignedInRequest) -> HttpResponse:
    """Issue a key to the API. Its secret is on this answer and nowhere else."""
    form = TokenForm(request.POST)
    tokens = request.user.api_tokens.filter(revoked_at=None).order_by("created_at")
    context = {"form": ProfileForm(instance=request.user), "tokens": tokens, "token_form": form}
    if form.is_valid():
        context["token"], context["secret"] = actions.issue_token(request.user, form.cleaned_data["name"])
        context["token_form"] = TokenForm()
    return render(request, "accounts/profile.html", context)


@require_POST
@allowed(ANYONE_SIGNED_IN)
def token_revoke(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.revoke_token(get_object_or_404(request.user.api_tokens, pk=pk))
    messages.success(request, _("This token no longer works."))
    return redirect("accounts:profile")
