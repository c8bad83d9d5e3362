"""The rulebook's decision table, read a second time: plain text and plain words, nothing of the policy's own tables.

``expected`` says what section 2.4 answers to one topic. It knows rows R-020 to R-037 and the rules beside them:
R-006 and R-044 (unlisted uses), R-039 (other roles), R-049 (an MSL who does not answer for the KOL).
"""

from __future__ import annotations

from typing import NamedTuple

# rule | MSL PRE proactive | PRE reactive | OPEN owner | OPEN scientific | CLOSED
#      | field PRE | OPEN owner | OPEN not owner | CLOSED
TABLE = """
R-020 | D PURPOSE PLAN STATUS | D REQ STATUS | A | D REQ/PLAN | D REQ STATUS | X | X | X | X
R-021 | X | X | X | X | X | X | D SMPC MAT | X | X
R-022 | A | A | A | A | A | X unless PRECLEAR | A | X unless PRECLEAR | A
R-023 | D PURPOSE PLAN STATUS MAT ATT | D REQ STATUS MAT | D MAT ATT | D REQ MAT | D PRECLEAR | X | D MAT ATT SMPC | X | X
R-024 | D MAT ATT | – | D MAT ATT | D MAT ATT | D MAT ATT | attend | D MAT ATT | attend | attend
R-025 | D PLAN MAT ATT STATUS | D REQ MAT ATT STATUS | D MAT ATT | D REQ MAT ATT | D PRECLEAR | X | D MAT ATT SMPC | X | X
R-026 | D NEED CONTRACT ATT STATUS | – | D NEED CONTRACT ATT | D NEED CONTRACT ATT | D PRECLEAR NEED CONTRACT ATT | X | X unless PRECLEAR | X | X
R-027 | D PURPOSE STATUS | D REQ STATUS | A | D REQ/PLAN | D REQ | X | X | X | X
R-028 | X | X | X | X | X | X | D SMPC MAT | D SMPC MAT ROSTER | X
R-029 | X | D REQ | D REQ | D REQ | D REQ TRIAL | X | X | X | X
R-030 | – | D REQ RESP STATUS | D REQ RESP | D REQ RESP | D REQ RESP STATUS | X | X | X | X
R-031 | A | A | A | A | A | D REQ | D REQ | D REQ | D REQ
R-032 | D TRIAL | D TRIAL | D TRIAL | D TRIAL | D TRIAL | X | X | X | X
R-033 | D PAYER PRECLEAR | D PAYER REQ | A | A | X | X | – | – | X
R-034 | D MAT | D MAT | D MAT | D MAT | D MAT | X | D MAT | D MAT | D MAT
R-035 | A | A | A | A | A | owner | A | X | A
R-037 | X | X | X | X | X | X | D REQ SMPC | X | X
"""  # noqa: E501
COLUMNS = (
    *("MSL PRE proactive", "MSL PRE reactive", "MSL OPEN owner", "MSL OPEN scientific", "MSL CLOSED"),
    *("field PRE", "field OPEN owner", "field OPEN other", "field CLOSED"),
)
CELLS: dict[str, dict[str, str]] = {
    line.split(" | ")[0]: dict(zip(COLUMNS, (cell.strip() for cell in line.split(" | ")[1:]), strict=True))
    for line in TABLE.strip().splitlines()
}

# What is logged as which kind, and falls under which row.
KINDS = {
    "VISIT": "R-020",
    "PRODUCT_CALL": "R-021",
    "SCIENTIFIC_LECTURE": "R-023",
    "INTERNAL_TRAINING": "R-024",
    "EXTERNAL_TRAINING": "R-025",
    "ADVISORY_BOARD": "R-026",
    "CONGRESS_CONTACT": "R-027",
    "CONGRESS_STAND": "R-028",
    "STUDY_IDEA": "R-029",
    "INQUIRY_ANSWER": "R-030",
    "INQUIRY": "R-031",
    "STUDY_VISIT": "R-032",
    "PAYER_MEETING": "R-033",
    "SAFETY_COMMUNICATION": "R-034",
    "SAMPLE": "R-037",
    "ADVERSE_EVENT": "R-036",
}
OF_BASIS = {"STUDY_SUPPORT": "R-032", "CONTRACTED_BOARD": "R-026"}

MSL, FIELD = ("MSL", "MSL_LEAD"), ("FIELD_SERVICE", "FIELD_LEAD")
# Other roles: whose columns, which rows, and the rule that refuses all else. R-036 is everybody's.
OTHERS = {
    "MEDICAL_INFORMATION": ("MSL", "R-030 R-031", "R-039"),
    "MARKET_ACCESS": ("MSL", "R-033 R-035", "R-039"),
    "PRODUCT_MANAGER": ("field", "R-024 R-026 R-028 R-031", "R-039"),
    "CLINICAL_RESEARCH": ("MSL", "R-024 R-029 R-031 R-032 R-035", "R-015"),
    "SAFETY": ("MSL", "R-031 R-034", "R-015"),
    "COMPLIANCE": ("MSL", "", "R-015"),
    "AUDITOR": ("MSL", "", "R-015"),
    "PRIVACY": ("MSL", "", "R-015"),
    "REGULATORY": ("MSL", "", "R-015"),
    "ADMIN": ("MSL", "", "R-015"),
}
# what may be answered about an unlisted use, when asked.
ANSWERED = ("R-020", "R-027", "R-029", "R-030")
# between one MSL and one KOL, so that it counts who answers for the KOL.
ONE_TO_ONE = ("R-020", "R-027", "R-029", "R-030")


class Answer(NamedTuple):
    """A, D, X, or ? where it was not said how the topic came up; the rules and what is missing."""

    answer: str
    rules: frozenset[str]
    missing: frozenset[str] = frozenset()


def row_of(kind: str, subject: str, basis: str | None) -> str:
    """The row before professionals (payers and colleagues where the row is theirs)."""
    if subject == "ADMIN":
        return "R-035"
    if subject == "DISEASE":
        return "R-022"
    if kind in ("VISIT", "CONGRESS_CONTACT") and basis in OF_BASIS:
        return OF_BASIS[basis]
    return KINDS[kind]


def expected(
    *, row: str, role: str, zone: str, basis: str | None, standing: str, documents: frozenset[str],
    attending: bool = False, use: bool = True,
) -> Answer:  # fmt: skip
    """The rulebook's answer for a row, a role and a zone; ``use`` says that the topic is a use of ours."""
    if row == "R-036":
        return Answer("A", frozenset({"R-036"}))
    side, rows, refusing = _columns(role)
    if rows is not None and row not in rows.split():
        return Answer("X", frozenset({refusing}))
    if zone == "UNLISTED":
        rule, cell = _unlisted(row, side, basis)
    else:
        rule, cell = row, _cell(row, side, zone, basis, standing)
    answer = _read(rule, cell, basis, standing, documents, attending)
    if role in MSL and use and standing == "NON_OWNER" and row in ONE_TO_ONE and answer.answer in "AD":
        return _without_owner(answer, documents)
    return answer


def _columns(role: str) -> tuple[str, str | None, str]:
    if role in MSL:
        return "MSL", None, ""
    if role in FIELD:
        return "field", None, ""
    return OTHERS[role]


def _cell(row: str, side: str, zone: str, basis: str | None, standing: str) -> str:
    cells = CELLS[row]
    if side == "field":
        if zone == "NONE":
            zone = "OPEN"
        if zone == "OPEN":
            return cells["field OPEN owner" if standing == "OWNER" else "field OPEN other"]
        return cells[f"field {zone}"]
    if zone == "PRE":
        return _by_basis(cells["MSL PRE proactive"], cells["MSL PRE reactive"], basis)
    if zone == "CLOSED":
        return cells["MSL CLOSED"]
    return cells["MSL OPEN owner" if standing == "OWNER" or zone == "NONE" else "MSL OPEN scientific"]


def _by_basis(proactive: str, reactive: str, basis: str | None) -> str:
    """Not said is no trouble where it makes no difference, or only one of the two can be."""
    if basis is not None:
        return reactive if basis == "UNSOLICITED_REQUEST" else proactive
    if proactive == reactive or reactive == "–":
        return proactive
    return reactive if proactive == "–" else "?"


def _unlisted(row: str, side: str, basis: str | None) -> tuple[str, str]:
    if row == "R-031":
        return "R-031", CELLS[row]["field PRE" if side == "field" else "MSL PRE reactive"]
    if side == "field":
        return "R-044", "X"
    proactive = "–" if row == "R-030" else "X"
    cell = _by_basis(proactive, "D REQ RESP STATUS" if row in ANSWERED else "X", basis)
    return ("R-044" if cell[0] in "D?" else "R-006"), cell


def _read(
    rule: str, cell: str, basis: str | None, standing: str, documents: frozenset[str], attending: bool
) -> Answer:
    rules = frozenset({rule})
    first, *words = cell.split()
    if first == "owner":
        first = "A" if standing == "OWNER" else "X"
    if first == "attend":
        first = "A" if attending else "X"
    if first == "X" and words:
        return Answer("D" if words[-1] in documents else "X", rules)
    if first in ("X", "–"):
        return Answer("X", rules)
    missing: set[str] = set()
    for word in words:
        either = set(word.split("/"))
        if len(either) > 1 and basis is not None:
            either = {"REQ"} if basis == "UNSOLICITED_REQUEST" else {"PLAN"}
        missing |= set() if either & documents else either
    return Answer(first, rules, frozenset(missing))


def _without_owner(answer: Answer, documents: frozenset[str]) -> Answer:
    rules = answer.rules | {"R-049"} if answer.answer == "D" else frozenset({"R-049"})
    return Answer("D", rules, answer.missing | ({"PRECLEAR"} - documents))
