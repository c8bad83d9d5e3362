"""Three hundred experts in forty institutions, and how Medical regards them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now
from accounts.models import Market, User
from kols.actions import open_relation, record_consent, record_privacy_notice, register_kol, set_science
from kols.models import KOL, Committee, Institution, Relation, Seat, StudyRole, VisitGoal
from products.models import Use

GIVEN = [
    "Miriam",
    "Emre",
    "Karl",
    "Paula",
    "Ines",
    "Rolf",
    "Anja",
    "Sam",
    "Uta",
    "Luis",
    "Franz",
    "Gesa",
    "Berit",
    "Hanna",
    "Tomas",
    "Jörg",
    "Käthe",
    "Björn",
    "Aylin",
    "Mehmet",
    "Dörte",
    "Sören",
    "Friederike",
    "Ulrich",
    "Beate",
    "Hartmut",
    "Yasemin",
    "Piotr",
    "Zofia",
    "Marek",
    "Elif",
    "Nadja",
    "Volker",
    "Ruth",
    "Konrad",
    "Lieselotte",
    "Götz",
    "Maren",
    "Henning",
    "Tabea",
    "Wiebke",
    "Ansgar",
    "Birgit",
    "Dragan",
    "Ivana",
    "Giulia",
    "Reto",
    "Urs",
    "Regula",
    "Beat",
    "Céline",
    "Étienne",
    "Nils",
    "Svenja",
    "Kerstin",
]
FAMILY = [
    "Albrecht",
    "Yilmaz",
    "Jansen",
    "Reis",
    "Brandt",
    "Fink",
    "Graf",
    "Okafor",
    "Behr",
    "Maier",
    "Thoma",
    "Sand",
    "Dahl",
    "Wolff",
    "Ruiz",
    "Müller-Lüdenscheidt",
    "Ångström",
    "Özdemir",
    "Großmann",
    "Böhme",
    "Kühn",
    "Weiß",
    "Schäfer",
    "Jäger",
    "Köhler",
    "Krüger",
    "Löffler",
    "Nößler",
    "Petrović",
    "Quast",
    "Rößler",
    "Süß",
    "Tännler",
    "Überall",
    "Vöhringer",
    "Wüthrich",
    "Zürcher",
    "Ammann",
    "Bürgi",
    "Caduff",
    "Dürrenberger",
    "Egli",
    "Füssli",
    "Gübeli",
    "Häberli",
    "Imhof",
    "Jost",
    "Käser",
    "Lüthi",
    "Möckli",
    "Nägeli",
    "Oeschger",
    "Pfäffli",
    "Rüegg",
    "Schürch",
    "Tschudi",
    "Vögeli",
    "Würsch",
    "Zäch",
    "Ehrenreich",
    "Falkenhagen",
    "Gutjahr",
    "Hollerbach",
]
TITLES = ("Prof. Dr.", "Prof. Dr. Dr. h. c.", "PD Dr.", "Dr.", "Dr.", "Dr.", "Dr. med.")
PLACES = (
    ("Nordstadt University Hospital", "Hamburg", "DE-HH"), ("Klinikum am Deich", "Bremen", "DE-HB"),
    ("Klinikum Nordsee", "Kiel", "DE-SH"), ("Klinikum Leinetal", "Hannover", "DE-NI"), ("Heart Centre Warnow", "Rostock", "DE-MV"),
    ("Spreehaus University Hospital", "Berlin", "DE-BE"), ("Klinikum Havelland", "Potsdam", "DE-BB"),
    ("Heart Centre Elbtal", "Dresden", "DE-SN"), ("Pleisse Hospital", "Leipzig", "DE-SN"), ("Klinikum Saalebogen", "Halle", "DE-ST"),
    ("Klinikum Rennsteig", "Erfurt", "DE-TH"), ("Klinikum Westring", "Essen", "DE-NW"), ("Rheinhaus Hospital", "Köln", "DE-NW"),
    ("Mainufer University Hospital", "Frankfurt", "DE-HE"), ("Klinikum Rebland", "Mainz", "DE-RP"), ("Klinikum Saartal", "Saarbrücken", "DE-SL"),
    ("Neckar University Hospital", "Stuttgart", "DE-BW"), ("Klinikum Schwarzwald", "Freiburg", "DE-BW"),
    ("Heart Centre Isartal", "München", "DE-BY"), ("Klinikum Frankenland", "Nürnberg", "DE-BY"),
)  # fmt: skip
SWISS_PLACES = (
    ("Limmat University Hospital", "Zürich", "CH-ZH"), ("Aarebogen Spital", "Bern", "CH-BE"), ("Rheinknie Spital", "Basel", "CH-BS"),
    ("Hôpital du Lac", "Genève", "CH-GE"), ("Pilatus Spital", "Luzern", "CH-LU"), ("Säntis Spital", "St. Gallen", "CH-SG"),
)  # fmt: skip
FIELDS = {
    "Cardiology": ("Cardelin Heart failure", "lexafiban Heart failure with preserved ejection fraction"),
    "Nephrology": ("Renavel Kidney disease", "Renavel HFpEF"),
    "Oncology": ("Oncavir Follicular lymphoma",),
    "Dermatology": ("Dermilo Plaque psoriasis",),
    "Neurology": ("NX-118 Migraine prevention",),
}
REASONS = (
    "Chairs the guideline group and leads two trials in the field.",
    "Publishes on endpoints; teaches the regional residents.",
    "Runs the largest outpatient cohort of the region.",
    "Investigator in one of our trials; asks precise questions.",
)
INTERESTS = (
    "eGFR cut-offs",
    "HFpEF phenotypes",
    "Teaching trainees",
    "Real-world evidence",
    "Trial design",
    "Registry data",
)


@dataclass
class Experts:
    """The experts by the MSL who answers to them."""

    kols: list[KOL] = field(default_factory=list)
    relations: list[tuple[Relation, User]] = field(default_factory=list)
    tiers: dict[object, int] = field(default_factory=dict)
    by_mail: set[object] = field(default_factory=set)


def register(
    users: dict[str, User],
    markets: dict[str, Market],
    uses: dict[tuple[str, str], Use],
    *,
    since: datetime,
    today: datetime,
    count: int,
    random: Random,
) -> Experts:
    """Experts with an institution, a tier with its reason, and a relation for each use they care about."""
    experts = Experts()
    places = {code: _institutions(code, users, since) for code in ("DE", "CH")}
    for number in range(count):
        code = "CH" if number % 5 == 4 else "DE"
        place = places[code][number // 5 % len(places[code])] if code == "CH" else random.choice(places[code])
        msl = users[_msl(place.region)]
        with acting_as(msl, at=since + timedelta(days=number % 60, hours=9)):
            kol = _expert(number, code, place, msl, markets, random, experts)
            for name in FIELDS[kol.specialty]:
                if random.random() < 0.72:
                    experts.relations.append((open_relation(kol, uses[name, code], by=msl), msl))
            _plan(kol, markets[code], experts, uses, today, random)
    return experts


def _institutions(code: str, users: dict[str, User], since: datetime) -> list[Institution]:
    with acting_as(users["tom"], at=since):
        return Institution.objects.bulk_create(
            Institution(name=name, city=city, region=region, country=code, kind="Hospital")
            for name, city, region in (PLACES if code == "DE" else SWISS_PLACES)
        )


def _msl(region: str) -> str:
    from msl_crm.demo.people import EAST, NORTH, SWISS

    return (
        "lena" if region in NORTH else "murat" if region in EAST else "sofia" if region in SWISS else "felix"
    )


def _expert(
    number: int,
    code: str,
    place: Institution,
    msl: User,
    markets: dict[str, Market],
    random: Random,
    experts: Experts,
) -> KOL:
    given, family = (
        GIVEN[number * 7 % len(GIVEN)],
        FAMILY[(number * 11 + number // len(FAMILY)) % len(FAMILY)],
    )
    specialty = random.choices(list(FIELDS), weights=(40, 25, 13, 12, 10))[0]
    kol = register_kol(
        by=msl,
        title=random.choice(TITLES),
        given_name=given,
        family_name=family,
        specialty=specialty,
        main_market=markets[code],
        institution=place,
        function=random.choice(("Head of unit", "Senior physician", "Consultant", "Head of outpatients")),
        languages=["de", "en"] if code == "DE" else random.choice((["de", "en"], ["fr", "en"])),
        email=f"{_ascii(given)}.{_ascii(family)}{number}@hospital.example",
        phone=f"+{49 if code == 'DE' else 41} 30 5551 {number:04d}",
        preferred_channel=random.choice(("IN_PERSON", "VIDEO", "PHONE", "")),
        preferred_times=random.choice(
            ("Mornings, on the ward", "After the clinic, from 16:00", "Fridays", "")
        ),
        formulary_member=number % 19 == 0,
        licence="VERIFIED",
        source="Go-live list",
    )
    record_privacy_notice(kol, by=msl, given_at=now(), text_version="2024-1", how="Letter")
    if number % 5 != 2:
        record_consent(
            kol, by=msl, channel="EMAIL", market=markets[code], given_at=now(), text_version="2024-1",
            source="FORM", evidence=f"Form {number:03d}, scanned",
        )  # fmt: skip
        experts.by_mail.add(kol.pk)
    tier = random.choices((1, 2, 3), weights=(16, 35, 49))[0]
    set_science(
        kol, tier=tier, rationale=random.choice(REASONS), by=msl, interests=random.sample(INTERESTS, 2),
        goals="Wants data early and in person." if tier == 1 else "",
    )  # fmt: skip
    experts.kols.append(kol)
    experts.tiers[kol.pk] = tier
    return kol


def _ascii(name: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    return plain.replace(" ", "").replace("-", "")


def _plan(
    kol: KOL,
    market: Market,
    experts: Experts,
    uses: dict[tuple[str, str], Use],
    today: datetime,
    random: Random,
) -> None:
    year = today.year
    VisitGoal.objects.create(
        kol=kol,
        market=market,
        starts_on=today.date().replace(month=1, day=1),
        ends_on=today.date().replace(month=12, day=31, year=year),
        visits={1: 8, 2: 4, 3: 2}[experts.tiers[kol.pk]],
    )
    if kol.specialty == "Cardiology" and experts.tiers[kol.pk] == 1:
        StudyRole.objects.create(
            kol=kol,
            use=uses["lexafiban Heart failure with preserved ejection fraction", market.code],
            trial="BOREAL-HFPEF",
            during=DateTimeTZRange(today - timedelta(days=500), None),
        )


def committees(experts: Experts, users: dict[str, User], markets: dict[str, Market], since: datetime) -> None:
    """Bodies that decide on use, each with a few seats."""
    with acting_as(users["tom"], at=since + timedelta(days=70)):
        for code, name in (
            ("DE", "Heart Failure Guideline Group"),
            ("DE", "Drug Commission North"),
            ("CH", "Swiss Formulary Board"),
        ):
            body = Committee.objects.create(
                name=name, kind="Guideline" if "Guideline" in name else "Formulary", market=markets[code]
            )
            for kol in [k for k in experts.kols if k.formulary_member][:4]:
                Seat.objects.create(
                    committee=body, kol=kol, role="Member", during=DateTimeTZRange(since, None)
                )
