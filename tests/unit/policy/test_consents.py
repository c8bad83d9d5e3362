"""Consent, objection, and that the person was told (R-090 to R-095)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance.policy import Channel, Consent, ConsentPurpose, Kind, Role, Subject, Zone, decide
from compliance.policy.consents import channels, do_not_contact, informed, objection, purpose

from .acts import DAY, GERMANY, KELLER, MONA, NOON, SECOND, call, novastat, told, visit

OPEN = novastat(Zone.OPEN, standing="OWNER", documents={"SMPC", "MAT"})
ADMIN = replace(OPEN, subject=Subject.ADMIN, zones=())
AUSTRIA = (("AT", "2026.2"),)
SCIENTIFIC, PROMOTIONAL = ConsentPurpose.SCIENTIFIC, ConsentPurpose.PROMOTIONAL
AGREED = Consent(Channel.EMAIL, PROMOTIONAL, "DE", NOON - DAY)


def mail(*consents: Consent, **facts: Any) -> Any:
    person = replace(KELLER, consents=consents, **facts.pop("person", {}))
    return call(
        OPEN, **{"channel": Channel.EMAIL, "people": (person, MONA), "pack_versions": GERMANY, **facts}
    )


@pytest.mark.parametrize(
    ("role", "found"),
    [
        (Role.FIELD_SERVICE, PROMOTIONAL),
        (Role.PRODUCT_MANAGER, PROMOTIONAL),
        (Role.MSL, SCIENTIFIC),
        (Role.MARKET_ACCESS, SCIENTIFIC),
        (Role.SAFETY, SCIENTIFIC),
    ],
)
def test_field_service_promotes_and_everybody_else_does_not(role: Role, found: ConsentPurpose) -> None:
    assert purpose(visit(OPEN, role=role)) is found


#

WITHDRAWN = "X R-090 consent_withdrawn channel={0} market=DE"
OTHER = "X R-092 consent_of_other_purpose channel={0} market=DE"
MISSING = "X R-091 consent_missing channel={0} market=DE"
UNKNOWN = "? R-091 consents_unknown channel={0} market=DE"


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        ({}, []),
        ({"given_at": NOON}, []),
        ({"given_at": NOON + SECOND}, [MISSING.format("EMAIL")]),
        ({"given_at": None}, [MISSING.format("EMAIL")]),
        ({"given_at": None, "withdrawn_at": NOON + SECOND}, [MISSING.format("EMAIL")]),
        ({"withdrawn_at": NOON + SECOND}, []),
        ({"withdrawn_at": NOON}, [WITHDRAWN.format("EMAIL")]),
        ({"withdrawn_at": NOON - SECOND}, [WITHDRAWN.format("EMAIL")]),
        ({"channel": Channel.PHONE}, [MISSING.format("EMAIL")]),
        ({"market": "US"}, [MISSING.format("EMAIL")]),
        ({"purpose": SCIENTIFIC}, [OTHER.format("EMAIL")]),
        ({"purpose": SCIENTIFIC, "withdrawn_at": NOON}, [MISSING.format("EMAIL")]),
        ({"purpose": SCIENTIFIC, "given_at": NOON + SECOND}, [MISSING.format("EMAIL")]),
    ],
)
def test_a_consent_holds_for_its_channel_purpose_market_and_time(
    consent: dict[str, Any], said: list[str]
) -> None:
    assert told(channels(mail(replace(AGREED, **consent)))) == said


def test_who_withdrew_and_agreed_again_agrees() -> None:
    assert told(channels(mail(replace(AGREED, withdrawn_at=NOON - SECOND), AGREED))) == []


def test_medical_needs_a_consent_for_science() -> None:
    assert told(channels(mail(AGREED, role=Role.MSL))) == [OTHER.format("EMAIL")]
    assert told(channels(mail(replace(AGREED, purpose=SCIENTIFIC), role=Role.MSL))) == []


@pytest.mark.parametrize(
    ("channel", "pack", "unstated", "none"),
    [
        (Channel.EMAIL, GERMANY, [UNKNOWN], [MISSING]),
        (Channel.PORTAL, GERMANY, [UNKNOWN], [MISSING]),
        (Channel.VIDEO, GERMANY, [UNKNOWN], [MISSING]),
        (Channel.PHONE, GERMANY, [UNKNOWN], []),
        (Channel.POST, GERMANY, [], []),
        (Channel.IN_PERSON, GERMANY, [], []),
        (Channel.MESSENGER, GERMANY, [], []),
        (Channel.EMAIL, (("DE", "2026.1"),), [], []),
        (Channel.EMAIL, (), [], []),
    ],
)
def test_a_channel_is_used_only_with_the_consent_the_market_asks_for(
    channel: Channel, pack: Any, unstated: list[str], none: list[str]
) -> None:
    unknown = mail(channel=channel, pack_versions=pack, people=(replace(KELLER, consents=None),))

    assert told(channels(unknown)) == [line.format(channel) for line in unstated]
    assert told(channels(mail(channel=channel, pack_versions=pack))) == [
        line.format(channel) for line in none
    ]


def test_a_video_visit_is_invited_to_by_mail() -> None:
    assert told(channels(mail(AGREED, channel=Channel.VIDEO))) == []
    assert told(channels(mail(replace(AGREED, channel=Channel.VIDEO), channel=Channel.VIDEO))) == [
        MISSING.format("VIDEO")
    ]


def test_a_withdrawal_counts_where_nothing_had_to_be_asked() -> None:
    by_post = replace(AGREED, channel=Channel.POST, withdrawn_at=NOON)

    assert told(channels(mail(by_post, channel=Channel.POST))) == [WITHDRAWN.format("POST")]
    assert told(channels(mail(by_post, channel=Channel.POST, pack_versions=()))) == [WITHDRAWN.format("POST")]


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, True),
        ({"answering": True}, False),
        ({"kind": Kind.INQUIRY}, False),
        ({"kind": Kind.SAFETY_COMMUNICATION}, False),
        ({"kind": Kind.ADVERSE_EVENT}, False),
        ({"kind": Kind.INQUIRY_ANSWER}, True),
        ({"people": (MONA,)}, False),
        ({"topics": ()}, False),
    ],
)
def test_what_the_person_brings_or_the_law_makes_us_say_needs_no_consent(
    facts: dict[str, Any], asked: bool
) -> None:
    assert bool(told(channels(replace(mail(), **facts)))) is asked


def test_each_person_is_asked_in_her_own_markets() -> None:
    anna = replace(KELLER, ref="anna", markets=("AT",), consents=())
    both = {"pack_versions": (*GERMANY, *AUSTRIA), "people": (replace(KELLER, consents=()), anna)}

    assert told(channels(mail(**both))) == [
        MISSING.format("EMAIL"),
        "X R-091 consent_missing channel=EMAIL market=AT",
    ]
    placeless = (replace(KELLER, consents=()), replace(anna, markets=()))
    assert told(channels(mail(**{**both, "people": placeless}))) == [MISSING.format("EMAIL")] * 2


def test_of_somebody_whose_consents_nobody_knows_it_is_said_for_each_market_that_asks() -> None:
    both = replace(KELLER, markets=("AT", "DE"), consents=None)
    people = (both, replace(KELLER, ref="anna", consents=None))

    assert told(channels(mail(people=people, pack_versions=(*GERMANY, *AUSTRIA)))) == [
        f"? R-091 consents_unknown channel=EMAIL market={market}" for market in ("AT", "DE", "DE")
    ]


#


@pytest.mark.parametrize(
    ("person", "facts", "said"),
    [
        ({"objects_to_marketing": True}, {}, ["X R-093 objects_to_marketing"]),
        ({"objects_to_marketing": True}, {"pack_versions": ()}, ["X R-093 objects_to_marketing"]),
        ({"objects_to_marketing": False}, {}, []),
        ({}, {}, ["? R-093 objection_unknown"]),
        ({}, {"pack_versions": ()}, []),
        ({"objects_to_marketing": True}, {"role": Role.MSL}, []),
        ({"objects_to_marketing": True}, {"kind": Kind.INQUIRY}, []),
        ({"objects_to_marketing": True}, {"kind": Kind.SAFETY_COMMUNICATION}, []),
        ({"objects_to_marketing": True}, {"topics": (ADMIN,)}, []),
        ({"objects_to_marketing": True}, {"topics": (ADMIN, OPEN)}, ["X R-093 objects_to_marketing"]),
        ({"objects_to_marketing": True}, {"kind": Kind.ADVERSE_EVENT}, []),
    ],
)
def test_who_objects_to_advertising_is_left_in_peace_by_field_service(
    person: dict[str, Any], facts: dict[str, Any], said: list[str]
) -> None:
    usual = {"topics": (OPEN,), "people": (replace(KELLER, **person), MONA), "pack_versions": GERMANY}

    assert told(objection(call(**{**usual, **facts}))) == said


def test_a_training_among_ourselves_is_no_advertising() -> None:
    inside = call(OPEN, kind=Kind.INTERNAL_TRAINING, people=(replace(MONA, objects_to_marketing=True),))

    assert told(objection(inside)) == []


@pytest.mark.parametrize(
    ("person", "facts", "said"),
    [
        ({"do_not_contact": True}, {}, ["X R-094 do_not_contact"]),
        ({"do_not_contact": True}, {"pack_versions": ()}, ["X R-094 do_not_contact"]),
        ({"do_not_contact": False}, {}, []),
        ({}, {}, ["? R-094 do_not_contact_unknown"]),
        ({}, {"pack_versions": ()}, []),
        ({"do_not_contact": True}, {"kind": Kind.SAFETY_COMMUNICATION}, []),
        ({"do_not_contact": True}, {"kind": Kind.ADVERSE_EVENT}, []),
        ({"do_not_contact": True}, {"kind": Kind.INQUIRY}, ["X R-094 do_not_contact"]),
        ({"do_not_contact": True}, {"answering": True}, ["X R-094 do_not_contact"]),
    ],
)
def test_who_wants_no_contact_gets_none(
    person: dict[str, Any], facts: dict[str, Any], said: list[str]
) -> None:
    usual = {
        "people": (replace(KELLER, **person), replace(MONA, do_not_contact=True)),
        "pack_versions": GERMANY,
    }

    assert told(do_not_contact(visit(OPEN, **{**usual, **facts}))) == said


def test_everybody_there_is_asked_about() -> None:
    people = (KELLER, replace(KELLER, do_not_contact=True, objects_to_marketing=True), KELLER)

    assert told(do_not_contact(call(OPEN, people=people))) == ["X R-094 do_not_contact"]
    assert told(objection(call(OPEN, people=people))) == ["X R-093 objects_to_marketing"]


#

TO_TELL = "A R-095 !INFORM"
OVERDUE = "X R-095 not_informed"


@pytest.mark.parametrize(
    ("person", "facts", "said"),
    [
        ({"informed_at": NOON}, {}, []),
        ({"informed_at": NOON - DAY}, {}, []),
        ({"informed_at": NOON + SECOND, "known_since": NOON}, {}, [TO_TELL]),
        ({"known_since": NOON - 30 * DAY}, {}, [TO_TELL]),
        ({"known_since": NOON - 30 * DAY - SECOND}, {}, [OVERDUE]),
        ({"known_since": NOON - 30 * DAY - SECOND, "informed_at": NOON + SECOND}, {}, [OVERDUE]),
        ({"known_since": NOON - 30 * DAY - SECOND, "informed_at": NOON}, {}, []),
        ({}, {}, ["? R-095 known_since_unknown"]),
        ({}, {"pack_versions": ()}, []),
        ({"known_since": NOON - 99 * DAY}, {"pack_versions": ()}, [OVERDUE]),
        ({"known_since": NOON - 99 * DAY}, {"answering": True}, []),
        ({"known_since": NOON - 99 * DAY}, {"kind": Kind.INQUIRY_ANSWER}, []),
        ({"known_since": NOON - 99 * DAY}, {"kind": Kind.SAFETY_COMMUNICATION}, []),
        ({"known_since": NOON - 99 * DAY}, {"kind": Kind.ADVERSE_EVENT}, []),
        ({"known_since": NOON - 99 * DAY}, {"kind": Kind.INQUIRY}, [OVERDUE]),
    ],
)
def test_within_a_month_or_at_the_first_contact_we_say_what_we_keep(
    person: dict[str, Any], facts: dict[str, Any], said: list[str]
) -> None:
    usual = {"people": (replace(KELLER, **person), MONA), "pack_versions": GERMANY}

    assert told(informed(visit(OPEN, **{**usual, **facts}))) == said


def test_everybody_there_is_told() -> None:
    people = tuple(
        replace(KELLER, known_since=since, informed_at=told_at)
        for since, told_at in ((None, NOON), (NOON - 99 * DAY, None), (NOON, None))
    )

    assert told(informed(visit(OPEN, people=people))) == [OVERDUE, TO_TELL]


@pytest.mark.parametrize(
    ("act", "rule"),
    [
        (mail(), "R-091"),
        (mail(replace(AGREED, withdrawn_at=NOON)), "R-090"),
        (mail(replace(AGREED, purpose=SCIENTIFIC)), "R-092"),
        (mail(AGREED, person={"objects_to_marketing": True}), "R-093"),
        (mail(AGREED, person={"do_not_contact": True}), "R-094"),
        (mail(AGREED, person={"known_since": NOON - 99 * DAY}), "R-095"),
    ],
)
def test_what_the_person_agreed_to_counts_in_the_decision(act: Any, rule: str) -> None:
    assert rule in decide(act).rules
