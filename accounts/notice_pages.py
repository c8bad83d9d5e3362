"""What waits for a person: told in groups, done in place, put away, silenced by kind."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import notice_kinds, notices
from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from accounts.models import Notice
from accounts.wording import icon_of, sentence
from msl_crm.access import ANYONE_SIGNED_IN, allowed

SHOWN = 50
OBJECT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Group:
    """Notices of one object, or of one kind where each is about another object."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def notice(self) -> Notice:
        newest: Notice = self.rows[0]["notice"]
        return newest

    @property
    def unread(self) -> bool:
        return any(row["notice"].read_at is None for row in self.rows)

    @property
    def ids(self) -> str:
        return ",".join(str(row["notice"].pk) for row in self.rows)

    @property
    def title(self) -> str:
        """The newest sentence; of many objects of one kind, how many and of what."""
        if len({about(row["notice"]) for row in self.rows}) == 1:
            return str(self.rows[0]["sentence"])
        return f"{notice_kinds.name_of(self.notice.kind)}: {len(self.rows)}"

    @property
    def mutable(self) -> bool:
        return self.notice.kind in notice_kinds.KINDS and self.notice.kind not in notice_kinds.ALWAYS

    @property
    def accept(self) -> str:
        """Where one press accepts, if that is what the notice asks for and it is about one account."""
        if self.notice.kind != "handover_assigned" or len(self.rows) != 1:
            return ""
        found = OBJECT.search(self.notice.key)
        return reverse("handovers:acceptance", args=[found[0]]) if found else ""


def about(notice: Notice) -> str:
    """The object of a notice: the first identifier in the key it was told under."""
    found = OBJECT.search(notice.key)
    return found[0] if found else str(notice.pk)


@allowed(ANYONE_SIGNED_IN)
def notice_list(request: SignedInRequest) -> HttpResponse:
    """What waits for this person: today, this week, older; the newest fifty."""
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
    return render(
        request, "accounts/notices.html", {"groups": [(k, together(v)) for k, v in groups.items() if v]}
    )


def together(rows: list[dict[str, Any]]) -> list[Group]:
    """Put together what is about one object; what stays single, by kind and by whether it was read."""
    by_object: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_object.setdefault(about(row["notice"]), []).append(row)
    groups: dict[Any, Group] = {}
    for key, told in by_object.items():
        first = told[0]["notice"]
        single = (first.kind, first.read_at is None) if len(told) == 1 else key
        groups.setdefault(single, Group()).rows.extend(told)
    return list(groups.values())


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


@require_POST
@allowed(ANYONE_SIGNED_IN)
def notice_dismissal(request: SignedInRequest) -> HttpResponse:
    """Put one's own notices away; `undo` brings them back."""
    words = (request.POST.get("ids") or request.GET.get("ids", "")).split(",")[:SHOWN]
    ids = [pk for word in words if (pk := as_uuid(word)) is not None]
    undo = "undo" in request.GET
    changed = notices.dismiss(request.user, ids, away=not undo)
    if changed and not undo:
        address = f"{reverse('accounts:notice_dismissal')}?undo=1&ids={','.join(map(str, ids))}"
        said = ngettext("%(count)s notice dismissed.", "%(count)s notices dismissed.", changed) % {
            "count": changed
        }
        messages.success(request, said, extra_tags=f"undo:{address}")
    return redirect("accounts:notices")


@require_POST
@allowed(ANYONE_SIGNED_IN)
def notice_silence(request: SignedInRequest) -> HttpResponse:
    """No more of one kind, by any way; undone like every setting."""
    kind = request.POST.get("kind", "")
    if kind in notice_kinds.kinds_of(request.user) and kind not in notice_kinds.ALWAYS:
        request.session["settings"] = ["notices", notice_kinds.choices_of(request.user)]
        notice_kinds.mute(request.user, kind)
        said = _("No more notices like “%(kind)s”.") % {"kind": notice_kinds.name_of(kind)}
        messages.success(request, said, extra_tags=f"undo:{reverse('accounts:settings_undo')}")
    return redirect("accounts:notices")
