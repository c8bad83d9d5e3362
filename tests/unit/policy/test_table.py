"""The decision table, every case of it, against the second reading of the rulebook in ``rulebook.py``.

Row, role, zone, how it came up, and who answers to the KOL: all of them, with no document, with every one, and
with every one but one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from compliance.policy import (
    MATRIX,
    Audience,
    Basis,
    Channel,
    DecisionKind,
    Document,
    Kind,
    MarketZone,
    Outcome,
    Person,
    Role,
    Standing,
    Subject,
    Zone,
    decide,
)
from compliance.policy.matrix import activity_of

from . import rulebook
from .acts import novastat, visit

BASES = [None, *Basis]
STANDINGS = [Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER]
AUDIENCE = {"R-024": Audience.INTERNAL, "R-033": Audience.PAYER}
NOTHING, EVERYTHING = frozenset[Document](), frozenset(Document)
ZONES = {
    Subject.USE: [Zone.PRE, Zone.OPEN, Zone.CLOSED, Zone.UNLISTED],
    Subject.UNLISTED: [Zone.UNLISTED],
    Subject.DISEASE: [Zone.PRE, Zone.OPEN, Zone.CLOSED],
    Subject.ADMIN: [Zone.NONE],
}
# A disease or an administrative matter makes a row of its own only where one visits or calls.
CASES = [
    *((kind, Subject.USE) for kind in Kind),
    (Kind.VISIT, Subject.UNLISTED),
    (Kind.VISIT, Subject.DISEASE),
    (Kind.PRODUCT_CALL, Subject.DISEASE),
    (Kind.VISIT, Subject.ADMIN),
    (Kind.PRODUCT_CALL, Subject.ADMIN),
]


def wanted(documents: frozenset[Document], missing: frozenset[str]) -> Iterator[frozenset[Document]]:
    yield NOTHING
    yield EVERYTHING
    yield from (EVERYTHING - {Document(code)} for code in missing)


def answered(decision: object) -> tuple[str, frozenset[str], frozenset[str]]:
    code = {Outcome.ALLOWED: "A", Outcome.WITH_DOCUMENTS: "D", Outcome.NOT_ALLOWED: "X"}[decision.outcome]  # type: ignore[attr-defined]
    unsaid = {reason.code for reason in decision.reasons} == {"basis_missing"}  # type: ignore[attr-defined]
    return "?" if unsaid else code, frozenset(decision.rules), frozenset(map(str, decision.missing))  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("kind", "subject"), CASES)
def test_every_case_is_answered_as_the_rulebook_says(kind: Kind, subject: Subject, role: Role) -> None:
    for zone, basis, standing in product(ZONES[subject], BASES, STANDINGS):
        row = rulebook.row_of(kind, subject, basis)
        asked = {"row": row, "role": role, "zone": zone, "basis": basis, "standing": standing}
        use = subject is Subject.USE
        bare = rulebook.expected(**asked, documents=NOTHING, use=use)  # type: ignore[arg-type]
        for documents in wanted(EVERYTHING, bare.missing):
            topic = novastat(zone, subject=subject, basis=basis, standing=standing, documents=documents)
            if subject is Subject.ADMIN:
                topic = novastat(zone, subject=subject, basis=basis, standing=standing, zones=())
            person = Person(audience=AUDIENCE.get(row, Audience.PROFESSIONAL), markets=("DE",))
            decision = decide(visit(topic, role=role, kind=kind, people=(person,)))
            said = rulebook.expected(**asked, documents=documents, use=use)  # type: ignore[arg-type]

            assert answered(decision) == said, (asked, documents)
            forbidden = {"A": "allowed", "D": "incomplete" if said.missing else "allowed", "X": "deviation"}
            assert decision.kind == DecisionKind(forbidden.get(said.answer, "refused"))


@pytest.mark.parametrize("role", Role)
def test_a_guest_is_judged_as_the_rulebook_says(role: Role) -> None:
    for zone, standing in product(ZONES[Subject.USE], STANDINGS):
        topic = novastat(zone, standing=standing, documents=EVERYTHING)
        inside = (Person(audience=Audience.INTERNAL),)
        decision = decide(visit(topic, role=role, kind=Kind.INTERNAL_TRAINING, people=inside, attending=True))

        assert answered(decision) == rulebook.expected(
            row="R-024", role=role, zone=zone, basis=None, standing=standing, documents=EVERYTHING, attending=True
        )  # fmt: skip


def test_every_cell_of_the_matrix_was_asked_for() -> None:
    """Keys that no act can reach would be unread; there are none but those of zones without a topic."""
    asked = {
        (activity_of(kind, Channel.IN_PERSON, novastat(zone, subject=subject, basis=basis), audience), zone)
        for (kind, subject), basis, audience in product(CASES, BASES, Audience)
        for zone in ZONES[subject]
    }
    unasked = {(activity.name, zone.name) for activity, _, zone, _ in MATRIX if (activity, zone) not in asked}

    # A matter without a product is judged as before authorisation or has no zone at all.
    assert unasked == {
        *(("ADMIN_CONTACT", zone) for zone in ("PRE", "OPEN", "CLOSED", "UNLISTED")),
        *(("DISEASE_TALK", zone) for zone in ("UNLISTED",)),
        *(("ADVERSE_EVENT", zone) for zone in ("NONE",)),
    }


# What is derived, written out: the row for each kind before each audience (decision 4).
OWN = {
    "VISIT": "SCIENTIFIC_EXCHANGE", "PRODUCT_CALL": "PRODUCT_CALL", "CONGRESS_CONTACT": "CONGRESS_MEDICAL",
    "CONGRESS_STAND": "CONGRESS_STAND", "SCIENTIFIC_LECTURE": "SCIENTIFIC_LECTURE",
    "INTERNAL_TRAINING": "EXTERNAL_TRAINING", "EXTERNAL_TRAINING": "EXTERNAL_TRAINING",
    "ADVISORY_BOARD": "ADVISORY_BOARD", "INQUIRY": "INQUIRY_REFERRAL", "INQUIRY_ANSWER": "INQUIRY_ANSWER",
    "STUDY_VISIT": "STUDY_SUPPORT", "STUDY_IDEA": "STUDY_IDEA", "PAYER_MEETING": "SCIENTIFIC_EXCHANGE",
    "SAFETY_COMMUNICATION": "SAFETY_COMMUNICATION", "ADVERSE_EVENT": "ADVERSE_EVENT", "SAMPLE": "SAMPLE",
}  # fmt: skip
ABOUT_A_DISEASE = {
    *("VISIT", "PRODUCT_CALL", "CONGRESS_CONTACT", "PAYER_MEETING"),
    *("SCIENTIFIC_LECTURE", "EXTERNAL_TRAINING"),
}
ADMINISTRATIVE = ABOUT_A_DISEASE | {"CONGRESS_STAND", "STUDY_VISIT"}


def derived(kind: str, subject: str, basis: str | None, audience: str) -> str:
    if subject == "ADMIN" and kind in ADMINISTRATIVE:
        return "ADMIN_CONTACT"
    if subject == "DISEASE" and kind in ABOUT_A_DISEASE:
        return "DISEASE_TALK"
    if kind in ("VISIT", "CONGRESS_CONTACT") and basis in ("STUDY_SUPPORT", "CONTRACTED_BOARD"):
        return "ADVISORY_BOARD" if basis == "CONTRACTED_BOARD" else "STUDY_SUPPORT"
    if kind == "INTERNAL_TRAINING" and audience == "INTERNAL":
        return "INTERNAL_TRAINING"
    if kind in ("VISIT", "PAYER_MEETING") and audience == "PAYER":
        return "PAYER_EXCHANGE"
    return OWN[kind]


@pytest.mark.parametrize("kind", Kind)
def test_the_row_is_derived_from_kind_topic_and_audience_and_never_from_the_channel(kind: Kind) -> None:
    for subject, basis, audience, channel in product(Subject, BASES, Audience, Channel):
        topic = novastat(Zone.PRE, subject=subject, basis=basis)
        assert activity_of(kind, channel, topic, audience) == derived(kind, subject, basis, audience)


@pytest.mark.parametrize("role", Role)
def test_before_investigators_a_training_names_the_study(role: Role) -> None:
    for zone, basis, standing in product(ZONES[Subject.USE], BASES, STANDINGS):
        people = (Person(audience=Audience.INVESTIGATOR, markets=("DE",)),)
        topic = novastat(zone, basis=basis, standing=standing)
        decision = decide(visit(topic, role=role, kind=Kind.EXTERNAL_TRAINING, people=people))
        said = rulebook.expected(
            row="R-025", role=role, zone=zone, basis=basis, standing=standing, documents=NOTHING
        )
        study = {"TRIAL"} if "PLAN" in said.missing else set()

        assert answered(decision) == (said.answer, said.rules, said.missing | study)


def test_a_place_counts_for_each_of_its_moments() -> None:
    """Every pair of zones an event may run through is as strict as the stricter of the two."""
    for start, end, role in product(ZONES[Subject.USE], ZONES[Subject.USE], (Role.MSL, Role.FIELD_SERVICE)):
        topic = novastat(
            start, standing=Standing.OWNER, basis=Basis.UNSOLICITED_REQUEST, documents=EVERYTHING
        )
        across = topic.__class__(
            **{name: getattr(topic, name) for name in topic.__dataclass_fields__ if name != "zones"},
            zones=(MarketZone("DE", start, end),),
        )
        kind = Kind.PRODUCT_CALL if role is Role.FIELD_SERVICE else Kind.VISIT
        single = [decide(visit(novastat(zone, standing=Standing.OWNER, basis=topic.basis, documents=EVERYTHING), role=role, kind=kind)) for zone in (start, end)]  # fmt: skip  # noqa: E501
        assert decide(visit(across, role=role, kind=kind)).outcome is max(each.outcome for each in single)
