"""The matrix as a page: the rows the policy decides by, filtered by role, activity, zone, initiator and market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import policy
from compliance.policy import MATRIX, Activity, Audience, Document, Role, Standing, Zone, in_words
from compliance.policy.packs import BASE, Pack, packs

# What the codes of the table say.
ZONE_WORDS = {
    Zone.PRE: gettext_lazy("before authorisation"),
    Zone.OPEN: gettext_lazy("authorised"),
    Zone.CLOSED: gettext_lazy("suspended or withdrawn"),
    Zone.UNLISTED: gettext_lazy("no use of the company in that market"),
}
STANDING_WORDS = {
    Standing.PROACTIVE: gettext_lazy("brought up by us"),
    Standing.REACTIVE: gettext_lazy("asked for by the expert"),
    Standing.OWNER: gettext_lazy("answers for the expert"),
    Standing.SCIENTIFIC_CONTACT: gettext_lazy("scientific contact after the handover"),
    Standing.NON_OWNER: gettext_lazy("does not answer for the expert"),
}
ROLES = (Role.MSL, Role.MEDICAL_INFORMATION, Role.CLINICAL_RESEARCH, Role.FIELD_SERVICE, Role.PRODUCT_MANAGER,
         Role.MARKET_ACCESS, Role.SAFETY)  # fmt: skip
ZONES = (Zone.PRE, Zone.OPEN, Zone.CLOSED, Zone.UNLISTED)


VERSIONS: dict[str, Pack] = {f"{market} {version}": pack for (market, version), pack in packs().items()}


def _one_of(asked: Mapping[str, str], name: str, words: Iterable[str]) -> str:
    word = asked.get(name, "")
    return word if word in list(words) else ""


def boundary_table(asked: Mapping[str, str]) -> dict[str, Any]:
    """Rows of the matrix that match, as they stand under a market's rules; a word nobody knows is no filter."""
    role, zone = _one_of(asked, "role", ROLES), _one_of(asked, "zone", ZONES)
    chosen, how = _one_of(asked, "activity", Activity), _one_of(asked, "how", Standing)
    market = _one_of(asked, "market", VERSIONS)
    pack = VERSIONS.get(market, BASE)
    words = asked.get("q", "").strip().lower()[:60]
    wanted = (chosen, role, zone, how)
    rows = []
    for key, usual in MATRIX.items():
        activity, of_role, of_zone, standing = key
        if any(word and word != found for word, found in zip(wanted, key, strict=True)):
            continue
        cell = pack.cells.get(key, usual)
        said = _(in_words(activity))
        if words and words not in said.lower() and words not in _rule(cell).lower():
            continue
        rows.append(
            {
                "activity": said,
                "role": _(in_words(of_role)),
                "zone": str(of_zone),
                "standing": _(in_words(standing)),
                "answer": _answer(cell),
                "rule": _rule(cell),
            }
        )
    return {
        "rows": rows[:400],
        "cut": len(rows) > 400,
        "role": role,
        "zone": zone,
        "q": words,
        "activity": chosen,
        "how": how,
        "market": market,
        "activities": [(word.value, _(in_words(word))) for word in Activity],
        "hows": [(word.value, _(in_words(word))) for word in Standing],
        "markets": list(VERSIONS),
        "roles": [(word.value, _(in_words(word))) for word in ROLES],
        "legend": [
            *((str(word), said) for word, said in ZONE_WORDS.items()),
            *((_(in_words(word)), said) for word, said in STANDING_WORDS.items()),
        ],
        "zones": [word.value for word in ZONES],
        "version": policy.VERSION,
    }


def _rule(cell: Any) -> str:
    return str(cell.rule)


def _answer(cell: Any) -> dict[str, str]:
    """A cell of the rulebook's table in words."""
    first, *rest = cell.text.split()
    plain = {
        "A": (_("Allowed"), "green"),
        "X": (_("Not allowed"), "red"),
        "X?PRECLEAR": (_("Only after pre-approval by Compliance"), "amber"),
        "ATTEND": (_("As a guest only"), "amber"),
        "OWNER": (_("Owner only"), "amber"),
        "-": (_("Cannot occur"), "slate"),
    }
    if first != "D":
        text, tone = plain.get(cell.text, plain.get(first, (cell.text, "slate")))
        return {"text": text, "tone": tone}
    documents = _(" and ").join(_documents(word) for word in rest)
    return {"text": _("With: %(documents)s") % {"documents": documents}, "tone": "amber"}


def _documents(word: str) -> str:
    names, _sep, audience = word.partition("@")
    said = _(" or ").join(_(in_words(Document(name))) for name in names.split("|"))
    return f"{said} ({_(in_words(Audience(audience)))})" if audience else said
