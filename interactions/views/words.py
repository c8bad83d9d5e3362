"""Words in free text: read again while somebody types, and those that stayed with a reason, for Compliance."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import SignedInRequest
from compliance import audit, wording
from compliance.policy import Kind
from interactions import words_form
from interactions.forms import KINDS_OF, VisitForm
from interactions.models import WordMark
from interactions.views._rows import kol_of
from msl_crm.access import FIELD, MEDICAL, READERS, allowed

SHOWN = 100


@require_POST
@allowed(MEDICAL, FIELD)
def words_marked(request: SignedInRequest) -> HttpResponse:
    """What the texts of a visit form are marked for. Nothing is kept."""
    kinds = {str(kind): kind for kind in KINDS_OF.get(request.user.side, (Kind.VISIT,))}
    kind = kinds.get(request.POST.get("kind", ""), next(iter(kinds.values())))
    form = VisitForm(
        request.POST, user=request.user, kol=kol_of(request, request.POST.get("kol", "")), kind=kind
    )
    return render(request, "interactions/_words.html", {"words": words_form.shown(form)})


@allowed(READERS)
def words_kept(request: SignedInRequest) -> HttpResponse:
    """Words that stay only with a reason, newest first, to draw from: each entry is read when it is opened."""
    rows = (
        WordMark.objects.visible_to(request.user)
        .filter(level=str(wording.Level.EXPLAIN))
        .select_related("interaction__market", "author")
        .order_by("-at", "-id")[: SHOWN + 1]
    )
    found = list(rows)
    audit.record("read the words that stayed", by=request.user)
    return render(
        request,
        "interactions/kept_words.html",
        {
            "rows": [
                {"one": one, "sentence": wording.sentence(wording.Kind(one.kind), one.code, _)}
                for one in found[:SHOWN]
            ],
            "more": len(found) > SHOWN,
            "topbar_title": _("Words that stayed"),
        },
    )
