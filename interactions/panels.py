"""How the boundary speaks on the visit form: the panel below a product, and the row of one field service has.

Sentence, options and documents come from the decision; here they only get their words.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import Market
from compliance.policy import Basis, Outcome, Panel, State, Zone, sentence, zone_of
from interactions.discuss import Matter
from kols.models import KOL
from msl_crm import charts
from msl_crm.dates import date_in_words
from products.models import Use

if TYPE_CHECKING:
    from interactions.topics_form import Block

BASES: dict[Basis, Any] = {
    Basis.UNSOLICITED_REQUEST: gettext_lazy("The doctor asked, unprompted"),
    Basis.PROACTIVE: gettext_lazy("Planned scientific exchange"),
    Basis.STUDY_SUPPORT: gettext_lazy("Study conduct"),
    Basis.CONTRACTED_BOARD: gettext_lazy("Contracted advisory board"),
}
TITLES = {
    Zone.OPEN: gettext_lazy("%(product)s is authorised in %(market)s"),
    Zone.CLOSED: gettext_lazy("%(product)s may no longer be promoted in %(market)s"),
}
NO_AUTHORISATION = gettext_lazy("%(product)s has no authorisation in %(market)s")
TONES = {Zone.OPEN: "green", Zone.CLOSED: "red"}


def panel_of(block: Block, *, name: str, chosen: object, extra: str, error: str) -> dict[str, Any] | None:
    """The context of `components/boundary_panel.html`; nothing is chosen beforehand (decision 22)."""
    matter, panel = block.matter, block.panel
    if matter is None or panel is None or not (panel.asks or panel.documents or panel.reasons):
        return None
    market = matter.use.market.name
    return {
        "tone": TONES.get(matter.zone, "plum"),
        "icon": "rosette-discount-check" if matter.zone is Zone.OPEN else "flask",
        "title": str(TITLES.get(matter.zone, NO_AUTHORISATION)) % {"product": matter.name, "market": market},
        "rule": _rule(panel),
        "facts": _facts(block, matter),
        "question": _("How did it come up?") if panel.asks else "",
        "name": name,
        "options": [
            {
                "value": str(option.basis),
                "text": BASES[option.basis],
                "checked": chosen == option.basis,
                "hint": _hint(block, option.basis),
            }
            for option in panel.options
        ],
        "extra": extra,
        "error": error,
        "source": _("Rule %(rules)s, %(market)s.") % {"rules": ", ".join(panel.rules), "market": market},
    }


def _rule(panel: Panel) -> str:
    bases = {option.basis for option in panel.options}
    if Basis.PROACTIVE in bases:
        return _("You may answer a question the doctor asked first, or speak under an approved plan item.")
    if Basis.UNSOLICITED_REQUEST in bases:
        return _("You may answer a question the doctor asked first. You may not bring it up.")
    if panel.outcome is Outcome.NOT_ALLOWED:
        return " ".join(sentence(reason) for reason in panel.reasons)
    return _("These documents belong to it.") if panel.documents else ""


def _facts(block: Block, matter: Matter) -> list[dict[str, Any]]:
    """One line for each market that matters, the expert's own first."""
    own = _fact(matter.use.market, matter.zone, matter.state, matter.since, matter.use.expected_on)
    return [own, *filter(None, (_other(use) for use in block.elsewhere))]


def _other(use: Use) -> dict[str, Any] | None:
    """A use that was read `with_state`; one without an entry says nothing."""
    state = getattr(use, "state", None)
    if not state:
        return None
    return _fact(use.market, zone_of(State(state)), state, use.state_since, use.expected_on)  # type: ignore[attr-defined]


def _fact(
    market: Market, zone: Zone, state: str, since: datetime | None, expected: date | None
) -> dict[str, Any]:
    tone = {Zone.OPEN: "green", Zone.CLOSED: "red"}.get(zone, "amber" if state == State.SUBMITTED else "plum")
    return {"tone": tone, "market": market.name, "text": _since(zone, state, since, expected)}


def _since(zone: Zone, state: str, since: datetime | None, expected: date | None) -> str:
    """The state with its date, and when a decision is expected."""
    if since is None:
        return _("not known")
    reviewed = state == State.SUBMITTED
    if reviewed and expected is not None:
        month = date_format(expected, pgettext("heading of a month", "F Y"))
        return _("in review, decision expected in %(month)s") % {"month": month}
    words = {Zone.OPEN: _("authorised %(day)s"), Zone.CLOSED: _("closed since %(day)s")}
    before = _("in review since %(day)s") if reviewed else _("investigational since %(day)s")
    return words.get(zone, before) % {"day": date_in_words(since)}


def _hint(block: Block, basis: Basis) -> str:
    if basis is Basis.UNSOLICITED_REQUEST:
        return _("Kept as a request, in the doctor's words or those of your note")
    if basis is Basis.PROACTIVE:
        return ", ".join(item.reference for item in block.plans)
    if basis is Basis.STUDY_SUPPORT and block.who:
        return _("%(name)s is an investigator") % {"name": block.who}
    return ""


def closed_row(matter: Matter, kol: KOL | None) -> dict[str, Any]:
    """A product that is with field service: the reason and the ways on, nothing to choose."""
    owner, since = matter.owner, matter.since_owned
    names = {
        "name": owner,
        "product": matter.name,
        "use": matter.use.indication.name,
        "market": matter.use.market,
        "day": date_in_words(since),
    }
    return {
        "product": matter.name,
        "text": _("is with %(name)s, field service") % names,
        "panel": {
            "tone": "green",
            "icon": "rosette-discount-check",
            "title": _("Authorised in %(market)s on %(day)s") % {**names, "day": date_in_words(matter.since)},
            "rule": _("Handed over on %(day)s. Since then %(name)s covers the approved use, %(use)s.")
            % names,
            "lane": _lane(matter),
            "question": _("If %(product)s came up, choose one") % names,
            "links": _ways_on(matter, kol),
            "source": _("Rule R-020, set by Compliance."),
        },
    }


def _lane(matter: Matter) -> dict[str, Any]:
    """Medical, the handover between, field service: who talked when, with the two dates."""
    opened, moved = matter.since, matter.since_owned
    waited = opened is not None and moved is not None and opened < moved
    parts = [
        {"kind": "plum", "value": 48},
        *([{"kind": "gap", "value": 1}, {"kind": "hatch", "value": 15}] if waited else []),
        {"kind": "gap", "value": 1},
        {"kind": "green", "value": 36},
    ]
    return {
        "parts": charts.parts(parts),
        "from_text": _("Medical, until %(day)s") % {"day": date_in_words(opened if waited else moved)},
        "to_text": _("%(name)s, since %(day)s") % {"name": matter.owner, "day": date_in_words(moved)},
    }


def _ways_on(matter: Matter, kol: KOL | None) -> list[dict[str, Any]]:
    owner = matter.owner
    if owner is None:
        return []
    return [
        {
            "url": f"{reverse('interactions:new')}?kol={kol.pk if kol else ''}&added={matter.use.pk}",
            "text": _("A scientific question came up"),
            "hint": _("You log the answer. Field service does not see it."),
            "icon": "message-2-question",
        },
        {
            "url": f"mailto:{owner.email}",
            "text": _("Business contact of %(name)s") % {"name": owner},
            "hint": " ".join(x for x in (owner.email, owner.phone) if x),
            "icon": "id",
        },
    ]
