"""Acts to judge: one ordinary visit to vary, and strategies that make any act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from compliance.policy import (
    Act,
    Audience,
    Basis,
    Channel,
    Decision,
    DecisionKind,
    Document,
    Intent,
    Kind,
    MarketZone,
    Person,
    Role,
    Side,
    Standing,
    Subject,
    Topic,
    TopicDecision,
    Zone,
)
from compliance.policy.rulings import Ruling

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
KELLER = Person(ref="keller", markets=("DE",))
FRIEDA = Person(ref="frieda", audience=Audience.INTERNAL, side=Side.COMMERCIAL)
MONA = Person(ref="mona", audience=Audience.INTERNAL, side=Side.MEDICAL)
# The versions that demand what the first ones leave open.
GERMANY, BRITAIN, AMERICA = (("DE", "2026.2"),), (("UK", "2026.2"),), (("US", "2026.2"),)


def novastat(zone: Zone, **facts: Any) -> Topic:
    """A topic about Novastat, which is in that zone in Germany."""
    return Topic(**{"ref": "novastat", "name": "Novastat", "zones": (MarketZone("DE", zone),), **facts})


def visit(*topics: Topic, **facts: Any) -> Act:
    """Mara's visit to Professor Keller at noon in Germany, logged at once."""
    usual = {
        "role": Role.MSL,
        "intent": Intent.RECORD,
        "kind": Kind.VISIT,
        "channel": Channel.IN_PERSON,
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=1),
        "recorded_at": NOON + timedelta(hours=2),
        "market": "DE",
        "packs": frozenset({"DE", "US"}),
        "people": (KELLER,),
        "topics": topics,
    }
    return Act(**{**usual, **facts})


def call(*topics: Topic, **facts: Any) -> Act:
    """Felix's product call on Professor Keller."""
    return visit(*topics, **{"role": Role.FIELD_SERVICE, "kind": Kind.PRODUCT_CALL, **facts})


def told(rulings: Iterable[Ruling | Decision | TopicDecision]) -> list[str]:
    """Each ruling in one line: the answer, its rules, why with all it names, what is missing, what follows.

    The answer is A (allowed), D (with documents), X (not allowed) or ? (not allowed until a fact is stated).
    """
    return [_line(ruling) for ruling in rulings]


def _line(ruling: Any) -> str:
    answer = {"ALLOWED": "A", "WITH_DOCUMENTS": "D", "NOT_ALLOWED": "X"}[ruling.outcome.name]
    words = ["?" if getattr(ruling, "mendable", False) else answer, "+".join(ruling.rules)]
    for reason in ruling.reasons:
        rule = "" if ruling.rules and reason.rule == ruling.rules[0] else f"{reason.rule} "
        words.append(f"{rule}{reason.code}")
        words += [f"{name}={value}" for name, value in reason.params if name != "documents"]
        listed = dict(reason.params).get("documents")
        words += [f"[{listed}]"] if listed is not None else []
    words += [f"-{document}" for document in sorted(ruling.missing)]
    words += [f"!{duty}" for duty in getattr(ruling, "duties", ())]
    return " ".join(words)


def severity(decision: Decision) -> tuple[int, int, int]:
    """How strict a decision is, to compare two. More missing documents are stricter."""
    order = [DecisionKind.ALLOWED, DecisionKind.INCOMPLETE, DecisionKind.REFUSED, DecisionKind.DEVIATION]
    return int(decision.outcome), order.index(decision.kind), len(decision.missing)


def at_least_as_strict(one: Decision, other: Decision) -> bool:
    """Whether ``one`` is nowhere looser than ``other``."""
    return all(a >= b for a, b in zip(severity(one), severity(other), strict=True)) and (
        one.missing >= other.missing
    )


MARKETS = st.sampled_from(["DE", "US", "FR"])
documents = st.frozensets(st.sampled_from(Document), max_size=8)
zones = st.builds(MarketZone, MARKETS, st.sampled_from(Zone), st.none() | st.sampled_from(Zone))
topics = st.builds(
    Topic,
    ref=st.uuids().map(str),
    name=st.sampled_from(["Novastat", "Cardelin", ""]),
    subject=st.sampled_from(Subject),
    zones=st.lists(zones, max_size=3).map(tuple),
    basis=st.none() | st.sampled_from(Basis),
    standing=st.sampled_from([Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER]),
    documents=documents,
    sibling_open=st.booleans(),
)
people = st.builds(
    Person,
    ref=st.uuids().map(str),
    audience=st.sampled_from(Audience),
    markets=st.lists(MARKETS, max_size=2).map(tuple),
    side=st.none() | st.sampled_from(Side),
)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC)
)
acts = st.builds(
    Act,
    role=st.sampled_from(Role),
    intent=st.sampled_from(Intent),
    kind=st.sampled_from(Kind),
    channel=st.sampled_from(Channel),
    starts_at=instants,
    ends_at=st.none() | instants,
    recorded_at=instants,
    market=MARKETS | st.just(""),
    topics=st.lists(topics, max_size=3).map(tuple),
    people=st.lists(people, max_size=3).map(tuple),
    packs=st.frozensets(MARKETS),
    documents=documents,
    late_reason=st.booleans(),
    attending=st.booleans(),
    third_party_congress=st.booleans(),
)

# Acts with nothing wrong around them, so that the matrix decides.
plain_topics = st.builds(
    novastat,
    st.sampled_from([Zone.PRE, Zone.OPEN, Zone.CLOSED, Zone.UNLISTED]),
    ref=st.uuids().map(str),
    basis=st.none() | st.sampled_from(Basis),
    standing=st.sampled_from([Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER]),
    documents=documents,
)
plain_acts = st.builds(
    lambda role, intent, kind, documents, topics: replace(
        visit(*topics, role=role, intent=intent, kind=kind), documents=documents
    ),
    st.sampled_from(Role),
    st.sampled_from(Intent),
    st.sampled_from(Kind),
    documents,
    st.lists(plain_topics, min_size=1, max_size=3),
)
