"""From what a door hands over and what the database knows to the facts the policy judges.

Everything is read as of the event (R-065): whose relation it was, where a use stood, what was signed by
then. The instant of writing it down adds duties, never permission. Nothing here decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import AbsenceCover, Market, User
from compliance import packs, policy
from compliance.policy import (
    Audience,
    Basis,
    Channel,
    Document,
    Intent,
    Kind,
    Role,
    Side,
    Standing,
    Subject,
)
from compliance.policy.topics import markets as applicable_markets
from compliance.policy.topics import number
from interactions import evidence, materials, then
from interactions.changes import NONE, Changes
from interactions.contacts import Known, known_of
from interactions.handed import NOTHING, Given, sample_facts, value_facts
from interactions.lifecycle import Lifecycle
from interactions.models import Interaction
from interactions.skills import skills_of
from kols.models import KOL, Ownership, Practice, ScientificContact
from products.models import Product, Theme, TherapeuticArea, Use
from products.supposing import Supposed

STRICTNESS = (Standing.OWNER, Standing.SCIENTIFIC_CONTACT, Standing.NON_OWNER)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One thing that was, or is to be, talked about, as a door hands it over.

    `documents` is evidence by code, such as `{Document.REQ: {"question": "…", "asked_at": "…"}}`.
    """

    subject: Subject
    use: Use | None = None
    product: Product | None = None
    area: TherapeuticArea | None = None
    basis: Basis | None = None
    themes: tuple[Theme, ...] = ()
    shared: str = ""
    heard: str = ""
    documents: Mapping[Document, Mapping[str, object]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a refusal calls it."""
        return str(self.use.indication) if self.use else str(self.product or self.area or "")

    @property
    def product_ref(self) -> str:
        """The id of the product, as the boundary knows it."""
        return str(self.use.indication.product_id if self.use else self.product.pk if self.product else "")

    @property
    def key(self) -> tuple[str, UUID | None]:
        """What it is about; two topics of one record never share it."""
        about = self.use or self.product or self.area
        return str(self.subject), about.pk if about else None


@dataclass(frozen=True, kw_only=True)
class Present:
    """Somebody who is or was there: a KOL, a colleague, or a person who is only named."""

    kol: KOL | None = None
    colleague: User | None = None
    name: str = ""
    function: str = ""
    audience: Audience = Audience.PROFESSIONAL
    main: bool = False

    @property
    def key(self) -> tuple[UUID | None, UUID | None, str]:
        return self.kol.pk if self.kol else None, self.colleague.pk if self.colleague else None, self.name


@dataclass(frozen=True, kw_only=True)
class Event:
    """When, where and how; `market` is that of the place, instants are aware."""

    kind: Kind
    channel: Channel
    starts_at: datetime
    ends_at: datetime
    market: Market
    late_reason: str = ""

    @property
    def during(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.starts_at, self.ends_at, "[]")


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The act, and what was learned on the way: accepted evidence and the relations it touches."""

    act: policy.Act
    accepted: tuple[dict[Document, dict[str, object]], ...]
    relations: dict[tuple[UUID, UUID], UUID]
    market_names: dict[str, str]


def gather(
    *,
    by: User,
    role: Role,
    intent: Intent,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    given: Given = NOTHING,
    before: Interaction | None = None,
    changed: Changes = NONE,
    known_at: datetime | None = None,
    supposed: Supposed | None = None,
) -> Gathered:
    """The facts of an act as they stood when it takes or took place.

    A Medical person without any relation to the experts there speaks as a scientific contact does; where
    a relation exists, only its owner, cover or contact of that instant counts (R-049). `before` is the
    record that is being changed, which does not count against itself. With `known_at`, lifecycle, owners,
    training, consents, requests and rules are those that were known at that instant; materials, studies and
    plan items are those of today. With `supposed`, an entry counts that nobody has confirmed.
    """
    kols = [present.kol for present in people if present.kol is not None]
    side, left_out = policy.side_of(role), before.pk if before else None
    known = known_of(kols, event.starts_at, side, left_out=left_out)
    if known_at is not None:
        known = then.wishes(known, kols, event.starts_at, side, known_at)
    codes = {m.pk: m for m in Market.objects.annotate(pack=packs.in_force(event.starts_at, known_at))}
    versions = {market.code: market.pack for market in codes.values() if market.active and market.pack}
    act = policy.Act(
        role=role,
        intent=intent,
        kind=event.kind,
        channel=event.channel,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        recorded_at=now(),
        market=event.market.code,
        people=tuple(_people(people, codes, known)),
        packs=frozenset(versions),
        late_reason=bool(event.late_reason.strip()),
        values=tuple(value_facts(given, event, intent, side)),
        samples=tuple(sample_facts(given, event, known)),
        moved_from=changed.first_start,
        change_reason=changed.reasoned,
    )
    places = applicable_markets(act)
    act = replace(act, pack_versions=tuple((code, versions[code]) for code in places if code in versions))
    there = [market for market in codes.values() if market.code in places]
    named = materials.named(by, topics)
    lifecycle = Lifecycle(
        topics, [market.pk for market in there], event, named.indications, known_at, supposed
    )
    skills = skills_of(by, side, event, topics, kols, days=number(act, "PP-06 cooling_off_days"))
    if known_at is not None:
        uses = [topic.use.pk for topic in topics if topic.use is not None]
        skills = then.skills(skills, by, event.starts_at, known_at, uses)
    standing = _standings(by, role, event, topics, kols, known_at)
    if supposed is not None and not supposed.is_open(supposed.at):
        # What field service owns of a use that closes comes back in the same transaction.
        standing.owned = {one for one in standing.owned if one[1] != supposed.use.pk}
    prompted = evidence.prompted(
        by=by, side=side, event=event, topics=topics, kols=kols, left_out=left_out,
        days=number(act, "PP-21 prompted_question_days"), known_at=known_at,
    )  # fmt: skip
    checked = evidence.checked(event=event, topics=topics, kols=kols, people=people, named=named)
    judged, accepted = [], []
    for topic, (basis, documents) in zip(topics, checked, strict=True):
        judged.append(
            policy.Topic(
                ref=str(topic.key[1] or ""),
                name=topic.name,
                subject=topic.subject,
                zones=tuple(lifecycle.zones(topic, there)),
                basis=basis,
                standing=standing.of(topic),
                documents=frozenset(documents),
                sibling_open=lifecycle.sibling_open(topic),
                product=topic.product_ref,
                label=skills.label(topic),
                **lifecycle.asked_for(topic),
                first_call_from=skills.first_call(topic, number(act, "PP-07 first_call_after_business_days")),
                asked_at=evidence.asked_at(documents, event),
                prompted=evidence.was_prompted(topic, prompted),
                basis_before=changed.first_bases.get(topic.key[1]) if topic.key[1] else None,
            )
        )
        accepted.append(documents)
    if changed.first_start is not None:
        across = _crosses(changed.first_start, by, role, event, topics, kols, lifecycle, standing)
        act = replace(act, moved_across=across)
    answers = [topic.basis is Basis.UNSOLICITED_REQUEST for topic in judged if topic.subject != Subject.ADMIN]
    return Gathered(
        act=replace(
            act,
            topics=tuple(judged),
            certificates=skills.certificates,
            former=skills.former,
            other_side_that_day=skills.both_sides,
            materials=named.facts(event.starts_at, lifecycle, there, supposed),
            answering=event.channel == Channel.EMAIL and bool(answers) and all(answers),
        ),
        accepted=tuple(accepted),
        relations=standing.relations,
        market_names={market.code: market.name for market in there},
    )


def _crosses(
    first: datetime,
    by: User,
    role: Role,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
    lifecycle: Lifecycle,
    standing: _Standings,
) -> bool:
    """Whether a zone or an owner changed between the instant first saved and this one (R-069)."""
    then = replace(event, starts_at=first, ends_at=first + (event.ends_at - event.starts_at))
    markets = list({use.market_id: use.market for use in lifecycle.uses}.values())
    before = Lifecycle(topics, [market.pk for market in markets], then)
    was = _standings(by, role, then, topics, kols)
    return any(
        tuple(before.zones(topic, markets)) != tuple(lifecycle.zones(topic, markets))
        or was.of(topic) != standing.of(topic)
        for topic in topics
    )


def _people(
    people: Iterable[Present], markets: Mapping[UUID, Market], known: Mapping[UUID, Known]
) -> Iterable[policy.Person]:
    kols = [present.kol.pk for present in people if present.kol is not None]
    practices: dict[UUID, list[str]] = {}
    for kol, market in (
        Practice.objects.filter(kol__in=kols).values_list("kol_id", "market_id") if kols else ()
    ):
        practices.setdefault(kol, []).append(markets[market].code)
    for present in people:
        if present.colleague is not None:
            side = present.colleague.side
            yield policy.Person(ref=str(present.colleague.pk), audience=Audience.INTERNAL, side=side)
        elif present.kol is not None:
            found = tuple(sorted(practices.get(present.kol.pk, [])))
            more = known[present.kol.pk].facts if present.kol.pk in known else {}
            yield policy.Person(ref=str(present.kol.pk), audience=present.audience, markets=found, **more)
        else:
            yield policy.Person(ref=present.name, audience=present.audience)


@dataclass(kw_only=True)
class _Standings:
    """Who the person is to the experts there, topic by topic."""

    side: Side
    kols: frozenset[UUID]
    relations: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)
    by_use: dict[UUID, Standing] = field(default_factory=dict)
    owned: set[tuple[UUID, UUID, UUID | None]] = field(default_factory=set)

    def of(self, topic: Spoken) -> Standing:
        if self.side is Side.MEDICAL:
            use = topic.use.pk if topic.use else None
            return self.by_use.get(use, Standing.SCIENTIFIC_CONTACT) if use else Standing.OWNER
        if self.side is not Side.COMMERCIAL:
            return Standing.NON_OWNER
        match topic.subject:
            case Subject.USE:
                with_whom = {
                    kol for kol, use, _ in self.owned if topic.use is not None and use == topic.use.pk
                }
            case Subject.DISEASE:
                with_whom = {
                    kol for kol, _, area in self.owned if topic.area is not None and area == topic.area.pk
                }
            case Subject.ADMIN:
                with_whom = {kol for kol, _, _ in self.owned}
            case _:
                with_whom = set()
        return Standing.OWNER if self.kols and self.kols <= with_whom else Standing.NON_OWNER


def _standings(
    by: User,
    role: Role,
    event: Event,
    topics: Sequence[Spoken],
    kols: Sequence[KOL],
    known_at: datetime | None = None,
) -> _Standings:
    found = _Standings(side=policy.side_of(role), kols=frozenset(kol.pk for kol in kols))
    uses = {topic.use.pk for topic in topics if topic.use is not None}
    if not kols:
        return found
    if found.side is Side.MEDICAL and uses:
        _medical_standings(found, by, event, uses, known_at)
    elif found.side is Side.COMMERCIAL:
        _commercial_standings(found, by, event, known_at)
    return found


def _medical_standings(
    found: _Standings, by: User, event: Event, uses: set[UUID], known_at: datetime | None
) -> None:
    if known_at is None:
        rows = list(
            Ownership.objects.current(event.starts_at)
            .filter(relation__kol__in=found.kols, relation__use__in=uses)
            .values_list("relation_id", "relation__kol_id", "relation__use_id", "owner_id")
        )
    else:
        past = then.owners(found.kols, event.starts_at, event.starts_at, known_at)
        rows = [(one.relation, one.kol, one.use, one.owner) for one in past if one.use in uses]
    others = {row[0] for row in rows if row[3] != by.pk}
    contacts: set[UUID] = set()
    absent: set[UUID] = set()
    if others:
        contacts = set(
            ScientificContact.objects.filter(
                msl=by, relation__in=others, during__contains=event.starts_at
            ).values_list("relation_id", flat=True)
        )
        absent = _covered(by, event.starts_at)
    for relation, kol, use, owner in rows:
        found.relations[kol, use] = relation
        if owner == by.pk or owner in absent:
            standing = Standing.OWNER
        else:
            standing = Standing.SCIENTIFIC_CONTACT if relation in contacts else Standing.NON_OWNER
        weaker = max(found.by_use.get(use, Standing.OWNER), standing, key=STRICTNESS.index)
        found.by_use[use] = weaker


def _commercial_standings(found: _Standings, by: User, event: Event, known_at: datetime | None) -> None:
    """Only rows of field service count, and only her own or those she covers (decision 12)."""
    absent = _covered(by, event.starts_at)
    if known_at is not None:
        past = then.owners(found.kols, event.starts_at, event.ends_at, known_at)
        mine = {by.pk, *absent}
        found.owned = {
            (one.kol, one.use, one.area) for one in past if one.side == Side.COMMERCIAL and one.owner in mine
        }
        return
    owned = Ownership.objects.of_field().filter(
        owner__in={by.pk, *absent}, relation__kol__in=found.kols, during__contains=event.during
    )
    columns = ("relation__kol_id", "relation__use_id", "relation__use__indication__area_id")
    if absent:
        # A colleague's rows are not hers to see; that she covers them on that day is all she learns.
        with acting_as(system("look up absence cover", by=by)):
            found.owned = set(owned.values_list(*columns))
    else:
        found.owned = set(owned.values_list(*columns))


def _covered(by: User, at: datetime) -> set[UUID]:
    return set(AbsenceCover.objects.filter(cover=by, during__contains=at).values_list("absent_id", flat=True))
