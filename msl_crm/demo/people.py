"""Markets, territories, and the people of Nordlicht Pharma."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Appointment, Custodian, Market, Post, Territory, TerritoryRegion, User
from compliance.policy import Role, Side, side_of

PASSWORD = "nordlicht-demo-2026"  # noqa: S105 - the demo's sign-in, printed by `dev.py up`
DOMAIN = "nordlicht.example"


@dataclass(frozen=True)
class Person:
    key: str
    given: str
    family: str
    role: Role
    markets: tuple[str, ...]
    territory: str = ""
    leads: bool = False


PEOPLE = (
    Person("lena", "Lena", "Hoffmann", Role.MSL, ("DE",), "Medical North"),
    Person("murat", "Murat", "Aydin", Role.MSL, ("DE",), "Medical East"),
    Person("felix", "Felix", "Brandl", Role.MSL, ("DE",), "Medical South-West"),
    Person("sofia", "Sofia", "Richter", Role.MSL, ("CH",), "Medical Switzerland"),
    Person("tom", "Tom", "Krause", Role.MSL_LEAD, ("DE", "CH"), "Medical Germany", True),
    Person("jonas", "Jonas", "Weber", Role.FIELD_SERVICE, ("DE",), "Field North"),
    Person("pia", "Pia", "Roth", Role.FIELD_SERVICE, ("DE",), "Field East"),
    Person("nico", "Nico", "Stein", Role.FIELD_SERVICE, ("DE",), "Field South-West"),
    Person("luca", "Luca", "Meier", Role.FIELD_SERVICE, ("CH",), "Field Switzerland"),
    Person("vera", "Vera", "Lang", Role.FIELD_LEAD, ("DE", "CH"), "Field Germany", True),
    Person("petra", "Petra", "Vogt", Role.PRODUCT_MANAGER, ("DE", "CH")),
    Person("rita", "Rita", "Sommer", Role.REGULATORY, ("DE", "CH")),
    Person("ralf", "Ralf", "Winter", Role.REGULATORY, ("DE", "CH")),
    Person("clara", "Clara", "Neumann", Role.COMPLIANCE, ("DE", "CH")),
    Person("ada", "Ada", "Fischer", Role.AUDITOR, ("DE", "CH")),
    Person("paul", "Paul", "Engel", Role.PRIVACY, ("DE", "CH")),
    Person("selma", "Selma", "Haas", Role.SAFETY, ("DE", "CH")),
    Person("ines", "Ines", "Fuchs", Role.MEDICAL_INFORMATION, ("DE", "CH")),
    Person("karl", "Karl", "Jansen", Role.CLINICAL_RESEARCH, ("DE", "CH")),
    Person("maja", "Maja", "Kunz", Role.MARKET_ACCESS, ("DE", "CH")),
    Person("anton", "Anton", "Albers", Role.ADMIN, ("DE", "CH")),
    Person("katrin", "Katrin", "Busch", Role.COMPLIANCE, ("DE", "CH")),
)
MARKETS = (("DE", "Germany", "Europe/Berlin"), ("CH", "Switzerland", "Europe/Zurich"))
NORTH = ("DE-SH", "DE-HH", "DE-HB", "DE-NI", "DE-MV")
EAST = ("DE-BE", "DE-BB", "DE-SN", "DE-ST", "DE-TH")
SOUTH_WEST = ("DE-NW", "DE-HE", "DE-RP", "DE-SL", "DE-BW", "DE-BY")
SWISS = ("CH-ZH", "CH-BE", "CH-BS", "CH-GE", "CH-LU", "CH-SG", "CH-VD")
# name, side, market, parent, regions
TERRITORIES = (
    ("Medical Germany", Side.MEDICAL, "DE", "", ()),
    ("Medical North", Side.MEDICAL, "DE", "Medical Germany", NORTH),
    ("Medical East", Side.MEDICAL, "DE", "Medical Germany", EAST),
    ("Medical South-West", Side.MEDICAL, "DE", "Medical Germany", SOUTH_WEST),
    ("Medical Switzerland", Side.MEDICAL, "CH", "", SWISS),
    ("Field Germany", Side.COMMERCIAL, "DE", "", ()),
    ("Field North", Side.COMMERCIAL, "DE", "Field Germany", NORTH),
    ("Field East", Side.COMMERCIAL, "DE", "Field Germany", EAST),
    ("Field South-West", Side.COMMERCIAL, "DE", "Field Germany", SOUTH_WEST),
    ("Field Switzerland", Side.COMMERCIAL, "CH", "", SWISS),
)


def markets() -> dict[str, Market]:
    """Germany and Switzerland, each with its zone and calendar."""
    return {
        code: Market.objects.create(code=code, name=name, zone=zone, calendar=code)
        for code, name, zone in MARKETS
    }


def people(in_markets: dict[str, Market], since: datetime) -> dict[str, User]:
    """Everybody with one appointment since the company began, and a post where the role works in the field."""
    ever = DateTimeTZRange(since, None)
    password = make_password(PASSWORD)
    users = {
        person.key: User(
            email=f"{person.given}.{person.family}@{DOMAIN}".lower(),
            given_name=person.given,
            family_name=person.family,
            role=person.role,
            password=password,
            phone=f"+49 40 5550 {number:03d}",
            time_zone="Europe/Zurich" if person.markets == ("CH",) else "Europe/Berlin",
            is_staff=person.role == Role.ADMIN,
        )
        for number, person in enumerate(PEOPLE, 101)
    }
    User.objects.bulk_create(users.values())
    # An auditor is let in for a time; the company is founded a thousand days before today.
    for_now = DateTimeTZRange(since + timedelta(days=970), since + timedelta(days=1060))
    for person in PEOPLE:
        appointment = Appointment.objects.create(
            user=users[person.key],
            role=person.role,
            side=side_of(person.role),
            during=for_now if person.role == Role.AUDITOR else ever,
            recorded_at=since,
        )
        appointment.markets.set([in_markets[code] for code in person.markets])
    territories = _territories(in_markets, ever)
    for person in PEOPLE:
        if person.territory:
            Post.objects.create(
                user=users[person.key],
                territory=territories[person.territory],
                leads=person.leads,
                during=ever,
            )
    for key, name in (("tom", "Medical Switzerland"), ("vera", "Field Switzerland")):
        Post.objects.create(user=users[key], territory=territories[name], leads=True, during=ever)
    for market in in_markets.values():
        Custodian.objects.create(user=users["tom"], market=market, during=ever)
    return users


def _territories(in_markets: dict[str, Market], ever: DateTimeTZRange) -> dict[str, Territory]:
    made: dict[str, Territory] = {}
    for name, side, code, parent, regions in TERRITORIES:
        made[name] = Territory.objects.create(
            side=side, market=in_markets[code], parent=made.get(parent), name=name
        )
        TerritoryRegion.objects.bulk_create(
            TerritoryRegion(territory=made[name], region=region, during=ever) for region in regions
        )
    return made
