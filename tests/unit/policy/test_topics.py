"""One topic: which markets, moments and audiences count, and the very words of each answer (R-001 to R-006)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import (
    MATRIX,
    Audience,
    Basis,
    Channel,
    Document,
    Kind,
    MarketZone,
    Person,
    Role,
    Standing,
    Subject,
    Topic,
    Zone,
)
from compliance.policy.topics import audiences, judge, markets, number

from .acts import FRIEDA, KELLER, MONA, call, novastat, told, visit

OWN: dict[str, Any] = {"standing": Standing.OWNER}
HERE = "market=DE topic=Novastat"
SAID = f"{HERE.split(maxsplit=1)[0]} role={{}} topic=Novastat"


def of(topic: Topic, **facts: Any) -> list[str]:
    return told([judge(visit(topic, **facts), topic)])


# Which markets and audiences


@pytest.mark.parametrize("channel", Channel)
def test_the_place_counts_unless_nobody_is_there(channel: Channel) -> None:
    remote = channel in (Channel.PHONE, Channel.VIDEO, Channel.EMAIL, Channel.POST, Channel.PORTAL)
    act = visit(channel=channel, market="US", people=(KELLER, replace(MONA, markets=("FR",))))

    assert markets(act) == (("DE",) if remote else ("DE", "US"))
    assert markets(replace(act, people=(MONA,))) == ("US",)
    assert markets(replace(act, market="", people=(MONA,))) == ()


def test_colleagues_count_only_where_nobody_else_is_there() -> None:
    payer = Person(audience=Audience.PAYER)

    assert audiences(visit(people=(MONA, payer, KELLER))) == (Audience.PAYER, Audience.PROFESSIONAL)
    assert audiences(visit(people=(MONA, FRIEDA))) == (Audience.INTERNAL,)
    assert audiences(visit(people=())) == ()


def test_a_number_is_the_least_of_the_markets_or_what_all_share() -> None:
    name = "PP-09 samples_per_year"
    both = replace(KELLER, markets=("DE", "CH"))
    versions = {"pack_versions": (("DE", "2026.2"), ("CH", "2026.2"))}

    assert number(visit(people=(both,), **versions), name) == 2
    assert number(visit(people=(replace(KELLER, markets=("CH",)),), market="CH", **versions), name) == 5
    assert number(visit(people=(MONA,), market="", **versions), name) == 4


# What is not stated or not understood


@pytest.mark.parametrize("name", ["subject", "standing", "basis"])
def test_a_word_nobody_knows_is_named_and_nothing_else_is_judged(name: str) -> None:
    assert of(novastat(Zone.PRE, **{**OWN, name: "ODD"})) == [f"? R-015 unknown_word what={name} word=ODD"]


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        (novastat(Zone.NONE, **OWN), [f"? R-015 unknown_zone {HERE} what=NONE"]),
        (novastat("AJAR", **OWN), [f"? R-015 unknown_zone {HERE} what=AJAR"]),
        (
            novastat(Zone.OPEN, subject=Subject.UNLISTED, **OWN),
            [f"? R-015 unknown_zone {HERE} what=OPEN"],
        ),
        (
            novastat(Zone.UNLISTED, subject=Subject.DISEASE, **OWN),
            [f"? R-015 unknown_zone {HERE} what=UNLISTED"],
        ),
        (novastat(Zone.OPEN, zones=(), **OWN), [f"? R-001 zone_missing {HERE}"]),
        (novastat(Zone.OPEN, zones=(), subject=Subject.UNLISTED, **OWN), [f"? R-001 zone_missing {HERE}"]),
        (
            novastat(Zone.OPEN, zones=(MarketZone("US", Zone.OPEN),), **OWN),
            [f"? R-001 zone_missing {HERE}"],
        ),
    ],
)
def test_a_state_that_is_missing_or_strange_is_refused_and_named(topic: Topic, said: list[str]) -> None:
    assert [line.replace("R-001+R-020", "R-001") for line in of(topic)] == said


def test_nothing_judged_is_nothing_known() -> None:
    topic = novastat(Zone.OPEN, zones=(), **OWN)

    assert of(topic, people=()) == ["? R-015 people_missing"]
    assert of(topic, market="", people=(Person(),)) == ["? R-001 zone_missing topic=Novastat"]


def test_a_row_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    key = next(
        key for key in MATRIX if key[:3] == ("SCIENTIFIC_EXCHANGE", "MSL", "OPEN") and key[3] == "OWNER"
    )
    monkeypatch.delitem(MATRIX, key)

    assert of(novastat(Zone.OPEN, **OWN)) == [
        "? R-015 no_row activity=SCIENTIFIC_EXCHANGE market=DE role=MSL topic=Novastat"
    ]


def test_how_it_came_up_is_asked_where_it_makes_a_difference() -> None:
    assert of(novastat(Zone.PRE, **OWN)) == [f"? R-020 basis_missing {HERE}"]
    assert of(novastat(Zone.UNLISTED, **OWN)) == [f"? R-044 basis_missing {HERE}"]


def test_matters_without_a_product_are_as_strict_as_before_authorisation() -> None:
    admin = novastat(Zone.NONE, subject=Subject.ADMIN, zones=(), **OWN)

    assert of(admin, kind=Kind.ADVISORY_BOARD)[0].split(" missing ")[0] == "D R-026"
    assert judge(visit(kind=Kind.ADVISORY_BOARD), admin).missing == {"NEED", "CONTRACT", "ATT", "STATUS"}
    assert of(admin) == ["A R-035"]
    for role, said in ((Role.MSL, "A R-031"), (Role.FIELD_SERVICE, f"D R-031 missing {HERE} [REQ] -REQ")):
        assert of(admin, kind=Kind.INQUIRY, role=role) == [said]
    disease = replace(admin, subject=Subject.DISEASE)
    assert of(disease, role=Role.FIELD_SERVICE) == [f"X R-022 needs_preclear {HERE}"]
    known = replace(disease, zones=(MarketZone("DE", Zone.OPEN),))
    assert of(known, role=Role.FIELD_SERVICE) == ["A R-022"]
    abroad = replace(disease, zones=(MarketZone("US", Zone.OPEN),))
    assert of(abroad, role=Role.FIELD_SERVICE) == [f"X R-022 needs_preclear {HERE}"]


# The words of a denial


@pytest.mark.parametrize(
    ("zone", "facts", "topic", "said"),
    [
        (Zone.PRE, {}, OWN, "X R-021 not_open_yet activity=PRODUCT_CALL"),
        (Zone.CLOSED, {}, OWN, "X R-021 closed activity=PRODUCT_CALL"),
        (Zone.OPEN, {}, {}, "X R-021 not_yours activity=PRODUCT_CALL"),
        (Zone.OPEN, {}, {"standing": Standing.SCIENTIFIC_CONTACT}, "X R-021 not_yours activity=PRODUCT_CALL"),
        (Zone.OPEN, {"kind": Kind.VISIT}, OWN, "X R-020 never_field activity=SCIENTIFIC_EXCHANGE"),
        (Zone.PRE, {"kind": Kind.VISIT}, {}, "X R-020 never_field activity=SCIENTIFIC_EXCHANGE"),
        (Zone.OPEN, {"role": Role.MSL}, OWN, "X R-021 never_medical activity=PRODUCT_CALL"),
        (Zone.OPEN, {"role": Role.MSL}, {}, "X R-021 never_medical activity=PRODUCT_CALL"),
        (Zone.OPEN, {"role": Role.ADMIN}, {}, "X R-015 never activity=PRODUCT_CALL"),
        (Zone.OPEN, {"role": Role.MARKET_ACCESS}, {}, "X R-039 never activity=PRODUCT_CALL"),
        (Zone.PRE, {"role": Role.MSL, "kind": Kind.STUDY_IDEA}, {"basis": Basis.PROACTIVE, **OWN},
         "X R-029 not_open_yet activity=STUDY_IDEA"),
        (Zone.UNLISTED, {}, OWN, "X R-044 unlisted activity=PRODUCT_CALL"),
        (Zone.UNLISTED, {"role": Role.MSL, "kind": Kind.VISIT}, {"basis": Basis.PROACTIVE},
         "X R-006 unlisted activity=SCIENTIFIC_EXCHANGE"),
    ],
)  # fmt: skip
def test_a_denial_says_who_does_not_do_what_and_why(
    zone: Zone, facts: dict[str, Any], topic: dict[str, Any], said: str
) -> None:
    role = facts.get("role", Role.FIELD_SERVICE)
    act = call(novastat(zone, **topic), **facts)

    assert told([judge(act, act.topics[0])]) == [f"{said} market=DE role={role} topic=Novastat"]


def test_an_administrative_matter_of_somebody_else_is_not_hers() -> None:
    admin = novastat(Zone.NONE, subject=Subject.ADMIN, zones=())

    assert of(admin, role=Role.FIELD_SERVICE) == [
        "X R-035 not_yours activity=ADMIN_CONTACT market=DE role=FIELD_SERVICE topic=Novastat"
    ]


def test_off_label_names_both_rules_and_is_said_of_field_service_alone() -> None:
    other_use = novastat(Zone.PRE, sibling_open=True, basis=Basis.PROACTIVE, **OWN)

    assert told([judge(call(other_use), other_use)]) == [f"X R-021+R-042 R-042 off_label {HERE}"]
    idea = {"kind": Kind.STUDY_IDEA}
    assert of(other_use, **idea) == of(replace(other_use, sibling_open=False), **idea)
    opened = novastat(Zone.OPEN, sibling_open=True)
    assert told([judge(call(opened), opened)])[0].split()[:3] == ["X", "R-021", "not_yours"]


@pytest.mark.parametrize(
    ("zone", "facts", "said"),
    [
        (Zone.PRE, {"kind": Kind.INTERNAL_TRAINING, "people": (MONA,)}, f"X R-024 attend_only {HERE}"),
        (Zone.PRE, {"kind": Kind.INTERNAL_TRAINING, "people": (MONA,), "attending": True}, "A R-024"),
        (Zone.OPEN, {"kind": Kind.ADVISORY_BOARD}, f"X R-026 needs_preclear {HERE}"),
        (Zone.OPEN, {"kind": Kind.ADVISORY_BOARD, "documents": {"PRECLEAR"}}, "D R-026"),
        (Zone.OPEN, {"kind": Kind.ADVISORY_BOARD, "documents": {"LATE"}}, f"X R-026 needs_preclear {HERE}"),
        (Zone.OPEN, {"kind": Kind.PAYER_MEETING, "people": (replace(KELLER, audience=Audience.PAYER),)},
         f"X R-033 cannot_occur {HERE}"),
    ],
)  # fmt: skip
def test_what_softens_a_denial_is_named(zone: Zone, facts: dict[str, Any], said: str) -> None:
    assert of(novastat(zone, **OWN), role=Role.FIELD_SERVICE, **facts) == [said]


def test_pre_approval_may_be_a_fact_of_the_topic() -> None:
    board = {"kind": Kind.ADVISORY_BOARD, "role": Role.FIELD_SERVICE}

    assert of(novastat(Zone.OPEN, approved_preclear=True, **OWN), **board) == ["D R-026"]
    assert of(novastat(Zone.OPEN, documents={"PRECLEAR"}, **OWN), **board) == ["D R-026"]


# R-049, PP-16


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.VISIT, True),
        (Kind.CONGRESS_CONTACT, True),
        (Kind.STUDY_IDEA, True),
        (Kind.INQUIRY_ANSWER, True),
        (Kind.SCIENTIFIC_LECTURE, False),
        (Kind.STUDY_VISIT, False),
        (Kind.INQUIRY, False),
    ],
)
@pytest.mark.parametrize("role", [Role.MSL, Role.MSL_LEAD])
def test_who_does_not_answer_for_the_kol_needs_pre_approval_face_to_face(
    kind: Kind, asked: bool, role: Role
) -> None:
    everything = frozenset(Document) - {Document.PRECLEAR}
    topic = novastat(Zone.OPEN, basis=Basis.UNSOLICITED_REQUEST, documents=everything)
    line = of(topic, kind=kind, role=role)[0]

    assert (f"R-049 not_relation_owner {HERE} [PRECLEAR] -PRECLEAR" in line) is asked
    assert ("R-049" in of(replace(topic, approved_preclear=True), kind=kind, role=role)[0]) is asked
    assert "R-049" not in of(replace(topic, standing=Standing.SCIENTIFIC_CONTACT), kind=kind, role=role)[0]


def test_of_two_ways_the_one_that_fits_is_asked_for() -> None:
    own = novastat(Zone.OPEN, standing=Standing.SCIENTIFIC_CONTACT)

    assert [sorted(judge(visit(), replace(own, basis=basis)).missing) for basis in (None, *Basis)] == [
        ["PLAN", "REQ"],
        ["PLAN"],
        ["REQ"],
        ["TRIAL"],
        ["ATT", "CONTRACT", "NEED"],
    ]
    other = novastat(Zone.PRE, basis=Basis.PROACTIVE, documents={"PLAN", "REQ"}, **OWN)
    assert judge(visit(), other).missing == {"PURPOSE", "STATUS"}


# R-004 at a congress


@pytest.mark.parametrize(
    ("kind", "role", "missing"),
    [
        (Kind.CONGRESS_STAND, Role.FIELD_SERVICE, "[MAT] missing market=DE topic=Novastat [SMPC] -MAT -SMPC"),
        (Kind.CONGRESS_CONTACT, Role.MSL, None),
    ],
)
def test_at_a_congress_it_is_judged_as_where_it_is_authorised_once_cleared(
    kind: Kind, role: Role, missing: str | None
) -> None:
    zones = (MarketZone("DE", Zone.PRE), MarketZone("US", Zone.OPEN))
    act: dict[str, Any] = {"kind": kind, "role": role, "people": (replace(KELLER, markets=("US",)),)}
    if role is Role.MSL:
        # For Medical the zones before authorisation have rows of their own, so no clearance is needed.
        topic = novastat(
            Zone.PRE, zones=zones, basis=Basis.UNSOLICITED_REQUEST, documents={"REQ", "STATUS"}, **OWN
        )
        assert of(topic, **act) == ["D R-027"]
        return
    topic = novastat(Zone.PRE, zones=zones, **OWN)
    not_cleared = judge(visit(topic, **act), topic)
    assert ("R-004", "congress_needs_preclear", (("market", "DE"), ("topic", "Novastat"))) in {
        (reason.rule, reason.code, reason.params) for reason in not_cleared.reasons
    }
    cleared = judge(visit(topic, documents={"PRECLEAR"}, **act), topic)
    assert cleared.missing == {"SMPC", "MAT"}
    assert cleared.rules == ("R-004", "R-028")
    assert {dict(reason.params)["market"] for reason in cleared.reasons} == {"DE", "US"}
    # The papers of the place where it is open alone would do there, but not here.
    only_here = replace(topic, documents={"SMPC", "MAT"})
    assert judge(visit(only_here, documents={"PRECLEAR"}, **act), only_here).missing == frozenset()


def test_a_study_idea_raised_at_a_congress_is_no_congress_contact() -> None:
    zones = (MarketZone("DE", Zone.PRE), MarketZone("US", Zone.OPEN))
    topic = novastat(Zone.PRE, zones=zones, basis=Basis.PROACTIVE, documents=frozenset(Document), **OWN)

    assert of(topic, kind=Kind.STUDY_IDEA, people=(replace(KELLER, markets=("US",)),))[0].startswith(
        "X R-029"
    )
