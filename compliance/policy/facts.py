# ruff: noqa: RUF009 - the calls make the field itself, once
"""The facts an act consists of and the decision about it. Frozen, and lossless to and from JSON.

The pair is the receipt stored with a record: an auditor replays it years later, so reading never
fails on a word that is no longer (or not yet) known. Such a word is kept as it is and refused by
``decide`` (R-015).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .things import (
    Certificate,
    Consent,
    MarketZone,
    Material,
    Sample,
    Value,
    instant,
    instant_to_json,
    known,
    normalise,
    parts,
    read,
    stated,
    word,
)
from .words import (
    Activity,
    Audience,
    Basis,
    Channel,
    DecisionKind,
    Document,
    Duty,
    Intent,
    Kind,
    Outcome,
    Role,
    Side,
    Standing,
    Subject,
)

# Fields that came later. They are written only where stated, so that older receipts keep their text.
LATER_OF_TOPIC = (
    *("product", "label", "asked_at", "prompted", "approved_preclear", "basis_before"),
    *("submitted", "expected_at", "first_call_from"),
)
LATER_OF_PERSON = (
    *("consents", "objects_to_marketing", "do_not_contact", "informed_at", "known_since"),
    *("prescriber", "calls_this_year"),
)
LATER_OF_ACT = (
    *("pack_versions", "certificates", "former", "materials", "values", "samples", "introduction"),
    *("answering", "manager_reason", "moved_from", "moved_across", "change_reason", "other_side_that_day"),
    *("said", "words_reason", "joint_request", "date_approved"),
)


class Pair(tuple[str, str]):
    """Two texts that belong together, such as a market and the version of its pack."""

    __slots__ = ()

    @classmethod
    def from_json(cls, data: Iterable[str]) -> tuple[str, str]:
        one, other = data
        return one, other


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One thing that was, or is to be, talked about.

    ``ref`` is the caller's own key (a UUID as text) and ``name`` what the refusal calls it. ``zones``
    holds one entry per applicable market, at event time, never logging time. ``standing`` is OWNER,
    SCIENTIFIC_CONTACT or NON_OWNER at event time; lawful cover counts as OWNER (R-048, R-049).
    ``basis`` is the answer of the boundary panel, or nothing where it was not asked.
    ``sibling_open`` says that another use of the same product is open there (R-042).

    ``product`` is the id of the product, ``label`` the version of its label then (R-072). ``asked_at`` is
    when the request came; ``prompted``, that we named the topic before, or were asked only after the
    answer (R-045). ``approved_preclear`` stands for PRECLEAR. ``basis_before`` is the answer first saved
    (R-047). ``submitted`` and ``expected_at`` say whether an authorisation was asked for and when it is
    expected (R-070); ``first_call_from``, when field service may first call (R-125).
    """

    ref: str = ""
    name: str = ""
    subject: Subject = Subject.USE
    zones: tuple[MarketZone, ...] = ()
    basis: Basis | None = None
    standing: Standing = Standing.NON_OWNER
    documents: frozenset[Document] = frozenset()
    sibling_open: bool = False
    product: str = ""
    label: str = ""
    asked_at: datetime | None = instant()
    prompted: bool | None = None
    approved_preclear: bool = False
    basis_before: Basis | None = word(Basis, default=None)
    submitted: bool | None = None
    expected_at: datetime | None = instant()
    first_call_from: datetime | None = instant()

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", known(Subject, self.subject))
        object.__setattr__(self, "standing", known(Standing, self.standing))
        object.__setattr__(self, "zones", tuple(self.zones))
        object.__setattr__(self, "documents", frozenset(known(Document, d) for d in self.documents))
        if self.basis is not None:
            object.__setattr__(self, "basis", known(Basis, self.basis))
        normalise(self)

    def to_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref,
            "name": self.name,
            "subject": str(self.subject),
            "zones": [zone.to_json() for zone in self.zones],
            "basis": None if self.basis is None else str(self.basis),
            "standing": str(self.standing),
            "documents": sorted(map(str, self.documents)),
            "sibling_open": self.sibling_open,
            **stated(self, LATER_OF_TOPIC),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Topic:
        zones = tuple(MarketZone(*zone) for zone in data["zones"])
        return cls(**{**read(cls, data), "zones": zones})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody at the table: a contact with the markets that matter, or a colleague with a side.

    What else counts for a contact is ``None`` where nobody looked: ``consents`` and objections as they
    stood (R-090 to R-094), since when we know this person and when we said so (R-095), whether she
    prescribes (R-085), and how many calls there were this year (R-077).
    """

    ref: str = ""
    audience: Audience = Audience.PROFESSIONAL
    markets: tuple[str, ...] = ()
    side: Side | None = None
    consents: tuple[Consent, ...] | None = parts(Consent, None)
    objects_to_marketing: bool | None = None
    do_not_contact: bool | None = None
    informed_at: datetime | None = instant()
    known_since: datetime | None = instant()
    prescriber: bool | None = None
    calls_this_year: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "audience", known(Audience, self.audience))
        object.__setattr__(self, "markets", tuple(self.markets))
        if self.side is not None:
            object.__setattr__(self, "side", known(Side, self.side))
        normalise(self)

    def to_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref,
            "audience": str(self.audience),
            "markets": list(self.markets),
            "side": None if self.side is None else str(self.side),
            **stated(self, LATER_OF_PERSON),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Person:
        return cls(**read(cls, data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody does or did, as facts. The policy asks nothing else: no clock, no database.

    ``market`` is the place of the event; it counts unless the channel is remote (R-004). ``packs`` are
    the markets with an active policy pack: a market left out is a market without (R-014). ``documents``
    hold for all topics, each topic's own only for it. ``attending`` is a guest's part, not the host's.
    All instants are aware; ``recorded_at`` is now for a plan.

    ``pack_versions`` names the version in force in each of those markets; one without a version demands
    what the packs of all markets share. ``certificates`` are the acting person's and ``materials`` those
    in use, ``None`` where nobody looked. ``former`` are uses and products she handled on the other side
    within the look-back (R-124). ``introduction`` is the one visit of a handover within its time (R-061),
    ``answering`` an answer in the person's own thread (R-091). ``moved_from`` is the start first saved,
    ``moved_across`` whether a boundary lies between (R-069), ``change_reason`` that a reason was given.
    ``other_side_that_day`` is a fact for Medical alone (R-125). ``said`` are the kinds of words in its texts that
    stay only with a reason, ``words_reason`` that one was given (R-098),
    ``joint_request`` that the person asked in writing for both sides (R-061). ``date_approved`` is Compliance's
    answer to the new date alone (R-069): unlike a pre-approval it clears nothing else.
    """

    role: Role
    intent: Intent
    kind: Kind
    channel: Channel
    starts_at: datetime
    recorded_at: datetime
    ends_at: datetime | None = None
    market: str = ""
    topics: tuple[Topic, ...] = ()
    people: tuple[Person, ...] = ()
    packs: frozenset[str] = frozenset()
    documents: frozenset[Document] = frozenset()
    late_reason: bool = False
    attending: bool = False
    third_party_congress: bool = False
    pack_versions: tuple[tuple[str, str], ...] = parts(Pair)  # type: ignore[arg-type]
    certificates: tuple[Certificate, ...] | None = parts(Certificate, None)
    former: tuple[str, ...] = parts()
    materials: tuple[Material, ...] | None = parts(Material, None)
    values: tuple[Value, ...] = parts(Value)
    samples: tuple[Sample, ...] = parts(Sample)
    introduction: bool = False
    answering: bool = False
    manager_reason: bool = False
    moved_from: datetime | None = instant()
    moved_across: bool | None = None
    change_reason: bool = False
    other_side_that_day: bool = False
    said: tuple[str, ...] = parts()
    words_reason: bool = False
    joint_request: bool = False
    date_approved: bool = False

    def __post_init__(self) -> None:
        for name, words in (("role", Role), ("intent", Intent), ("kind", Kind), ("channel", Channel)):
            object.__setattr__(self, name, known(words, getattr(self, name)))
        object.__setattr__(self, "topics", tuple(self.topics))
        object.__setattr__(self, "people", tuple(self.people))
        object.__setattr__(self, "packs", frozenset(self.packs))
        object.__setattr__(self, "documents", frozenset(known(Document, d) for d in self.documents))
        normalise(self)

    def to_json(self) -> dict[str, Any]:
        """The act as plain lists and dictionaries, instants in UTC; ``from_json`` gives an equal act back."""
        return {
            "role": str(self.role),
            "intent": str(self.intent),
            "kind": str(self.kind),
            "channel": str(self.channel),
            "starts_at": instant_to_json(self.starts_at),
            "ends_at": None if self.ends_at is None else instant_to_json(self.ends_at),
            "recorded_at": instant_to_json(self.recorded_at),
            "market": self.market,
            "topics": [topic.to_json() for topic in self.topics],
            "people": [person.to_json() for person in self.people],
            "packs": sorted(self.packs),
            "documents": sorted(map(str, self.documents)),
            "late_reason": self.late_reason,
            "attending": self.attending,
            "third_party_congress": self.third_party_congress,
            **stated(self, LATER_OF_ACT),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Act:
        return cls(
            **{
                **read(cls, data),
                "starts_at": datetime.fromisoformat(data["starts_at"]),
                "ends_at": None if data["ends_at"] is None else datetime.fromisoformat(data["ends_at"]),
                "recorded_at": datetime.fromisoformat(data["recorded_at"]),
                "topics": tuple(Topic.from_json(topic) for topic in data["topics"]),
                "people": tuple(Person.from_json(person) for person in data["people"]),
            }
        )


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why, as a code: ``explain.sentence`` turns it into words, a Django layer into translated words.

    ``params`` are sorted pairs of text, so that a reason can be compared, hashed and stored.
    """

    rule: str
    code: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, rule: str, code: str, **params: str) -> Reason:
        return cls(rule, code, tuple(sorted(params.items())))

    def to_json(self) -> list[Any]:
        return [self.rule, self.code, dict(self.params)]

    @classmethod
    def from_json(cls, data: list[Any]) -> Reason:
        rule, code, params = data
        return cls.of(rule, code, **params)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDecision:
    """What the matrix says of one topic, over all its markets and people."""

    ref: str
    activities: tuple[Activity, ...]
    outcome: Outcome
    rules: tuple[str, ...]
    missing: frozenset[Document]
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "ref": self.ref,
            "activities": [str(activity) for activity in self.activities],
            "outcome": self.outcome.name,
            "rules": list(self.rules),
            "missing": sorted(map(str, self.missing)),
            "reasons": [reason.to_json() for reason in self.reasons],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TopicDecision:
        return cls(
            ref=data["ref"],
            activities=tuple(known(Activity, activity) for activity in data["activities"]),
            outcome=Outcome[data["outcome"]],
            rules=tuple(data["rules"]),
            missing=frozenset(known(Document, document) for document in data["missing"]),
            reasons=tuple(Reason.from_json(reason) for reason in data["reasons"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer: an outcome, what it means here, the rules it rests on and what is missing.

    Ask ``.allowed``, never ``if decision``: a decision defines no truth value, ``if`` would be true
    for every refusal, and a defined one would drop the reasons of it.
    """

    outcome: Outcome
    kind: DecisionKind
    rules: tuple[str, ...] = ()
    missing: frozenset[Document] = frozenset()
    reasons: tuple[Reason, ...] = ()
    duties: tuple[Duty, ...] = ()
    per_topic: tuple[TopicDecision, ...] = field(default=())
    version: str = ""

    @property
    def allowed(self) -> bool:
        """May it go on as it stands, nothing missing?"""
        return self.kind == DecisionKind.ALLOWED

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.name,
            "kind": str(self.kind),
            "rules": list(self.rules),
            "missing": sorted(map(str, self.missing)),
            "reasons": [reason.to_json() for reason in self.reasons],
            "duties": [str(duty) for duty in self.duties],
            "per_topic": [topic.to_json() for topic in self.per_topic],
            "version": self.version,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Decision:
        return cls(
            outcome=Outcome[data["outcome"]],
            kind=DecisionKind(data["kind"]),
            rules=tuple(data["rules"]),
            missing=frozenset(known(Document, document) for document in data["missing"]),
            reasons=tuple(Reason.from_json(reason) for reason in data["reasons"]),
            duties=tuple(known(Duty, duty) for duty in data["duties"]),
            per_topic=tuple(TopicDecision.from_json(topic) for topic in data["per_topic"]),
            version=data["version"],
        )


def distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Each value once, sorted: the order of topics and people must not show in a decision."""
    return tuple(sorted(set(values)))
