"""What may be shown or left behind (R-080 to R-083)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import (
    Activity,
    Audience,
    Document,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    MaterialStatus,
    MaterialUse,
    Role,
    Subject,
    Zone,
    decide,
)
from compliance.policy.materials import listed, purposes, register, usable

from .acts import AMERICA, DAY, GERMANY, KELLER, MONA, NOON, SECOND, call, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER", documents={"SMPC", "MAT"})
BROCHURE = Material(
    "m-1",
    "The brochure",
    purpose=MaterialPurpose.PROMOTIONAL,
    status=MaterialStatus.APPROVED,
    valid_from=NOON - DAY,
    valid_to=NOON + DAY,
    uses=(MaterialUse("novastat", (MarketZone("DE", Zone.OPEN),)),),
    markets=("DE",),
    audiences=(Audience.PROFESSIONAL,),
    roles=(Role.FIELD_SERVICE,),
    activities=(Activity.PRODUCT_CALL,),
)
NAMED = " material=The brochure"


def shown(**facts: Any) -> Any:
    return call(OPEN, materials=(replace(BROCHURE, **facts),))


def test_the_brochure_is_as_it_should_be() -> None:
    act = shown()

    assert [told(family(act)) for family in (register, usable, listed, purposes)] == [[], [], [], []]
    assert decide(act).allowed


# the register


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"materials": None}, ["D R-080 materials_unknown [MAT] -MAT"]),
        ({"materials": ()}, ["D R-080 materials_missing [MAT] -MAT"]),
        ({"materials": (BROCHURE,)}, []),
        ({"materials": None, "pack_versions": ()}, []),
        ({"materials": None, "topics": (replace(OPEN, documents=frozenset()),)}, []),
        (
            {"materials": None, "topics": (replace(OPEN, documents=frozenset()),), "documents": {"MAT"}},
            ["D R-080 materials_unknown [MAT] -MAT"],
        ),
    ],
)
def test_who_says_that_material_was_used_names_it(facts: dict[str, Any], said: list[str]) -> None:
    assert told(register(call(**{"topics": (OPEN,), "pack_versions": GERMANY, **facts}))) == said


# in force


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"status": MaterialStatus.DRAFT}, ["X R-080 material_not_approved" + NAMED]),
        ({"status": MaterialStatus.IN_REVIEW}, ["X R-080 material_not_approved" + NAMED]),
        ({"status": MaterialStatus.RETIRED}, ["X R-080 material_not_approved" + NAMED]),
        ({"status": "PENDING"}, ["? R-015 unknown_word what=status word=PENDING"]),
        ({"valid_from": None}, ["? R-080 material_validity_unknown" + NAMED]),
        ({"valid_from": NOON}, []),
        ({"valid_from": NOON + SECOND}, ["X R-080 material_not_valid" + NAMED]),
        ({"valid_to": NOON}, ["X R-080 material_not_valid" + NAMED]),
        ({"valid_to": NOON + SECOND}, []),
        ({"valid_to": None}, []),
        ({"recalled_at": NOON}, ["X R-080 material_recalled" + NAMED]),
        ({"recalled_at": NOON + SECOND}, []),
        ({"quarantined_at": NOON}, ["X R-083 material_quarantined" + NAMED]),
        ({"quarantined_at": NOON + SECOND}, []),
    ],
)
def test_material_is_approved_in_force_and_neither_recalled_nor_in_quarantine(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(usable(shown(**facts))) == said


def test_each_material_is_looked_at_and_none_is_fine() -> None:
    late = replace(BROCHURE, recalled_at=NOON)

    assert told(usable(call(OPEN, materials=(BROCHURE, late)))) == ["X R-080 material_recalled" + NAMED]
    for family in (usable, listed, purposes):
        assert told(family(call(OPEN, materials=None))) == told(family(call(OPEN, materials=()))) == []


# what it was approved for


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"markets": ()}, ["X R-081 material_not_for" + NAMED + " what=market word=DE"]),
        ({"markets": ("US", "DE")}, []),
        ({"audiences": (Audience.PAYER,)}, ["X R-081 material_not_for" + NAMED + " what=audience word=PROFESSIONAL"]),
        ({"roles": (Role.MSL,)}, ["X R-081 material_not_for" + NAMED + " what=role word=FIELD_SERVICE"]),
        (
            {"activities": (Activity.CONGRESS_STAND,)},
            ["X R-081 material_not_for" + NAMED + " what=activity word=PRODUCT_CALL"],
        ),
        ({"uses": (MaterialUse("cardelin", (MarketZone("DE", Zone.OPEN),)),)}, ["X R-081 material_other_use" + NAMED]),
    ],
)  # fmt: skip
def test_market_audience_role_activity_and_use_stand_on_its_list(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(listed(shown(**facts))) == said


def test_all_that_is_not_on_its_list_is_named() -> None:
    visitors = (replace(KELLER, markets=("DE", "US")), replace(KELLER, audience=Audience.INVESTIGATOR), MONA)
    act = call(OPEN, materials=(replace(BROCHURE, markets=()),), people=visitors)

    assert told(listed(act)) == [
        "X R-081 material_not_for" + NAMED + " what=market word=DE, US",
        "X R-081 material_not_for" + NAMED + " what=audience word=INVESTIGATOR",
    ]


def test_a_topic_without_a_use_asks_for_none_on_the_list() -> None:
    disease = replace(OPEN, subject=Subject.DISEASE, ref="heart")
    act = call(disease, materials=(replace(BROCHURE, activities=(Activity.DISEASE_TALK,)),))

    assert told(listed(act)) == []
    assert told(listed(call(OPEN, disease, materials=(replace(BROCHURE, activities=tuple(Activity)),)))) == []


# what it is for


def of(purpose: Any, **facts: Any) -> Any:
    return visit(
        OPEN, **{"materials": (replace(BROCHURE, purpose=purpose),), "role": Role.FIELD_SERVICE, **facts}
    )


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (of("SCIENTIFIC"), ["X R-082 material_of_medical" + NAMED]),
        (of("SCIENTIFIC", role=Role.MARKET_ACCESS), ["X R-082 material_of_medical" + NAMED]),
        (of("SCIENTIFIC", role=Role.MSL), []),
        (of("SCIENTIFIC", role=Role.CLINICAL_RESEARCH), []),
        (of("SIUU"), ["X R-082 material_siuu" + NAMED]),
        (of("SIUU", role=Role.MSL), ["X R-082 material_siuu" + NAMED]),
        (of("SIUU", role=Role.MSL, pack_versions=GERMANY), ["X R-082 material_siuu" + NAMED]),
        (of("INTERNAL"), ["X R-082 material_internal" + NAMED]),
        (of("INTERNAL", role=Role.MSL), ["X R-082 material_internal" + NAMED]),
        (of("INTERNAL", people=(MONA,), kind=Kind.INTERNAL_TRAINING), []),
        (of("SAFETY"), []),
        (of("SAFETY", role=Role.MSL), []),
        (of("POSTER"), ["? R-015 unknown_word what=purpose word=POSTER"]),
    ],
)
def test_each_purpose_has_its_people(act: Any, said: list[str]) -> None:
    assert told(purposes(act)) == said


@pytest.mark.parametrize(
    ("role", "allowed"), [(Role.MSL, True), (Role.MSL_LEAD, True), (Role.FIELD_SERVICE, False)]
)
def test_material_on_an_unapproved_use_is_for_msl_where_the_market_opens_that_path(
    role: Role, allowed: bool
) -> None:
    american = {"people": (replace(KELLER, markets=("US",)),), "market": "US", "pack_versions": AMERICA}

    assert told(purposes(of("SIUU", role=role, **american))) == (
        [] if allowed else ["X R-082 material_siuu" + NAMED]
    )


def used(*zones: MarketZone, ref: str = "novastat") -> dict[str, Any]:
    return {"uses": (MaterialUse("novastat", (MarketZone("DE", Zone.OPEN),)), MaterialUse(ref, zones))}


NOT_OPEN = "X R-082 material_not_open market=DE" + NAMED


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"uses": ()}, ["? R-082 material_uses_unknown" + NAMED]),
        (used(MarketZone("DE", Zone.OPEN), ref="cardelin"), []),
        (used(MarketZone("DE", Zone.PRE), ref="cardelin"), [NOT_OPEN]),
        (used(MarketZone("DE", Zone.CLOSED), ref="cardelin"), [NOT_OPEN]),
        (used(MarketZone("DE", Zone.OPEN, Zone.CLOSED), ref="cardelin"), [NOT_OPEN]),
        (used(MarketZone("DE", Zone.PRE, Zone.OPEN), ref="cardelin"), [NOT_OPEN]),
        (
            used(MarketZone("US", Zone.OPEN), ref="cardelin"),
            ["? R-082 material_zone_unknown market=DE" + NAMED],
        ),
        (used(MarketZone("DE", Zone.OPEN), MarketZone("US", Zone.PRE), ref="cardelin"), []),
    ],
)
def test_promotional_material_mentions_nothing_that_is_not_open(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(purposes(shown(**facts))) == said


def test_promotional_material_beside_no_product_mentions_none() -> None:
    bare = (replace(BROCHURE, uses=()),)

    assert told(purposes(call(replace(OPEN, subject=Subject.DISEASE), materials=bare))) == []
    unlisted = replace(OPEN, subject=Subject.UNLISTED, zones=(MarketZone("DE", Zone.UNLISTED),))
    assert told(purposes(call(replace(OPEN, subject=Subject.DISEASE), unlisted, materials=bare))) == [
        "? R-082 material_uses_unknown" + NAMED
    ]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"recalled_at": NOON}, "R-080"),
        ({"quarantined_at": NOON}, "R-083"),
        ({"markets": ()}, "R-081"),
        ({"purpose": MaterialPurpose.SCIENTIFIC}, "R-082"),
    ],
)
def test_a_material_counts_in_the_decision(facts: dict[str, Any], rule: str) -> None:
    assert decide(shown(**facts)).rules == (rule,)


def test_the_register_counts_in_the_decision() -> None:
    assert decide(call(OPEN, pack_versions=GERMANY)).missing == {Document.MAT}
