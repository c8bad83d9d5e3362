"""The boundary panel below a topic: its sentence and its options come from the decision (decision 22)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from .decide import decide
from .facts import Act, Decision, MarketZone, Person, Reason, Topic
from .words import (
    Audience,
    Basis,
    Channel,
    Document,
    Intent,
    Kind,
    Outcome,
    Role,
    Standing,
    Subject,
    Zone,
    in_words,
)

AT = datetime(2000, 1, 1, tzinfo=UTC)

# One tick or one chip covers them; everything else is asked for in a field of its own.
PREFILLED: dict[Basis, frozenset[Document]] = {
    Basis.PROACTIVE: frozenset({Document.PURPOSE, Document.PLAN}),
}
ORDER = (Basis.UNSOLICITED_REQUEST, Basis.PROACTIVE, Basis.STUDY_SUPPORT, Basis.CONTRACTED_BOARD)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of the panel. ``documents`` are asked for, ``prefilled`` come with a plan item's chip."""

    basis: Basis
    label: str
    documents: tuple[Document, ...]
    prefilled: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows. Nothing is preselected.

    ``asks`` is false where there is nothing to ask. Then the topic is allowed with ``documents``, or, if
    ``outcome`` is NOT_ALLOWED, ``reasons`` say why not.
    """

    asks: bool
    outcome: Outcome
    options: tuple[Option, ...]
    documents: tuple[Document, ...]
    reasons: tuple[Reason, ...]
    rules: tuple[str, ...]


def options(
    *,
    role: Role,
    zone: Zone,
    standing: Standing = Standing.NON_OWNER,
    kind: Kind = Kind.VISIT,
    channel: Channel = Channel.IN_PERSON,
    audience: Audience = Audience.PROFESSIONAL,
    has_plan_item: bool = False,
    has_study: bool = False,
    has_contract: bool = False,
    topic: str = "",
    market: str = "here",
) -> Panel:
    """The answers offered for a use in a zone, at the instant the facts were read, for a role.

    A planned exchange is offered only with a valid plan item, study conduct only if the KOL is linked to
    a study, a board only with a contract. Each option names the documents it will ask for.
    """
    subject = Subject.UNLISTED if zone == Zone.UNLISTED else Subject.USE
    asked = Topic(name=topic, subject=subject, zones=(MarketZone(market, zone),), standing=standing)
    act = Act(
        role=role,
        intent=Intent.RECORD,
        kind=kind,
        channel=channel,
        starts_at=AT,
        recorded_at=AT,
        market=market,
        packs=frozenset({market}),
        people=(Person(audience=audience),),
        topics=(asked,),
    )
    unanswered = decide(act)
    offered = {
        Basis.UNSOLICITED_REQUEST: True,
        Basis.PROACTIVE: has_plan_item,
        Basis.STUDY_SUPPORT: has_study,
        Basis.CONTRACTED_BOARD: has_contract,
    }
    answers = {basis: decide(replace(act, topics=(replace(asked, basis=basis),))) for basis in ORDER}
    found = tuple(
        _option(basis, answers[basis])
        for basis in ORDER
        if offered[basis] and _can_be_true(basis, answers[basis])
    )
    asks = bool(found) and _turns_on_basis(unanswered)
    return Panel(
        asks=asks,
        outcome=max(answer.outcome for answer in answers.values()) if asks else unanswered.outcome,
        options=found if asks else (),
        documents=() if asks else _sorted(unanswered.missing),
        reasons=() if asks else unanswered.reasons,
        rules=unanswered.rules,
    )


def _can_be_true(basis: Basis, answer: Decision) -> bool:
    """Allowed, and not at odds with itself: who comes unasked has no request to show."""
    at_odds = basis is Basis.PROACTIVE and Document.REQ in answer.missing
    return answer.outcome is not Outcome.NOT_ALLOWED and not at_odds


def _turns_on_basis(unanswered: Decision) -> bool:
    """Whether how it came up makes a difference; an open product of one's own has nothing to ask."""
    unsaid = any(reason.code == "basis_missing" for reason in unanswered.reasons)
    return unsaid or Document.REQ in unanswered.missing


def _option(basis: Basis, answer: Decision) -> Option:
    prefilled = PREFILLED.get(basis, frozenset()) & answer.missing
    return Option(basis, in_words(basis), _sorted(answer.missing - prefilled), _sorted(prefilled))


def _sorted(documents: frozenset[Document]) -> tuple[Document, ...]:
    order = list(Document)
    return tuple(sorted(documents, key=order.index))
