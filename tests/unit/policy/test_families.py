"""What holds for the act as a whole: that it is stated, its markets, its channel, who is there (families A, B)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import Audience, Channel, Kind, MarketZone, Person, Role, Subject, Zone, decide
from compliance.policy.families import channel, company, packs, public, stated

from .acts import FRIEDA, KELLER, MONA, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER")
PRE = replace(OPEN, zones=(MarketZone("DE", Zone.PRE),))
ADMIN = replace(OPEN, subject=Subject.ADMIN, zones=())


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"topics": ()}, ["? R-015 topics_missing"]),
        ({"people": ()}, ["? R-015 people_missing"]),
        ({"people": (MONA,)}, ["? R-015 people_missing"]),
        ({"people": (MONA, KELLER)}, []),
        ({"people": (MONA,), "kind": Kind.INTERNAL_TRAINING}, []),
        ({"people": (), "kind": Kind.INTERNAL_TRAINING}, ["? R-015 people_missing"]),
        ({"people": (KELLER, Person(audience="ALIEN"))}, ["? R-015 unknown_word what=audience word=ALIEN"]),
        ({"people": (KELLER, Person(side="ALIEN"))}, ["? R-015 unknown_word what=side word=ALIEN"]),
    ],
)
def test_topics_and_people_are_named_in_known_words(facts: dict[str, Any], said: list[str]) -> None:
    assert told(stated(visit(**{"topics": (OPEN,), **facts}))) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, []),
        ({"packs": {"US"}}, ["X R-014 no_pack market=DE"]),
        ({"packs": {"US"}, "topics": (ADMIN,)}, []),
        ({"packs": {"US"}, "topics": (ADMIN, OPEN)}, ["X R-014 no_pack market=DE"]),
        ({"packs": {"US"}, "kind": Kind.ADVERSE_EVENT}, []),
        ({"packs": {"US"}, "kind": Kind.INQUIRY}, ["X R-014 no_pack market=DE"]),
        ({"market": "", "people": (Person(),)}, ["? R-004 market_missing"]),
        ({"market": "FR"}, ["X R-014 no_pack market=FR"]),
        ({"pack_versions": (("DE", "2026.1"), ("US", "2026.2"))}, []),
        ({"pack_versions": (("DE", "1999.1"),)}, ["? R-160 unknown_pack market=DE version=1999.1"]),
        ({"pack_versions": (("XX", "2026.1"),)}, ["? R-160 unknown_pack market=XX version=2026.1"]),
    ],
)
def test_each_market_has_rules_in_force_that_are_known(facts: dict[str, Any], said: list[str]) -> None:
    assert told(packs(visit(**{"topics": (OPEN,), **facts}))) == said


@pytest.mark.parametrize("word", Channel)
def test_some_channels_are_not_supported(word: Channel) -> None:
    refused = {Channel.MESSENGER, Channel.SOCIAL_MEDIA}
    said = [f"X R-038 unsupported_channel channel={word}"] if word in refused else []

    assert told(channel(visit(OPEN, channel=word))) == said


@pytest.mark.parametrize(
    ("audience", "topic", "said"),
    [
        (Audience.PUBLIC, OPEN, ["X R-040 public_audience topic=Novastat"]),
        (Audience.PATIENT, OPEN, ["X R-040 public_audience topic=Novastat"]),
        (
            Audience.PATIENT,
            replace(OPEN, subject=Subject.UNLISTED),
            ["X R-040 public_audience topic=Novastat"],
        ),
        (Audience.PATIENT, replace(OPEN, subject=Subject.DISEASE), []),
        (Audience.PATIENT, ADMIN, []),
        (Audience.PAYER, OPEN, []),
        (Audience.INVESTIGATOR, OPEN, []),
    ],
)
def test_no_product_before_the_public(audience: Audience, topic: Any, said: list[str]) -> None:
    assert told(public(visit(ADMIN, topic, people=(KELLER, Person(audience=audience))))) == said


GUEST = {"people": (KELLER, FRIEDA), "kind": Kind.SCIENTIFIC_LECTURE}
THERE = ["X R-041 field_at_event topic=Novastat"]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, THERE),
        ({"kind": Kind.EXTERNAL_TRAINING}, THERE),
        ({"kind": Kind.ADVISORY_BOARD}, THERE),
        ({"kind": Kind.VISIT}, []),
        ({"third_party_congress": True}, []),
        ({"people": (KELLER, MONA)}, []),
        ({"role": Role.FIELD_SERVICE, "people": (KELLER,)}, []),
        ({"topics": (OPEN,)}, []),
        ({"topics": (OPEN, PRE)}, THERE),
        ({"topics": (replace(PRE, zones=(MarketZone("DE", Zone.CLOSED),)),)}, []),
        (
            {"topics": (replace(PRE, subject=Subject.UNLISTED, zones=(MarketZone("DE", Zone.UNLISTED),)),)},
            THERE,
        ),
        ({"topics": (replace(PRE, subject=Subject.DISEASE),), "kind": Kind.ADVISORY_BOARD}, []),
    ],
)
def test_field_service_is_no_guest_beside_an_unauthorised_topic(
    facts: dict[str, Any], said: list[str]
) -> None:
    assert told(company(visit(**{"topics": (PRE,), **GUEST, **facts}))) == said


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"topics": ()}, "R-015"),
        ({"packs": frozenset()}, "R-014"),
        ({"channel": Channel.MESSENGER}, "R-038"),
        ({"people": (KELLER, Person(audience=Audience.PATIENT))}, "R-040"),
        ({"topics": (PRE,), **GUEST}, "R-041"),
        ({"recorded_at": visit(OPEN).starts_at.replace(year=2025)}, "R-066"),
    ],
)
def test_what_holds_for_the_act_counts_in_the_decision(facts: dict[str, Any], rule: str) -> None:
    assert rule in decide(visit(**{"topics": (OPEN,), **facts})).rules
