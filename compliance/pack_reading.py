"""What a version of a market's rules says, what of it is new, and which decisions it would have made otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.acting import acting_as, now, system
from accounts.models import Market
from compliance import policy
from compliance.models import PackActivation
from compliance.packs import in_force
from compliance.policy import Act, Channel, Decision, in_words
from compliance.policy.acceptance import failures
from compliance.policy.packs import BASE, Pack, packs, versions

LOOK_BACK = timedelta(days=90)
MOST = 3000
NAMED = 50


@dataclass
class Comparison:
    """Of so many decisions those that would have been others, by rule and by name; `cut` says there were more."""

    judged: int = 0
    differ: int = 0
    cut: bool = False
    rules: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def by_rule(self) -> list[tuple[str, int]]:
        """How often each rule would have spoken, the most frequent first."""
        return self.rules.most_common()


def markets() -> list[dict[str, Any]]:
    """Every market with the version in force, what waits, and what there is to choose from."""
    waiting = {
        row.market_id: row
        for row in PackActivation.objects.filter(status=PackActivation.Status.PROPOSED).select_related(
            "proposed_by"
        )
    }
    begins = {
        row.market_id: row
        for row in PackActivation.objects.filter(
            status=PackActivation.Status.CONFIRMED, effective_at__gt=now()
        ).order_by("-effective_at")
    }
    return [
        {
            "market": market, "version": market.pack, "waiting": waiting.get(market.pk),
            "begins": begins.get(market.pk), "versions": [pack.version for pack in versions(market.code)],
        }
        for market in Market.objects.annotate(pack=in_force(now())).order_by("name")
    ]  # fmt: skip


def described(pack: Pack, current: Pack) -> dict[str, Any]:
    """The version in words: rules with text and source, what is new in it, its examples, and whether it keeps them."""
    known = {(rule.rule, rule.text) for rule in current.rules}
    return {
        "rules": [{"rule": rule, "fresh": (rule.rule, rule.text) not in known} for rule in pack.rules],
        "numbers": [
            {
                "name": name,
                "value": value,
                "before": current.parameters[name],
                "fresh": value != current.parameters[name],
            }
            for name, value in pack.parameters.items()
        ],
        "consent": [
            {
                "channel": _(in_words(Channel(channel))),
                "word": word,
                "fresh": current.consent.get(channel) != word,
            }
            for channel, word in pack.consent.items()
        ],
        "meal": " ".join(pack.meal_cap) if pack.meal_cap else "",
        "overrides": pack.overrides,
        "passing": [example["says"] for example in pack.passing],
        "failing": [example["says"] for example in pack.failing],
        "failures": failures(pack),
    }


def current_of(market: Market) -> Pack:
    """The version in force now; where there is none, what all markets share."""
    version = Market.objects.annotate(pack=in_force(now())).values_list("pack", flat=True).get(pk=market.pk)
    return packs().get((market.code, version or ""), BASE)


def compared(market: Market, version: str) -> Comparison:
    """The decisions of the last 90 days in that market, judged once more under this version.

    The acts are those that were kept with the records: nothing but the rules moves. The newest 3,000 are
    judged; where there are more, `cut` says so. Whoever confirms needs the numbers; the rows by name are for
    those who may read them, and the page asks who that is.
    """
    with acting_as(system("compare rules with what was decided")):
        return _compared(market, version)


def _compared(market: Market, version: str) -> Comparison:
    found = Comparison()
    for interaction in _kept(market):
        if found.judged == MOST:
            found.cut = True
            break
        act = Act.from_json(interaction.act)
        before, after = policy.decide(act), policy.decide(_under(act, market.code, version))
        found.judged += 1
        if (before.outcome, before.kind) == (after.outcome, after.kind):
            continue
        found.differ += 1
        for rule in sorted(set(after.rules) - set(before.rules)) or after.rules[:1]:
            found.rules[rule] += 1
        if len(found.rows) < NAMED:
            found.rows.append({"one": interaction, "before": _said(before), "after": _said(after)})
    return found


def _kept(market: Market) -> Iterator[Any]:
    from interactions.models import Interaction

    rows = Interaction.objects.logged().filter(
        market=market, starts_at__gte=now() - LOOK_BACK, act__isnull=False
    )
    return rows.select_related("author").order_by("-starts_at", "-id")[: MOST + 1].iterator(chunk_size=500)


def _under(act: Act, market: str, version: str) -> Act:
    named = tuple((code, other) for code, other in act.pack_versions if code != market)
    return replace(act, packs=act.packs | {market}, pack_versions=(*named, (market, version)))


def _said(decision: Decision) -> str:
    words = {
        "ALLOWED": _("allowed"),
        "WITH_DOCUMENTS": _("allowed with documents"),
        "NOT_ALLOWED": _("not allowed"),
    }
    return f"{words[decision.outcome.name]} ({', '.join(decision.rules)})"
