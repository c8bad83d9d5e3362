"""An example of a pack as an act: all is as it should be but for what the example states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from compliance.policy import (
    Act,
    Activity,
    Audience,
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Document,
    Intent,
    Kind,
    MarketZone,
    Material,
    MaterialPurpose,
    MaterialStatus,
    MaterialUse,
    Person,
    Role,
    Sample,
    Side,
    Standing,
    Topic,
    Value,
    ValueCategory,
    Zone,
)
from compliance.policy.acceptance import act, failures
from compliance.policy.packs import Pack, packs


def at(hour: int) -> datetime:
    return datetime(2026, 6, 15, hour, tzinfo=UTC)


BEFORE, AFTER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
PACK = Pack(market="DE", version="2026.2")
USUAL = Act(
    role=Role.MSL,
    intent=Intent.RECORD,
    kind=Kind.VISIT,
    channel=Channel.IN_PERSON,
    starts_at=at(12),
    ends_at=at(13),
    recorded_at=at(14),
    market="DE",
    topics=(
        Topic(
            ref="novastat",
            name="Novastat",
            zones=(MarketZone("DE", Zone.OPEN),),
            prompted=False,
            submitted=True,
            expected_at=at(12),
        ),
    ),
    people=(
        Person(
            ref="keller",
            markets=("DE",),
            consents=(),
            objects_to_marketing=False,
            do_not_contact=False,
            informed_at=BEFORE,
            known_since=BEFORE,
            prescriber=True,
            calls_this_year=0,
        ),
    ),
    packs=frozenset({"DE"}),
    pack_versions=(("DE", "2026.2"),),
    certificates=tuple(Certificate(kind, valid_from=BEFORE, valid_to=AFTER) for kind in CertificateKind),
)
TOPIC, PERSON = USUAL.topics[0], USUAL.people[0]
BROCHURE = Material(
    ref="promotional",
    name="The brochure",
    purpose=MaterialPurpose.PROMOTIONAL,
    status=MaterialStatus.APPROVED,
    valid_from=BEFORE,
    valid_to=AFTER,
    uses=(MaterialUse("novastat", (MarketZone("DE", Zone.OPEN),)),),
    markets=("DE",),
    audiences=tuple(Audience),
    roles=tuple(Role),
    activities=tuple(Activity),
)
BOX = Sample("novastat", "keller", at(8), True, "L1", AFTER, 1, 0, False)
MEAL = Value(ValueCategory.MEAL, "61", "EUR", "DE", "keller", False, Side.COMMERCIAL, True)
FELIX = {"role": "FIELD_SERVICE"}


@pytest.mark.parametrize(
    ("said", "topic", "person", "made"),
    [
        ({}, {}, {}, USUAL),
        ({}, {"basis": "PROACTIVE", "documents": ["PLAN"], "standing": "OWNER"}, {}, replace(
            USUAL, topics=(replace(TOPIC, basis=Basis.PROACTIVE, documents={Document.PLAN}, standing=Standing.OWNER),))),
        ({}, {}, {"informed_at": "", "audience": "PAYER"}, replace(
            USUAL, people=(replace(PERSON, informed_at=None, audience=Audience.PAYER),))),
        ({"with": "FIELD_SERVICE"}, {}, {}, replace(USUAL, people=(
            PERSON, Person(ref="colleague", audience=Audience.INTERNAL, side=Side.COMMERCIAL)))),
        ({"meal": "61", "currency": "EUR", **FELIX}, {}, {}, replace(
            USUAL, role=Role.FIELD_SERVICE, values=(MEAL,))),
        ({"meal": "61"}, {}, {}, replace(
            USUAL, values=(replace(MEAL, currency="", budget_side=Side.MEDICAL),))),
        ({"meal": "61", "currency": "EUR"}, {}, {}, replace(
            USUAL, values=(replace(MEAL, budget_side=Side.MEDICAL),))),
        ({"materials": ["promotional", "recalled", "internal"]}, {}, {}, replace(USUAL, materials=(
            BROCHURE, replace(BROCHURE, ref="recalled", recalled_at=BEFORE),
            replace(BROCHURE, ref="internal", purpose=MaterialPurpose.INTERNAL)))),
        ({"samples": ["one", "beyond"]}, {}, {}, replace(USUAL, samples=(BOX, replace(BOX, given_this_year=99)))),
        ({"intent": "PLAN", "channel": "EMAIL"}, {}, {}, replace(USUAL, intent=Intent.PLAN, channel=Channel.EMAIL)),
    ],
)  # fmt: skip
def test_an_example_states_only_what_makes_it_one(said: dict, topic: dict, person: dict, made: Act) -> None:
    example = {"act": {"role": "MSL", **said}, "topic": {"zone": "OPEN", **topic}, "person": person}

    assert act(PACK, example) == made
    if not person:
        assert act(PACK, {name: example[name] for name in ("act", "topic")}) == made


GERMANY = packs()["DE", "2026.2"]


def test_too_few_examples_are_wrong_on_either_side() -> None:
    few = "Two acts that pass and two that fail are the least."

    assert failures(replace(GERMANY, failing=GERMANY.failing[:1])) == (few,)
    assert failures(replace(GERMANY, passing=GERMANY.passing[:1])) == (few,)
    assert failures(replace(GERMANY, passing=GERMANY.passing[:2], failing=GERMANY.failing[:2])) == ()


def test_what_goes_wrong_is_told_with_every_rule_that_says_so() -> None:
    early = {"says": "Twice wrong", "act": {**FELIX, "kind": "PRODUCT_CALL", "channel": "MESSENGER"},
             "topic": {"zone": "PRE"}, "rule": "R-021"}  # fmt: skip
    fine = {
        "says": "Nothing wrong",
        "act": {"role": "MSL"},
        "topic": {"zone": "OPEN", "standing": "OWNER"},
        "rule": "R-0",
    }
    known = (GERMANY.passing[0],) * 2

    assert failures(replace(GERMANY, passing=(*known, early), failing=(early, early))) == (
        "Twice wrong: R-021, R-038",
    )
    assert failures(replace(GERMANY, passing=known, failing=(fine, {**early, "rule": "R-020"}))) == (
        "Nothing wrong: ALLOWED",
        "Twice wrong: R-021, R-038",
    )
    # A reason is no refusal: what is allowed all the same is no failing example.
    prompted = {"says": "Prompted", "act": {"role": "MSL"}, "rule": "R-045",
                "topic": {"zone": "PRE", "standing": "OWNER", "basis": "UNSOLICITED_REQUEST", "prompted": True,
                          "documents": ["PURPOSE", "PLAN", "STATUS"]}}  # fmt: skip
    assert failures(replace(GERMANY, passing=known, failing=(prompted, early))) == ("Prompted: R-045",)
    # Late, which is no refusal: allowed acts are no failing examples, even where a rule speaks.
    told = {"says": "Told", "act": {"role": "MSL"}, "topic": fine["topic"], "rule": "R-095",
            "person": {"informed_at": ""}}  # fmt: skip
    joint = {"says": "Joint", "act": {"role": "MSL", "with": "FIELD_SERVICE", "introduction": True}, "topic": fine["topic"],
             "rule": "R-062"}  # fmt: skip
    assert failures(replace(GERMANY, passing=known, failing=(joint, early))) == ("Joint: ALLOWED",)
    assert failures(replace(GERMANY, passing=(*known, {**told, "rule": ""}), failing=(early, early))) == (
        "Told: R-095",
    )
