"""The whole demo company in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from accounts.acting import acting_as, system
from accounts.models import Market, User
from compliance.policy import State
from msl_crm.demo import catalogue, contacts, experts, handovers, oversight, people, readiness, signing
from products.models import Use
from safety.actions import set_desk
from safety.desks import Route

SEED = 204
SIGNERS = ("lena", "murat", "felix", "sofia", "jonas", "pia", "nico", "luca")
DAYS_OF_HISTORY = 1000
Say = Callable[[str], None]


def exists() -> bool:
    """Whether a company is here already; then nothing is added."""
    with acting_as(system("look for a company")):
        return User.objects.filter(email__endswith=f"@{people.DOMAIN}").exists()


def found(now: datetime, say: Say, *, kols: int = 300) -> None:
    """Found the company: people, catalogue, experts, a year of contacts, handovers in every state."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=DAYS_OF_HISTORY)
    random = Random(SEED)
    with acting_as(system("found the demo company"), at=since):
        markets = people.markets()
        users = people.people(markets, since)
        readiness.rules(markets.values(), since)
    readiness.qualifications(users, since)
    _safety_desks(markets, users["selma"], since)
    say("people and territories")
    uses = catalogue.products(users, markets, since)
    with acting_as(users["rita"], at=today - timedelta(days=200)):
        catalogue.expectations(uses, users, today)
    readiness.before_authorisation(uses, users, today - timedelta(days=200))
    known = experts.register(
        users, markets, uses, since=since + timedelta(days=1), today=today, count=kols, random=random
    )
    experts.committees(known, users, markets, since)
    say(f"{len(known.kols)} experts, {len(known.relations)} relations")
    _history(uses, users, today, say)
    contacts.a_year(known, uses, users, today=today, now=now, random=random)
    signing.sign_the_year({key: users[key] for key in SIGNERS}, now)
    signing.afterwards(users, now)
    say("a year of contacts, signed but for the last few")
    oversight.a_quarter(users, today)
    say("a sample, and what was found")
    handovers.close_what_is_done(now - timedelta(minutes=5))


def _safety_desks(markets: dict[str, Market], officer: User, since: datetime) -> None:
    """Where reports go in each market: one desk for what is authorised, one for what is not."""
    with acting_as(officer, at=since):
        for market in markets.values():
            for route, name, box in (
                (Route.PV, "Drug safety", "drug-safety"),
                (Route.SPONSOR, "Trial safety desk", "trial-safety"),
            ):
                mailbox = f"{box}.{market.code.lower()}@{people.DOMAIN}"
                set_desk(market, route, by=officer, name=name, mailbox=mailbox, lead=officer)


def _history(uses: dict[tuple[str, str], Use], users: dict[str, User], today: datetime, say: Say) -> None:
    """What the regulators decided, and what it moved, from the oldest to the newest."""
    for at, use, state in catalogue.events(uses, today):
        catalogue.decide(use, state, at, users)
        readiness.ready_for(use, state, at, users, today)
        if state in (State.AUTHORISED, State.CONDITIONAL):
            if today - at < timedelta(days=10):
                handovers.in_full_swing(use, users, at)
            else:
                handovers.hand_over_everything(use, users, at)
            say(f"{use}: handed over")


def bulk_facts(markets: dict[str, Market]) -> dict[str, object]:
    """What a bulk load belongs to: Germany, its MSLs and lead, the product that is in review there."""
    use = Use.objects.select_related("indication__area").get(
        market=markets["DE"], indication__name="Heart failure with preserved ejection fraction"
    )
    msls = list(
        User.objects.filter(
            email__in=[f"{name}@{people.DOMAIN}" for name in ("lena.hoffmann", "murat.aydin", "felix.brandl")]
        )
        .order_by("email")
        .values_list("pk", flat=True)
    )
    lead = User.objects.get(email=f"tom.krause@{people.DOMAIN}")
    return {
        "market": markets["DE"].pk,
        "use": use.pk,
        "area": use.indication.area_id,
        "msls": msls,
        "msl_count": len(msls),
        "lead": lead.pk,
    }
