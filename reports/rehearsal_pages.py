"""The page that rehearses a decision day, for those who lead Medical and those who look after the rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.acting import now
from accounts.http import SignedInRequest
from accounts.models import User
from compliance import reading
from compliance.policy import Role, State
from handovers.readiness import Lack
from kols.regions import REGIONS
from msl_crm.access import READERS, allowed
from msl_crm.dates import date_in_words
from products.models import MaterialVersion, Use
from products.supposing import Supposed
from reports.rehearsal import Rehearsal, rehearse, shown_to

FURTHEST = timedelta(days=366 * 5)
SHOWN = 20
DECISIONS = [
    (State.AUTHORISED, gettext_lazy("It is authorised")),
    (State.CONDITIONAL, gettext_lazy("It is authorised with conditions")),
    (State.REFUSED, gettext_lazy("It is refused")),
    (State.SUSPENDED, gettext_lazy("It is suspended")),
    (State.WITHDRAWN, gettext_lazy("It is withdrawn")),
]


class RehearsalForm(forms.Form):
    """What is supposed: a decision on a use, and the day from which it holds. All of it stands in the address."""

    use = forms.ModelChoiceField(Use.objects.none(), label=gettext_lazy("Which use"))
    state = forms.ChoiceField(label=gettext_lazy("What is decided"), choices=DECISIONS)
    on = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uses = Use.objects.visible_to(user).select_related("indication__product", "market")
        self.fields["use"].queryset = uses.order_by("indication", "market", "pk")  # type: ignore[attr-defined]

    def clean_on(self) -> Any:
        if abs(self.cleaned_data["on"] - now().date()) > FURTHEST:
            raise forms.ValidationError(_("Choose a day within five years."))
        return self.cleaned_data["on"]

    def supposed(self) -> Supposed:
        use = self.cleaned_data["use"]
        return Supposed(
            use=use, state=State(self.cleaned_data["state"]), at=use.market.start_of(self.cleaned_data["on"])
        )


@allowed(Role.MSL_LEAD, READERS)
def rehearsal(request: SignedInRequest) -> HttpResponse:
    """What a decision would set going: experts, certificates, regions, plans, materials. Nothing is written."""
    form = RehearsalForm(request.GET if "use" in request.GET else None, user=request.user)
    context: dict[str, Any] = {"form": form, "topbar_title": _("Rehearsal"), "parts": []}
    if form.is_bound and form.is_valid():
        found = rehearse(form.supposed())
        reading.note(request.user, found.supposed.use, words=f"{found.supposed.use}, rehearsed")
        context["parts"] = _parts(found, request.user)
        context["title"] = _title(found)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "reports/rehearsal.html", context, status=status)


def _title(found: Rehearsal) -> str:
    words = {str(state): text for state, text in DECISIONS}
    supposed = found.supposed
    return _("%(use)s, from %(day)s: %(decision)s") % {
        "use": supposed.use, "decision": words[str(supposed.state)],
        "day": date_in_words(supposed.use.market.local_day(supposed.at)),
    }  # fmt: skip


def _parts(found: Rehearsal, user: User) -> list[dict[str, Any]]:
    people = User.objects.in_bulk({
        *(one.owner for one in found.moves.due), *(one.to for one in found.moves.back if one.to),
        *(one.rep for one in found.moves.back), *(one.author for one in found.plans),
    })  # fmt: skip
    parts = (
        (_("Experts"), _experts(found, people)),
        (_("Certificates and other things that are missing"), _missing(found)),
        (_("Regions without a rep"), _regions(found)),
        (_("Plans that end"), _plans(found, user, people)),
        (_("Materials that fall into quarantine"), _materials(found, user)),
    )
    return [{"title": title, "lines": lines} for title, lines in parts]


def _experts(found: Rehearsal, people: dict[UUID, User]) -> list[str]:
    moves = found.moves
    due: dict[UUID, int] = {}
    for one in moves.due:
        due[one.owner] = due.get(one.owner, 0) + 1
    lines = [
        ngettext("%(count)d handover becomes due for %(name)s", "%(count)d handovers become due for %(name)s", count)
        % {"count": count, "name": people[pk].name}
        for pk, count in sorted(due.items(), key=lambda pair: (-pair[1], str(pair[0])))
    ]  # fmt: skip
    if moves.due:
        lines.append(
            ngettext(
                "%d of them could be taken over at once",
                "%d of them could be taken over at once",
                len(found.ready),
            )
            % len(found.ready)
        )
    for back in moves.back[:SHOWN]:
        to = people[back.to].name if back.to else _("nobody, and that stops the confirmation")
        lines.append(
            _("%(kol)s: from %(rep)s back to %(to)s")
            % {"kol": back.kol, "rep": people[back.rep].name, "to": to}
        )
    lines += _rest(len(moves.back))
    for count, single, plural in (
        (len(moves.stopped), "%d handover under way stops", "%d handovers under way stop"),
        (len(moves.resumed), "%d handover that was stopped goes on", "%d handovers that were stopped go on"),
        (len(moves.cancelled), "%d handover is cancelled", "%d handovers are cancelled"),
    ):
        if count:
            lines.append(ngettext(single, plural, count) % count)
    return lines


def _rest(count: int) -> list[str]:
    more = count - SHOWN
    return [ngettext("and %d more", "and %d more", more) % more] if more > 0 else []


def _missing(found: Rehearsal) -> list[str]:
    return [
        ngettext("%(rep)s, for %(count)d expert: %(what)s", "%(rep)s, for %(count)d experts: %(what)s", count)
        % {"rep": rep, "count": count, "what": Lack(guard).what}
        for (rep, guard), count in found.missing.items()
    ]


def _regions(found: Rehearsal) -> list[str]:
    nobody = ngettext_lines("%(region)s: %(count)d expert, and nobody to take over",
                            "%(region)s: %(count)d experts, and nobody to take over", found.regions_without_rep)  # fmt: skip
    return nobody + ngettext_lines(
        "%(region)s: for %(count)d expert a lead chooses among several",
        "%(region)s: for %(count)d experts a lead chooses among several", found.to_choose,
    )  # fmt: skip


def ngettext_lines(one: str, many: str, counts: dict[str, int]) -> list[str]:
    return [
        ngettext(one, many, count) % {"region": _region(code), "count": count}
        for code, count in counts.items()
    ]


def _region(code: str) -> str:
    market, _dash, part = code.partition("-")
    return REGIONS.get(market, {}).get(part, code) or _("no region known")


def _plans(found: Rehearsal, user: User, people: dict[UUID, User]) -> list[str]:
    shown = shown_to(found, user)
    market = found.supposed.use.market
    lines = [
        _("%(name)s, %(day)s (%(rules)s)")
        % {"name": people[pk].name, "day": date_in_words(market.local_day(one.starts_at)), "rules": ", ".join(one.rules)}
        for pk, plans in shown.items() for one in plans
    ]  # fmt: skip
    others = len(found.plans) - len(lines)
    lines = lines[:SHOWN] + _rest(len(lines))
    if others:
        lines.append(ngettext("%d plan of others", "%d plans of others", others) % others)
    return lines


def _materials(found: Rehearsal, user: User) -> list[str]:
    pks = [version.pk for version, _at in found.materials]
    known = set(MaterialVersion.objects.visible_to(user).filter(pk__in=pks).values_list("pk", flat=True))
    lines = [str(version) for version, _at in found.materials if version.pk in known]
    others = len(pks) - len(lines)
    lines = lines[:SHOWN] + _rest(len(lines))
    if others:
        lines.append(ngettext("%d material of others", "%d materials of others", others) % others)
    return lines
