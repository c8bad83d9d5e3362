# ruff: noqa: RUF009 - the calls make the field itself, once
"""The facts about things and proofs: certificates, materials, consents, values and samples.

Frozen, and lossless to and from JSON like the act that holds them. What is left out was not stated:
whether that matters is for the pack of the market to say (R-160). Texts of uses are their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar, cast

from .words import Activity, Audience, Channel, Role, Side, Zone

W = TypeVar("W", bound=StrEnum)


class CertificateKind(StrEnum):
    """What a certificate says of its holder (R-070, R-072)."""

    PRODUCT_TRAINING = "PRODUCT_TRAINING"
    QUALIFICATION = "QUALIFICATION"
    INTERNAL_USE_ONLY = "INTERNAL_USE_ONLY"


class MaterialPurpose(StrEnum):
    """What a material was approved for (R-082)."""

    PROMOTIONAL = "PROMOTIONAL"
    SCIENTIFIC = "SCIENTIFIC"
    SIUU = "SIUU"
    INTERNAL = "INTERNAL"
    SAFETY = "SAFETY"


class MaterialStatus(StrEnum):
    """Where a material stands in its review (R-080)."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    RETIRED = "RETIRED"


class ConsentPurpose(StrEnum):
    """What a person agreed to be addressed for (R-090)."""

    SCIENTIFIC = "SCIENTIFIC"
    PROMOTIONAL = "PROMOTIONAL"


class ValueCategory(StrEnum):
    """What kind of value was given or promised (R-086 to R-089)."""

    MEAL = "MEAL"
    FEE = "FEE"
    TRAVEL = "TRAVEL"
    ITEM = "ITEM"
    OTHER = "OTHER"


def known(words: type[W], value: Any) -> W:
    """The member with that value; an unknown value comes back as it is, for the policy to refuse."""
    try:
        return words(value)
    except ValueError:
        return cast(W, value)


def instant_to_json(at: datetime) -> str:
    """An aware instant in UTC. A naive one is kept naive, so that the policy can refuse it."""
    return (at if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def plain(value: Any) -> Any:
    """A fact as JSON has it."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case datetime():
            return instant_to_json(value)
        case Iterable():
            return [plain(each) for each in value]
        case _:
            return value.to_json()


def word(words: type[StrEnum], **how: Any) -> Any:
    """A field that holds a member of an enumeration."""
    return field(metadata={"normal": lambda value: known(words, value)}, **how)


def words(words: type[StrEnum]) -> Any:
    """A field that holds several members, in the order they were given."""
    return field(
        default=(), metadata={"normal": lambda values: tuple(known(words, value) for value in values)}
    )


def parts(thing: type[Fact] | None = None, default: Any = ()) -> Any:
    """A field that holds several facts, or several texts; ``None`` as the default says nobody looked."""
    read: Callable[[Any], Any] = thing.from_json if thing is not None else str
    return field(
        default=default,
        metadata={
            "normal": tuple,
            "read": lambda values: tuple(read(value) for value in values),
        },
    )


def instant() -> Any:
    """A field that holds an instant, or nothing."""
    return field(default=None, metadata={"read": datetime.fromisoformat})


class Fact:
    """Normalised when made, written and read as a dictionary. What equals its default is left out."""

    __slots__ = ()

    def __post_init__(self) -> None:
        normalise(self)

    def to_json(self) -> Any:
        return stated(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        return cls(**read(cls, data))


def normalise(fact: Any) -> None:
    """Known words become members, sequences become tuples."""
    for each in fields(fact):
        normal = each.metadata.get("normal")
        value = getattr(fact, each.name)
        if normal is not None and value is not None:
            object.__setattr__(fact, each.name, normal(value))


def stated(fact: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """What of a fact differs from its defaults, so that an older receipt keeps its very text."""
    wanted = frozenset(names) if names is not None else None
    return {
        each.name: plain(getattr(fact, each.name))
        for each in fields(fact)
        if (wanted is None or each.name in wanted)
        and (each.default is MISSING or getattr(fact, each.name) != each.default)
    }


def read(fact: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments a stored fact was made of."""
    readers = {each.name: each.metadata.get("read") for each in fields(fact)}
    return {
        name: value if value is None or not (reader := readers.get(name)) else reader(value)
        for name, value in data.items()
    }


@dataclass(frozen=True, slots=True)
class MarketZone:
    """The zone of a topic in one applicable market, at the start and at the end of the event (R-002, R-004).

    ``at_end`` may be left out where the event is an instant or the zone does not change.
    """

    market: str
    at_start: Zone
    at_end: Zone | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_start", known(Zone, self.at_start))
        if self.at_end is not None:
            object.__setattr__(self, "at_end", known(Zone, self.at_end))

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The distinct zones the event runs through, start first."""
        if self.at_end is None or self.at_end == self.at_start:
            return (self.at_start,)
        return (self.at_start, self.at_end)

    def to_json(self) -> list[str | None]:
        return [self.market, str(self.at_start), None if self.at_end is None else str(self.at_end)]

    @classmethod
    def from_json(cls, data: Iterable[Any]) -> MarketZone:
        return cls(*data)


@dataclass(frozen=True, slots=True)
class Certificate(Fact):
    """That the acting person is trained, qualified, or bound to internal use (R-070, R-072).

    ``use`` is empty for what holds for every use, ``market`` for every market. ``label`` is the version of
    the label she was trained on, or empty.
    """

    kind: CertificateKind = word(CertificateKind)
    use: str = ""
    market: str = ""
    label: str = ""
    valid_from: datetime | None = instant()
    valid_to: datetime | None = instant()

    def covers(
        self, kind: CertificateKind, at: datetime, market: str, uses: tuple[str, ...] = (), label: str = ""
    ) -> bool:
        """Whether it says that of its holder at an instant, in a market, for one of the uses, by that label.

        The end is not part of it. No uses named: any will do; no label in force: whatever she was trained on.
        """
        if self.kind != kind or self.valid_from is None or self.valid_from > at:
            return False
        if (self.valid_to is not None and self.valid_to <= at) or self.market not in ("", market):
            return False
        if not uses:
            return True
        return self.use in ("", *uses) and (not label or self.label == label)


@dataclass(frozen=True, slots=True)
class MaterialUse(Fact):
    """A use that a material mentions, with its zone in each applicable market during the event."""

    ref: str
    zones: tuple[MarketZone, ...] = parts(MarketZone)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Material(Fact):
    """One version of a material that is, or was, used (R-080 to R-083). It lists whatever it may be used for."""

    ref: str
    name: str = ""
    version: str = ""
    purpose: MaterialPurpose = word(MaterialPurpose, default=MaterialPurpose.INTERNAL)
    status: MaterialStatus = word(MaterialStatus, default=MaterialStatus.DRAFT)
    valid_from: datetime | None = instant()
    valid_to: datetime | None = instant()
    recalled_at: datetime | None = instant()
    quarantined_at: datetime | None = instant()
    uses: tuple[MaterialUse, ...] = parts(MaterialUse)
    markets: tuple[str, ...] = parts()
    languages: tuple[str, ...] = parts()
    audiences: tuple[Audience, ...] = words(Audience)
    roles: tuple[Role, ...] = words(Role)
    activities: tuple[Activity, ...] = words(Activity)


@dataclass(frozen=True, slots=True)
class Consent(Fact):
    """That a person agreed to be addressed, for one channel, purpose and market (R-090)."""

    channel: Channel = word(Channel)
    purpose: ConsentPurpose = word(ConsentPurpose)
    market: str = ""
    given_at: datetime | None = instant()
    withdrawn_at: datetime | None = instant()


@dataclass(frozen=True, slots=True)
class Value(Fact):
    """Something of value for a person (R-086 to R-089).

    ``amount`` is a decimal as text, ``host_market`` where it is given, ``planned`` that it lies ahead,
    ``budget_side`` who pays, ``in_practice`` that a meal is taken in the person's own practice or clinic.
    """

    category: ValueCategory = word(ValueCategory)
    amount: str = ""
    currency: str = ""
    host_market: str = ""
    person: str = ""
    planned: bool = False
    budget_side: Side | None = word(Side, default=None)
    in_practice: bool | None = None


@dataclass(frozen=True, slots=True)
class Sample(Fact):
    """A sample handed out, with the request it answers (R-085). ``given_this_year`` counts those before.

    ``first_requested_at`` is when this person first asked for the product; left out, this request is the first.
    """

    use: str
    person: str = ""
    requested_at: datetime | None = instant()
    signed: bool = False
    lot: str = ""
    expires: datetime | None = instant()
    quantity: int = 1
    given_this_year: int | None = None
    controlled: bool | None = None
    first_requested_at: datetime | None = instant()
