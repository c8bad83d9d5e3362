"""Any act at all: every fact of every family, the rules of any market, known words and unknown gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from compliance.policy import (
    Act,
    Activity,
    Audience,
    Basis,
    Certificate,
    CertificateKind,
    Channel,
    Consent,
    ConsentPurpose,
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
    Subject,
    Topic,
    Value,
    ValueCategory,
    Zone,
)
from compliance.policy.packs import packs

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
MARKETS = ("DE", "US", "UK")
VERSIONS = [key for key in packs() if key[0] in MARKETS]

maybe = st.none() | st.booleans()
near = st.none() | st.integers(-200, 200).map(lambda days: NOON + timedelta(days=days))
markets = st.lists(st.sampled_from(MARKETS), max_size=2, unique=True).map(tuple)
documents = st.frozensets(st.sampled_from(Document), max_size=18)
refs = st.sampled_from(("novastat", "cardelin"))


def places(zones: Any) -> Any:
    one = st.builds(MarketZone, st.sampled_from(MARKETS), zones, st.none() | zones)
    return st.lists(one, min_size=1, max_size=3).map(tuple)


listed = st.sampled_from([Zone.PRE, Zone.OPEN, Zone.CLOSED])
topics = st.builds(
    Topic,
    ref=refs,
    name=st.sampled_from(("Novastat", "Cardelin")),
    product=st.sampled_from(("", "nova")),
    label=st.sampled_from(("", "7")),
    subject=st.sampled_from(Subject),
    zones=places(st.sampled_from([Zone.PRE, Zone.OPEN, Zone.CLOSED, Zone.UNLISTED])) | st.just(()),
    basis=st.none() | st.sampled_from(Basis),
    basis_before=st.none() | st.sampled_from(Basis),
    standing=st.sampled_from([Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER]),
    documents=documents,
    sibling_open=st.booleans(),
    asked_at=near,
    prompted=maybe,
    approved_preclear=st.booleans(),
    submitted=maybe,
    expected_at=near,
    first_call_from=near,
)
consents = st.builds(
    Consent, st.sampled_from(Channel), st.sampled_from(ConsentPurpose), st.sampled_from(MARKETS), near, near
)
people = st.builds(
    Person,
    ref=st.sampled_from(("keller", "anna")),
    audience=st.sampled_from(Audience),
    markets=markets,
    side=st.none() | st.sampled_from(Side),
    consents=st.none() | st.lists(consents, max_size=2).map(tuple),
    objects_to_marketing=maybe,
    do_not_contact=maybe,
    informed_at=near,
    known_since=near,
    prescriber=maybe,
    calls_this_year=st.none() | st.integers(0, 5),
)
certificates = st.builds(
    Certificate, st.sampled_from(CertificateKind), refs | st.just(""), st.sampled_from(("", "DE")), st.just("7"), near, near
)  # fmt: skip
materials = st.builds(
    Material,
    ref=st.just("m"),
    purpose=st.sampled_from(MaterialPurpose),
    status=st.sampled_from(MaterialStatus),
    valid_from=near,
    valid_to=near,
    recalled_at=near,
    quarantined_at=near,
    uses=st.lists(st.builds(MaterialUse, refs, places(listed)), max_size=2).map(tuple),
    markets=markets,
    audiences=st.just(tuple(Audience)),
    roles=st.just(tuple(Role)),
    activities=st.just(tuple(Activity)),
)
values = st.builds(
    Value, st.sampled_from(ValueCategory), st.sampled_from(("5", "500", "x")), st.sampled_from(("EUR", "USD")),
    st.sampled_from(MARKETS), st.sampled_from(("keller", "guest", "")), st.booleans(), st.none() | st.sampled_from(Side),
    maybe,
)  # fmt: skip
samples = st.builds(
    Sample, refs, st.sampled_from(("keller", "guest")), near, st.booleans(), st.sampled_from(("", "L1")), near,
    st.integers(0, 5), st.none() | st.integers(0, 5), maybe,
)  # fmt: skip


def few(things: Any) -> Any:
    return st.just(()) | st.lists(things, max_size=2).map(tuple)


acts = st.builds(
    Act,
    role=st.sampled_from(Role),
    intent=st.sampled_from(Intent),
    kind=st.sampled_from(Kind),
    channel=st.sampled_from(Channel),
    starts_at=st.just(NOON),
    ends_at=st.none() | st.just(NOON + timedelta(hours=1)),
    recorded_at=st.just(NOON + timedelta(hours=2)),
    market=st.sampled_from((*MARKETS, "")),
    topics=st.lists(topics, min_size=1, max_size=3).map(tuple),
    people=st.lists(people, min_size=1, max_size=3).map(tuple),
    packs=st.just(frozenset(MARKETS)) | st.frozensets(st.sampled_from(MARKETS)),
    pack_versions=st.lists(st.sampled_from(VERSIONS), max_size=3, unique_by=lambda key: key[0]).map(tuple),
    documents=documents,
    late_reason=st.booleans(),
    attending=st.booleans(),
    third_party_congress=st.booleans(),
    certificates=st.none() | few(certificates),
    former=few(refs),
    materials=st.none() | few(materials),
    values=few(values),
    samples=few(samples),
    introduction=st.booleans(),
    answering=st.booleans(),
    manager_reason=st.booleans(),
    moved_from=near,
    moved_across=maybe,
    change_reason=st.booleans(),
    date_approved=st.booleans(),
    other_side_that_day=st.booleans(),
)


def in_zone(act: Act, zone: Zone) -> Act:
    """The same act with every topic about a use that is in that zone wherever it counts."""
    where = tuple(MarketZone(market, zone) for market in MARKETS)
    return replace(act, topics=tuple(replace(t, subject=Subject.USE, zones=where) for t in act.topics))
