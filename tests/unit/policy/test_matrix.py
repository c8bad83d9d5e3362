"""The matrix against the rulebook's own table, read here a second time and cell by cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.policy import (
    MATRIX,
    Activity,
    Audience,
    Basis,
    Decision,
    DecisionKind,
    Document,
    Intent,
    Kind,
    Outcome,
    Person,
    Role,
    Standing,
    Subject,
    Zone,
    decide,
)
from compliance.policy.matrix import ROWS, Cell

from .acts import novastat, visit

RULEBOOK = """
R-020 | D PURPOSE PLAN STATUS | D REQ STATUS | A | D REQ or PLAN | D REQ STATUS | X | X | X | X
R-021 | X | X | X | X | X | X | D SMPC MAT | X | X
R-022 | A | A | A | A | A | X (D PRECLEAR) | A | X (D PRECLEAR) | A
R-023 | D PURPOSE PLAN STATUS MAT ATT | D REQ STATUS MAT | D MAT ATT | D REQ MAT | D PRECLEAR | X | D MAT ATT SMPC | X | X
R-024 | D MAT ATT | – | D MAT ATT | D MAT ATT | D MAT ATT | attend only, R-070 | D MAT ATT | attend | attend
R-025 | D PLAN MAT ATT STATUS | D REQ MAT ATT STATUS | D MAT ATT | D REQ MAT ATT | D PRECLEAR | X | D MAT ATT SMPC | X | X
R-026 | D NEED CONTRACT ATT STATUS | – | D NEED CONTRACT ATT | D NEED CONTRACT ATT | D PRECLEAR NEED CONTRACT ATT | X | X (D PRECLEAR) | X | X
R-027 | D PURPOSE STATUS | D REQ STATUS | A | D REQ or PLAN | D REQ | X | X | X | X
R-028 | X | X | X | X | X | X | D SMPC MAT | D SMPC MAT ROSTER | X
R-029 | X | D REQ | D REQ | D REQ | D REQ TRIAL | X | X | X | X
R-030 | – | D REQ RESP STATUS | D REQ RESP | D REQ RESP | D REQ RESP STATUS | X | X | X | X
R-031 | A | A | A | A | A | D REQ | D REQ | D REQ | D REQ
R-032 | D TRIAL | D TRIAL | D TRIAL | D TRIAL | D TRIAL | X | X | X | X
R-033 | D PAYER PRECLEAR | D PAYER REQ | A | A | X | X | – | – | X
R-034 | D MAT | D MAT | D MAT | D MAT | D MAT | X | D MAT | D MAT | D MAT
R-037 | X | X | X | X | X | X | D REQ SMPC | X | X
"""  # noqa: E501

COLUMNS = (
    (Role.MSL, Zone.PRE, Standing.OWNER, Basis.PROACTIVE),
    (Role.MSL, Zone.PRE, Standing.OWNER, Basis.UNSOLICITED_REQUEST),
    (Role.MSL, Zone.OPEN, Standing.OWNER, None),
    (Role.MSL, Zone.OPEN, Standing.SCIENTIFIC_CONTACT, None),
    (Role.MSL, Zone.CLOSED, Standing.OWNER, None),
    (Role.FIELD_SERVICE, Zone.PRE, Standing.NON_OWNER, None),
    (Role.FIELD_SERVICE, Zone.OPEN, Standing.OWNER, None),
    (Role.FIELD_SERVICE, Zone.OPEN, Standing.NON_OWNER, None),
    (Role.FIELD_SERVICE, Zone.CLOSED, Standing.NON_OWNER, None),
)
KINDS = {
    "R-020": Kind.VISIT,
    "R-021": Kind.PRODUCT_CALL,
    "R-022": Kind.VISIT,
    "R-023": Kind.SCIENTIFIC_LECTURE,
    "R-024": Kind.INTERNAL_TRAINING,
    "R-025": Kind.EXTERNAL_TRAINING,
    "R-026": Kind.ADVISORY_BOARD,
    "R-027": Kind.CONGRESS_CONTACT,
    "R-028": Kind.CONGRESS_STAND,
    "R-029": Kind.STUDY_IDEA,
    "R-030": Kind.INQUIRY_ANSWER,
    "R-031": Kind.INQUIRY,
    "R-032": Kind.STUDY_VISIT,
    "R-033": Kind.PAYER_MEETING,
    "R-034": Kind.SAFETY_COMMUNICATION,
    "R-037": Kind.SAMPLE,
}
CELLS = [
    pytest.param(line.split(" | ")[0], number, cell.strip(), id=f"{line.split(' | ')[0]}-{number}")
    for line in RULEBOOK.strip().splitlines()
    for number, cell in enumerate(line.split(" | ")[1:])
]


def judged(rule: str, number: int, documents: frozenset[Document], **facts: object) -> Decision:
    role, zone, standing, basis = COLUMNS[number]
    audience = {"R-024": Audience.INTERNAL, "R-033": Audience.PAYER}.get(rule, Audience.PROFESSIONAL)
    topic = novastat(
        zone,
        standing=standing,
        basis=basis,
        documents=documents,
        subject=Subject.DISEASE if rule == "R-022" else Subject.USE,
    )
    act = visit(topic, role=role, kind=KINDS[rule], people=(Person(audience=audience, markets=("DE",)),))
    return decide(replace(act, **facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(("rule", "number", "cell"), CELLS)
def test_each_cell_answers_as_the_rulebook_says(rule: str, number: int, cell: str) -> None:
    bare = judged(rule, number, frozenset())
    full = judged(rule, number, frozenset(Document))

    assert rule in bare.rules
    if cell == "A":
        assert (bare.outcome, bare.missing) == (Outcome.ALLOWED, frozenset())
        assert bare.allowed
        assert full.allowed
    elif cell.startswith("D"):
        codes = frozenset(Document(word) for word in cell.split()[1:] if word != "or")
        assert (bare.outcome, bare.missing) == (Outcome.WITH_DOCUMENTS, codes)
        assert bare.kind is DecisionKind.INCOMPLETE
        assert full.allowed
        assert full.outcome is Outcome.WITH_DOCUMENTS
        for code in codes:
            without = judged(rule, number, frozenset(Document) - {code})
            assert without.allowed is (" or " in cell)
            assert judged(rule, number, frozenset({code})).allowed is (" or " in cell or codes == {code})
    elif cell == "X (D PRECLEAR)":
        assert bare.kind is DecisionKind.DEVIATION
        assert full.allowed
        assert judged(rule, number, frozenset({Document.PRECLEAR})).allowed
        assert not judged(rule, number, frozenset(Document) - {Document.PRECLEAR}).allowed
    elif cell.startswith("attend"):
        assert full.kind is DecisionKind.DEVIATION
        assert judged(rule, number, frozenset(), attending=True).allowed
    else:
        assert cell in ("X", "–")
        assert bare.kind is DecisionKind.DEVIATION
        assert full.kind is DecisionKind.DEVIATION
        assert judged(rule, number, frozenset(Document), intent=Intent.PLAN).kind is DecisionKind.REFUSED


def test_every_rule_of_the_table_was_read() -> None:
    assert {cell.values[0] for cell in CELLS} | {"R-035", "R-036"} == {f"R-{n:03}" for n in range(20, 38)}
    assert len(CELLS) == 16 * 9


@pytest.mark.parametrize(
    ("role", "standing", "outcome"),
    [
        (Role.MSL, Standing.NON_OWNER, Outcome.ALLOWED),
        (Role.MSL_LEAD, Standing.OWNER, Outcome.ALLOWED),
        (Role.FIELD_SERVICE, Standing.OWNER, Outcome.ALLOWED),
        (Role.FIELD_SERVICE, Standing.NON_OWNER, Outcome.NOT_ALLOWED),
        (Role.FIELD_LEAD, Standing.NON_OWNER, Outcome.NOT_ALLOWED),
        (Role.MARKET_ACCESS, Standing.NON_OWNER, Outcome.ALLOWED),
        (Role.CLINICAL_RESEARCH, Standing.NON_OWNER, Outcome.ALLOWED),
        (Role.MEDICAL_INFORMATION, Standing.NON_OWNER, Outcome.NOT_ALLOWED),
        (Role.PRODUCT_MANAGER, Standing.OWNER, Outcome.NOT_ALLOWED),
        (Role.ADMIN, Standing.OWNER, Outcome.NOT_ALLOWED),
    ],
)
def test_an_administrative_contact_needs_no_zone(role: Role, standing: Standing, outcome: Outcome) -> None:
    topic = novastat(Zone.NONE, subject=Subject.ADMIN, standing=standing, zones=())

    assert decide(visit(topic, role=role, packs=frozenset())).outcome is outcome


def test_field_service_in_pre_has_an_administrative_contact_only_as_owner_of_another_relation() -> None:
    cells = {
        (zone, standing): MATRIX[Activity.ADMIN_CONTACT, Role.FIELD_SERVICE, zone, standing].outcome
        for zone in (Zone.PRE, Zone.OPEN, Zone.CLOSED)
        for standing in (Standing.OWNER, Standing.NON_OWNER)
    }

    assert cells == {
        (Zone.PRE, Standing.OWNER): Outcome.ALLOWED,
        (Zone.PRE, Standing.NON_OWNER): Outcome.NOT_ALLOWED,
        (Zone.OPEN, Standing.OWNER): Outcome.ALLOWED,
        (Zone.OPEN, Standing.NON_OWNER): Outcome.NOT_ALLOWED,
        (Zone.CLOSED, Standing.OWNER): Outcome.ALLOWED,
        (Zone.CLOSED, Standing.NON_OWNER): Outcome.ALLOWED,
    }


# What each other role may do at all, with every document at hand, in any zone, asked or not.
OTHERS = {
    Role.MEDICAL_INFORMATION: {Activity.INQUIRY_ANSWER, Activity.INQUIRY_REFERRAL},
    Role.CLINICAL_RESEARCH: {
        *(Activity.INTERNAL_TRAINING, Activity.STUDY_IDEA, Activity.STUDY_SUPPORT),
        *(Activity.INQUIRY_REFERRAL, Activity.ADMIN_CONTACT),
    },
    Role.MARKET_ACCESS: {Activity.PAYER_EXCHANGE, Activity.ADMIN_CONTACT},
    Role.PRODUCT_MANAGER: {
        *(Activity.INTERNAL_TRAINING, Activity.ADVISORY_BOARD, Activity.CONGRESS_STAND),
        Activity.INQUIRY_REFERRAL,
    },
    Role.SAFETY: {Activity.SAFETY_COMMUNICATION, Activity.INQUIRY_REFERRAL},
    Role.COMPLIANCE: set(),
    Role.AUDITOR: set(),
    Role.PRIVACY: set(),
    Role.REGULATORY: set(),
    Role.ADMIN: set(),
}


@pytest.mark.parametrize("role", OTHERS)
def test_each_other_role_has_its_own_rows_and_no_more(role: Role) -> None:
    able = {
        activity
        for (activity, of, _, _), cell in MATRIX.items()
        if of is role and (cell.outcome is not Outcome.NOT_ALLOWED or cell.unless)
    }

    assert able == OTHERS[role] | {Activity.ADVERSE_EVENT}


def test_leads_have_exactly_the_rows_of_their_people() -> None:
    for (activity, role, zone, standing), cell in MATRIX.items():
        if role is Role.MSL:
            assert MATRIX[activity, Role.MSL_LEAD, zone, standing] == cell
        if role is Role.FIELD_SERVICE:
            assert MATRIX[activity, Role.FIELD_LEAD, zone, standing] == cell


@pytest.mark.parametrize(
    ("role", "kind", "basis", "missing"),
    [
        (Role.MSL, Kind.VISIT, Basis.UNSOLICITED_REQUEST, {"REQ", "RESP", "STATUS"}),
        (Role.MSL, Kind.CONGRESS_CONTACT, Basis.UNSOLICITED_REQUEST, {"REQ", "RESP", "STATUS"}),
        (Role.MEDICAL_INFORMATION, Kind.INQUIRY_ANSWER, None, {"REQ", "RESP", "STATUS"}),
        (Role.FIELD_SERVICE, Kind.INQUIRY, None, {"REQ"}),
        (Role.MSL, Kind.INQUIRY, None, set()),
        (Role.MSL, Kind.VISIT, Basis.PROACTIVE, None),
        (Role.MSL, Kind.SCIENTIFIC_LECTURE, Basis.UNSOLICITED_REQUEST, None),
        (Role.FIELD_SERVICE, Kind.VISIT, Basis.UNSOLICITED_REQUEST, None),
        (Role.FIELD_SERVICE, Kind.PRODUCT_CALL, None, None),
    ],
)
def test_an_unlisted_use_is_only_answered_when_asked(
    role: Role, kind: Kind, basis: Basis | None, missing: set[str] | None
) -> None:
    topic = novastat(Zone.UNLISTED, subject=Subject.UNLISTED, basis=basis)
    decision = decide(visit(topic, role=role, kind=kind))

    if missing is None:
        assert decision.kind is DecisionKind.DEVIATION
        assert set(decision.rules) & {"R-006", "R-044"}
    else:
        assert decision.missing == missing
        assert decision.outcome is not Outcome.NOT_ALLOWED


def test_investigators_need_their_study_named_in_a_training() -> None:
    topic = novastat(Zone.PRE, basis=Basis.PROACTIVE, standing=Standing.OWNER)
    act = visit(
        topic, kind=Kind.EXTERNAL_TRAINING, people=(Person(audience=Audience.INVESTIGATOR, markets=("DE",)),)
    )

    assert decide(act).missing == {"PLAN", "MAT", "ATT", "STATUS", "TRIAL"}


@pytest.mark.parametrize(
    "text", ["", "B", "AA", "X?", "X?preclear", "D", "D  MAT", "D MAT ", "D|MAT", "A MAT", "D MAT@", "XX"]
)
def test_a_slip_of_the_pen_is_no_cell(text: str) -> None:
    with pytest.raises(ValueError, match="R-020: not a cell"):
        Cell("R-020", text)


@pytest.mark.parametrize(
    ("text", "outcome", "unless", "demands"),
    [
        ("A", Outcome.ALLOWED, set(), []),
        ("X", Outcome.NOT_ALLOWED, set(), []),
        ("-", Outcome.NOT_ALLOWED, set(), []),
        ("ATTEND", Outcome.NOT_ALLOWED, set(), []),
        ("X?PRECLEAR", Outcome.NOT_ALLOWED, {"PRECLEAR"}, []),
        ("D MAT", Outcome.WITH_DOCUMENTS, set(), [{"MAT"}]),
        ("D REQ|PLAN ATT", Outcome.WITH_DOCUMENTS, set(), [{"REQ", "PLAN"}, {"ATT"}]),
        ("D MAT TRIAL@INVESTIGATOR", Outcome.WITH_DOCUMENTS, set(), [{"MAT"}]),
        ("D TRIAL@PROFESSIONAL", Outcome.WITH_DOCUMENTS, set(), [{"TRIAL"}]),
    ],
)
def test_a_cell_is_read_as_it_is_written(
    text: str, outcome: Outcome, unless: set[str], demands: list[set[str]]
) -> None:
    cell = Cell("R-020", text)

    assert (cell.outcome, set(cell.unless), [*map(set, cell.demands(Audience.PROFESSIONAL))]) == (
        outcome,
        unless,
        demands,
    )


def test_a_side_effect_is_everybodys_in_every_zone() -> None:
    [row] = [row for row in ROWS if row.activity is Activity.ADVERSE_EVENT]

    assert row[2:] == ("A",) * 9
    cells = {key[1:]: cell for key, cell in MATRIX.items() if key[0] is Activity.ADVERSE_EVENT}
    assert set(cells) == {(role, zone, standing) for role in Role for zone in Zone for standing in Standing}
    assert set(cells.values()) == {Cell("R-036", "A")}
