"""The matrix of the rulebook (2.4) as data: who may do what, in which zone, as what.

A cell is written as the rulebook writes it:

``A``                   allowed
``D REQ STATUS``        allowed with these documents
``D REQ|PLAN``          allowed with either: a request when asked, a plan item when proactive
``D MAT TRIAL@INVESTIGATOR``  the last document only before that audience
``X``                   not allowed
``X?PRECLEAR``          not allowed, unless Compliance cleared it beforehand
``ATTEND``              not allowed as the host, allowed as a guest
``-``                   cannot occur

A key that is not in ``MATRIX`` is denied. ``docs/boundary.md`` is printed from this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .facts import Topic
from .words import Activity, Audience, Basis, Channel, Document, Kind, Outcome, Role, Standing, Subject, Zone


class Row(NamedTuple):
    """One row of the rulebook's table: a rule, its activity and nine cells."""

    rule: str
    activity: Activity
    msl_pre_proactive: str
    msl_pre_reactive: str
    msl_open_owner: str
    msl_open_scientific: str
    msl_closed: str
    field_pre: str
    field_open_owner: str
    field_open_non_owner: str
    field_closed: str


A = Activity

ROWS: tuple[Row, ...] = (
    Row(
        *("R-020", A.SCIENTIFIC_EXCHANGE),
        *("D PURPOSE PLAN STATUS", "D REQ STATUS", "A", "D REQ|PLAN", "D REQ STATUS"),
        *("X", "X", "X", "X"),
    ),
    Row(
        *("R-021", A.PRODUCT_CALL),
        *("X", "X", "X", "X", "X"),
        *("X", "D SMPC MAT", "X", "X"),
    ),
    Row(
        *("R-022", A.DISEASE_TALK),
        *("A", "A", "A", "A", "A"),
        *("X?PRECLEAR", "A", "X?PRECLEAR", "A"),
    ),
    Row(
        *("R-023", A.SCIENTIFIC_LECTURE),
        *("D PURPOSE PLAN STATUS MAT ATT", "D REQ STATUS MAT", "D MAT ATT", "D REQ MAT", "D PRECLEAR"),
        *("X", "D MAT ATT SMPC", "X", "X"),
    ),
    Row(
        *("R-024", A.INTERNAL_TRAINING),
        *("D MAT ATT", "-", "D MAT ATT", "D MAT ATT", "D MAT ATT"),
        *("ATTEND", "D MAT ATT", "ATTEND", "ATTEND"),
    ),
    Row(
        *("R-025", A.EXTERNAL_TRAINING),
        *("D PLAN MAT ATT STATUS TRIAL@INVESTIGATOR", "D REQ MAT ATT STATUS"),
        *("D MAT ATT", "D REQ MAT ATT", "D PRECLEAR"),
        *("X", "D MAT ATT SMPC", "X", "X"),
    ),
    Row(
        *("R-026", A.ADVISORY_BOARD),
        *("D NEED CONTRACT ATT STATUS", "-", "D NEED CONTRACT ATT", "D NEED CONTRACT ATT"),
        "D PRECLEAR NEED CONTRACT ATT",
        *("X", "X?PRECLEAR", "X", "X"),
    ),
    Row(
        *("R-027", A.CONGRESS_MEDICAL),
        *("D PURPOSE STATUS", "D REQ STATUS", "A", "D REQ|PLAN", "D REQ"),
        *("X", "X", "X", "X"),
    ),
    Row(
        *("R-028", A.CONGRESS_STAND),
        *("X", "X", "X", "X", "X"),
        *("X", "D SMPC MAT", "D SMPC MAT ROSTER", "X"),
    ),
    Row(
        *("R-029", A.STUDY_IDEA),
        *("X", "D REQ", "D REQ", "D REQ", "D REQ TRIAL"),
        *("X", "X", "X", "X"),
    ),
    Row(
        *("R-030", A.INQUIRY_ANSWER),
        *("-", "D REQ RESP STATUS", "D REQ RESP", "D REQ RESP", "D REQ RESP STATUS"),
        *("X", "X", "X", "X"),
    ),
    Row(
        *("R-031", A.INQUIRY_REFERRAL),
        *("A", "A", "A", "A", "A"),
        *("D REQ", "D REQ", "D REQ", "D REQ"),
    ),
    Row(
        *("R-032", A.STUDY_SUPPORT),
        *("D TRIAL", "D TRIAL", "D TRIAL", "D TRIAL", "D TRIAL"),
        *("X", "X", "X", "X"),
    ),
    Row(
        *("R-033", A.PAYER_EXCHANGE),
        *("D PAYER PRECLEAR", "D PAYER REQ", "A", "A", "X"),
        *("X", "-", "-", "X"),
    ),
    Row(
        *("R-034", A.SAFETY_COMMUNICATION),
        *("D MAT", "D MAT", "D MAT", "D MAT", "D MAT"),
        *("X", "D MAT", "D MAT", "D MAT"),
    ),
    # Field service in PRE: only for another relation that is open, which is what OWNER means there.
    Row(
        *("R-035", A.ADMIN_CONTACT),
        *("A", "A", "A", "A", "A"),
        *("OWNER", "A", "X", "A"),
    ),
    Row(
        *("R-036", A.ADVERSE_EVENT),
        *("A", "A", "A", "A", "A"),
        *("A", "A", "A", "A"),
    ),
    Row(
        *("R-037", A.SAMPLE),
        *("X", "X", "X", "X", "X"),
        *("X", "D REQ SMPC", "X", "X"),
    ),
)

# What a reactive contact about an unlisted use needs. All else about it is R-006: not allowed.
UNLISTED_REACTIVE = "D REQ RESP STATUS"
UNLISTED_ANSWERED = (A.SCIENTIFIC_EXCHANGE, A.CONGRESS_MEDICAL, A.STUDY_IDEA, A.INQUIRY_ANSWER)

LIKE_MSL = (Role.MSL, Role.MSL_LEAD)
LIKE_FIELD = (Role.FIELD_SERVICE, Role.FIELD_LEAD)

# The rows of the rulebook's medical columns a role shares; every other activity is denied by the rule.
MEDICAL_EXCERPTS: dict[Role, tuple[str, tuple[Activity, ...]]] = {
    Role.MEDICAL_INFORMATION: ("R-039", (A.INQUIRY_ANSWER, A.INQUIRY_REFERRAL)),
    Role.CLINICAL_RESEARCH: (
        "R-015",
        (A.INTERNAL_TRAINING, A.STUDY_IDEA, A.STUDY_SUPPORT, A.INQUIRY_REFERRAL, A.ADMIN_CONTACT),
    ),
    Role.MARKET_ACCESS: ("R-039", (A.PAYER_EXCHANGE, A.ADMIN_CONTACT)),
    Role.SAFETY: ("R-015", (A.SAFETY_COMMUNICATION, A.INQUIRY_REFERRAL)),
    Role.COMPLIANCE: ("R-015", ()),
    Role.AUDITOR: ("R-015", ()),
    Role.PRIVACY: ("R-015", ()),
    Role.REGULATORY: ("R-015", ()),
    Role.ADMIN: ("R-015", ()),
}
FIELD_EXCERPTS: dict[Role, tuple[str, tuple[Activity, ...]]] = {
    Role.PRODUCT_MANAGER: (
        "R-039",
        (A.INTERNAL_TRAINING, A.ADVISORY_BOARD, A.CONGRESS_STAND, A.INQUIRY_REFERRAL),
    ),
}

INITIATED = (Standing.PROACTIVE, Standing.REACTIVE)
ANSWERABLE = (Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER)


# What a cell may say; a slip of the pen is an error at once rather than a denial some day.
WELL_FORMED = re.compile(r"A|X(\?[A-Z]+)?|ATTEND|-|D( [A-Z]+(\|[A-Z]+)*(@[A-Z]+)?)+")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix, read. ``outcome`` is what it says when nothing softens it."""

    rule: str
    text: str

    def __post_init__(self) -> None:
        if not WELL_FORMED.fullmatch(self.text):
            raise ValueError(f"{self.rule}: not a cell: {self.text}")

    @property
    def outcome(self) -> Outcome:
        match self.text[:1]:
            case "A" if self.text == "A":
                return Outcome.ALLOWED
            case "D":
                return Outcome.WITH_DOCUMENTS
            case _:
                return Outcome.NOT_ALLOWED

    @property
    def unless(self) -> frozenset[Document]:
        """Documents that turn a denial into a permission."""
        return frozenset(Document(word) for word in self.text.partition("?")[2].split())

    def demands(self, audience: Audience | str) -> tuple[frozenset[Document], ...]:
        """What must be there before this audience: one of each set."""
        if self.outcome is not Outcome.WITH_DOCUMENTS:
            return ()
        wanted = []
        for word in self.text.split()[1:]:
            documents, _, only_for = word.partition("@")
            if not only_for or only_for == audience:
                wanted.append(frozenset(Document(document) for document in documents.split("|")))
        return tuple(wanted)


Key = tuple[Activity, Role, Zone, Standing]


def _medical(row: Row) -> Iterator[tuple[Zone, Standing, str, str]]:
    yield Zone.PRE, Standing.PROACTIVE, row.rule, row.msl_pre_proactive
    yield Zone.PRE, Standing.REACTIVE, row.rule, row.msl_pre_reactive
    yield Zone.OPEN, Standing.OWNER, row.rule, row.msl_open_owner
    yield Zone.OPEN, Standing.SCIENTIFIC_CONTACT, row.rule, row.msl_open_scientific
    yield Zone.OPEN, Standing.NON_OWNER, row.rule, row.msl_open_scientific
    for standing in ANSWERABLE:
        yield Zone.CLOSED, standing, row.rule, row.msl_closed
    if row.activity is A.INQUIRY_REFERRAL:
        yield from ((Zone.UNLISTED, standing, row.rule, row.msl_pre_reactive) for standing in INITIATED)
    else:
        # An answer to nobody cannot occur in any zone.
        yield Zone.UNLISTED, Standing.PROACTIVE, "R-006", "-" if row.msl_pre_proactive == "-" else "X"
        answered = row.activity in UNLISTED_ANSWERED
        yield (
            Zone.UNLISTED,
            Standing.REACTIVE,
            "R-044" if answered else "R-006",
            UNLISTED_REACTIVE if answered else "X",
        )
    if row.activity is A.ADMIN_CONTACT:
        yield from ((Zone.NONE, standing, row.rule, row.msl_open_owner) for standing in ANSWERABLE)


def _field(row: Row) -> Iterator[tuple[Zone, Standing, str, str]]:
    for standing in ANSWERABLE:
        as_owner = "A" if standing is Standing.OWNER else "X"
        in_pre = as_owner if row.field_pre == "OWNER" else row.field_pre
        in_open = row.field_open_owner if standing is Standing.OWNER else row.field_open_non_owner
        yield Zone.PRE, standing, row.rule, in_pre
        yield Zone.OPEN, standing, row.rule, in_open
        yield Zone.CLOSED, standing, row.rule, row.field_closed
        if row.activity is A.INQUIRY_REFERRAL:
            yield Zone.UNLISTED, standing, row.rule, row.field_pre
        else:
            yield Zone.UNLISTED, standing, "R-044", "X"
        if row.activity is A.ADMIN_CONTACT:
            yield Zone.NONE, standing, row.rule, in_open


def expand(rows: Iterable[Row]) -> Iterator[tuple[Key, Cell]]:
    """Every key and its cell of these rows: the whole matrix, or what a pack puts in place of a row."""
    for row in rows:
        for role in Role:
            if row.activity is A.ADVERSE_EVENT:
                cells = [
                    (zone, standing, row.rule, row.msl_open_owner) for zone in Zone for standing in Standing
                ]
            elif role in LIKE_MSL:
                cells = list(_medical(row))
            elif role in LIKE_FIELD:
                cells = list(_field(row))
            else:
                excerpts, columns = (
                    (FIELD_EXCERPTS, _field) if role in FIELD_EXCERPTS else (MEDICAL_EXCERPTS, _medical)
                )
                rule, shared = excerpts[role]
                cells = [
                    (
                        zone,
                        standing,
                        own if row.activity in shared else rule,
                        text if row.activity in shared else "X",
                    )
                    for zone, standing, own, text in columns(row)
                ]
            for zone, standing, rule, text in cells:
                yield (row.activity, role, zone, standing), Cell(rule, text)


MATRIX: dict[Key, Cell] = dict(expand(ROWS))

# By kind and subject; whatever is not named here is the kind's own activity.
BY_KIND: dict[Kind, Activity] = {
    Kind.VISIT: A.SCIENTIFIC_EXCHANGE,
    Kind.PRODUCT_CALL: A.PRODUCT_CALL,
    Kind.CONGRESS_CONTACT: A.CONGRESS_MEDICAL,
    Kind.CONGRESS_STAND: A.CONGRESS_STAND,
    Kind.SCIENTIFIC_LECTURE: A.SCIENTIFIC_LECTURE,
    Kind.INTERNAL_TRAINING: A.INTERNAL_TRAINING,
    Kind.EXTERNAL_TRAINING: A.EXTERNAL_TRAINING,
    Kind.ADVISORY_BOARD: A.ADVISORY_BOARD,
    Kind.INQUIRY: A.INQUIRY_REFERRAL,
    Kind.INQUIRY_ANSWER: A.INQUIRY_ANSWER,
    Kind.STUDY_VISIT: A.STUDY_SUPPORT,
    Kind.STUDY_IDEA: A.STUDY_IDEA,
    Kind.PAYER_MEETING: A.PAYER_EXCHANGE,
    Kind.SAFETY_COMMUNICATION: A.SAFETY_COMMUNICATION,
    Kind.ADVERSE_EVENT: A.ADVERSE_EVENT,
    Kind.SAMPLE: A.SAMPLE,
}
DISEASE_KINDS = frozenset(
    {Kind.VISIT, Kind.PRODUCT_CALL, Kind.CONGRESS_CONTACT, Kind.PAYER_MEETING}
    | {Kind.SCIENTIFIC_LECTURE, Kind.EXTERNAL_TRAINING}
)
ADMIN_KINDS = DISEASE_KINDS | {Kind.CONGRESS_STAND, Kind.STUDY_VISIT}
BASIS_KINDS = frozenset({Kind.VISIT, Kind.CONGRESS_CONTACT})
BY_BASIS: dict[Basis, Activity] = {
    Basis.STUDY_SUPPORT: A.STUDY_SUPPORT,
    Basis.CONTRACTED_BOARD: A.ADVISORY_BOARD,
}


def activity_of(kind: Kind, channel: Channel, topic: Topic, audience: Audience) -> Activity:
    """The row of the matrix a topic falls under before one audience (decision 4: derived, never asked).

    The channel never widens it (R-038). ``KeyError`` for a kind nobody has defined.
    """
    own = BY_KIND[kind]
    if topic.subject == Subject.ADMIN and kind in ADMIN_KINDS:
        return A.ADMIN_CONTACT
    if topic.subject == Subject.DISEASE and kind in DISEASE_KINDS:
        return A.DISEASE_TALK
    if kind in BASIS_KINDS and topic.basis in BY_BASIS:
        return BY_BASIS[topic.basis]
    if kind == Kind.INTERNAL_TRAINING and audience != Audience.INTERNAL:
        return A.EXTERNAL_TRAINING
    if kind in (Kind.VISIT, Kind.PAYER_MEETING):
        return A.PAYER_EXCHANGE if audience == Audience.PAYER else A.SCIENTIFIC_EXCHANGE
    return own
