"""Rules G: consent, objection, and that the person was told (R-090 to R-095)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from .facts import Act, Person
from .packs import pack_of
from .rulings import Ruling, denied, duty, unknown
from .things import Consent, ConsentPurpose
from .topics import NOT_DETAILING, activities, contacts, demanding, markets, number, side
from .words import Activity, Channel, Duty, Kind, Side

# A pack has a third word, "presumed": nothing to show, but to be looked up.
OPT_IN, OPT_OUT = "opt-in", "opt-out"
# What the person brings to us, or what the law makes us say.
NEEDS_NO_CONSENT = frozenset(
    {Activity.INQUIRY_REFERRAL, Activity.ADVERSE_EVENT, Activity.SAFETY_COMMUNICATION}
)
MANDATED = frozenset({Activity.ADVERSE_EVENT, Activity.SAFETY_COMMUNICATION})


def purpose(act: Act) -> ConsentPurpose:
    """What the person is addressed for: field service promotes, everybody else does not."""
    return ConsentPurpose.PROMOTIONAL if side(act) is Side.COMMERCIAL else ConsentPurpose.SCIENTIFIC


def channels(act: Act) -> Iterator[Ruling]:
    """R-090 to R-092: on a channel only with the consent the market asks for, given for this purpose."""
    if act.answering or not activities(act) - NEEDS_NO_CONSENT:
        return
    for person in contacts(act):
        for market in markets(act):
            if person.markets and market not in person.markets:
                continue
            yield from _channel(act, person, market)


def _channel(act: Act, person: Person, market: str) -> Iterator[Ruling]:
    pack = pack_of(act, market)
    asked = pack.consent.get(_channel_of_consent(act.channel), "")
    names = {"channel": str(act.channel), "market": market}
    if person.consents is None:
        if asked and asked != OPT_OUT:
            yield unknown("consents_unknown", "R-091", **names)
        return
    of_channel = [each for each in person.consents if _fits(each, act, market)]
    own = [each for each in of_channel if each.purpose == purpose(act)]
    if any(_holds(each, act) for each in own):
        return
    if any(each.withdrawn_at is not None and each.withdrawn_at <= act.starts_at for each in own):
        yield denied("R-090", "consent_withdrawn", **names)
    elif asked == OPT_IN:
        other = any(_holds(each, act) for each in of_channel)
        yield (
            denied("R-092", "consent_of_other_purpose", **names)
            if other
            else denied("R-091", "consent_missing", **names)
        )


def _channel_of_consent(channel: Channel) -> str:
    """A video visit is invited to by mail, and follows its consent (PP-19)."""
    return str(Channel.EMAIL if channel == Channel.VIDEO else channel)


def _fits(consent: Consent, act: Act, market: str) -> bool:
    return str(consent.channel) == _channel_of_consent(act.channel) and consent.market == market


def _holds(consent: Consent, act: Act) -> bool:
    given, withdrawn = consent.given_at, consent.withdrawn_at
    in_time = given is not None and given <= act.starts_at
    return in_time and (withdrawn is None or act.starts_at < withdrawn)


def objection(act: Act) -> Iterator[Ruling]:
    """R-093: who objects to advertising is left in peace by field service, at once."""
    if side(act) is not Side.COMMERCIAL or not activities(act) - NOT_DETAILING:
        return
    for person in contacts(act):
        if person.objects_to_marketing:
            yield denied("R-093", "objects_to_marketing")
        elif person.objects_to_marketing is None and demanding(act, "objections"):
            yield unknown("objection_unknown", "R-093")


def do_not_contact(act: Act) -> Iterator[Ruling]:
    """R-094: who wants no contact gets none, but for safety and what the law makes us say."""
    if not activities(act) - MANDATED:
        return
    for person in contacts(act):
        if person.do_not_contact:
            yield denied("R-094", "do_not_contact")
        elif person.do_not_contact is None and demanding(act, "do_not_contact"):
            yield unknown("do_not_contact_unknown", "R-094")


def informed(act: Act) -> Iterator[Ruling]:
    """R-095: within a month of knowing a person, or at the first contact, we say so; overdue, nothing else."""
    if act.answering or not activities(act) - MANDATED or act.kind == Kind.INQUIRY_ANSWER:
        return
    for person in contacts(act):
        if person.informed_at is not None and person.informed_at <= act.starts_at:
            continue
        if person.known_since is None:
            if demanding(act, "informed"):
                yield unknown("known_since_unknown", "R-095")
        elif act.starts_at - person.known_since > timedelta(days=number(act, "R-095 inform_days")):
            yield denied("R-095", "not_informed")
        else:
            yield duty("R-095", Duty.INFORM)
