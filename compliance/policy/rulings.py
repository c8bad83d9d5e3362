"""What one rule family says of an act, and how several are joined: the strictest counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .facts import Decision, Reason, distinct
from .version import version
from .words import DecisionKind, Document, Duty, Intent, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One answer of one family.

    ``mendable`` marks a refusal for want of facts (an unknown word, no answer to a question). Stating
    them mends it, so a record refused only that way is not a deviation.
    """

    outcome: Outcome = Outcome.ALLOWED
    rules: tuple[str, ...] = ()
    missing: frozenset[Document] = frozenset()
    reasons: tuple[Reason, ...] = ()
    duties: tuple[Duty, ...] = ()
    mendable: bool = False

    @property
    def forbidden(self) -> bool:
        """Prohibited as such: no further fact would mend it."""
        return self.outcome is Outcome.NOT_ALLOWED and not self.mendable


def fine(rule: str) -> Ruling:
    """Allowed, by that rule."""
    return Ruling(rules=(rule,))


def denied(rule: str, code: str, **params: str) -> Ruling:
    """Not allowed, by that rule."""
    return Ruling(outcome=Outcome.NOT_ALLOWED, rules=(rule,), reasons=(Reason.of(rule, code, **params),))


def unknown(code: str, rule: str = "R-015", **params: str) -> Ruling:
    """Not allowed because a fact is missing or not understood (R-015)."""
    reasons = (Reason.of(rule, code, **params),)
    return Ruling(outcome=Outcome.NOT_ALLOWED, rules=(rule,), reasons=reasons, mendable=True)


def needing(rule: str, missing: Iterable[Document] = (), *, code: str = "missing", **params: str) -> Ruling:
    """Allowed with documents, of which these are missing."""
    missing = frozenset(missing)
    documents = " ".join(sorted(missing))
    reasons = (Reason.of(rule, code, documents=documents, **params),) if missing else ()
    return Ruling(outcome=Outcome.WITH_DOCUMENTS, rules=(rule,), missing=missing, reasons=reasons)


def strictest(rulings: Iterable[Ruling]) -> Ruling:
    """Several rulings as one: the strictest outcome and everything that is missing anywhere.

    The rules are those the outcome rests on, with those that still miss a document. Joining nothing
    allows, so a caller makes sure that something was asked.
    """
    rulings = tuple(rulings)
    outcome = max((ruling.outcome for ruling in rulings), default=Outcome.ALLOWED)
    telling = [ruling for ruling in rulings if ruling.outcome is outcome or ruling.missing]
    return Ruling(
        outcome=outcome,
        rules=distinct(rule for ruling in telling for rule in ruling.rules),
        missing=frozenset().union(*(ruling.missing for ruling in rulings)),
        reasons=distinct(reason for ruling in rulings for reason in ruling.reasons),
        duties=distinct(duty for ruling in rulings for duty in ruling.duties),
        mendable=outcome is Outcome.NOT_ALLOWED and not any(ruling.forbidden for ruling in rulings),
    )


def duty(rule: str, *duties: Duty) -> Ruling:
    """Allowed, and it brings these duties."""
    return Ruling(rules=(rule,), duties=duties)


def lenience(ruling: Ruling) -> tuple[bool, int, int]:
    """Orders two ways to the same act: the one that asks for less comes first."""
    return ruling.forbidden, int(ruling.outcome), len(ruling.missing)


def kind_of(ruling: Ruling, intent: Intent) -> DecisionKind:
    """What a ruling means for somebody who plans, or who records what took place (decision 21)."""
    if ruling.forbidden and intent == Intent.RECORD:
        return DecisionKind.DEVIATION
    if ruling.outcome is Outcome.NOT_ALLOWED:
        return DecisionKind.REFUSED
    if ruling.missing:
        return DecisionKind.INCOMPLETE if intent == Intent.RECORD else DecisionKind.REFUSED
    return DecisionKind.ALLOWED


def decision(ruling: Ruling, intent: Intent = Intent.PLAN) -> Decision:
    """A ruling as a decision, about something planned unless told that it took place."""
    return Decision(
        outcome=ruling.outcome,
        kind=kind_of(ruling, intent),
        rules=ruling.rules,
        missing=ruling.missing,
        reasons=ruling.reasons,
        duties=ruling.duties,
        version=version(),
    )
