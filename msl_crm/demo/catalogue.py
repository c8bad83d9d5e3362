"""Six products in different zones, entered by Regulatory as it would have been at the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as
from accounts.models import Market, User
from compliance.policy import State
from handovers.actions import enact_entry
from products import actions
from products.models import PlanItem, Product, Theme, TherapeuticArea, Use


@dataclass(frozen=True)
class Planned:
    """An indication: its names, its themes, and per market the states with how many days ago each began."""

    name: str
    label: str
    area: str
    themes: tuple[str, ...]
    states: dict[str, tuple[tuple[State, int], ...]]
    expected_in: dict[str, int]


S = State
# Days are counted back from today: the company is always as old as its demo.
PRODUCTS: tuple[tuple[str, str, tuple[str, ...], str, tuple[Planned, ...]], ...] = (
    (
        "Cardelin", "cardelin besylate", ("LX-101",), "C09XX71",
        (
            Planned(
                "Heart failure", "Treatment of symptomatic chronic heart failure in adults with reduced ejection fraction.",
                "Heart failure", ("AURORA-HF", "Potassium", "Titration"),
                {
                    "DE": ((S.CLINICAL, 700), (S.SUBMITTED, 380), (S.AUTHORISED, 7)),
                    "CH": ((S.CLINICAL, 700), (S.SUBMITTED, 420), (S.AUTHORISED, 196)),
                }, {},
            ),
        ),
    ),
    (
        "", "lexafiban", ("LX-204",), "",
        (
            Planned(
                "Heart failure with preserved ejection fraction", "Investigational: heart failure with preserved ejection fraction.",
                "Heart failure", ("BOREAL trial", "Mechanism", "Safety profile"),
                {"DE": ((S.CLINICAL, 620), (S.SUBMITTED, 120)), "CH": ((S.CLINICAL, 620),)}, {"DE": 210, "CH": 400},
            ),
        ),
    ),
    (
        "Renavel", "renavelimab", ("NP-7",), "C10AX88",
        (
            Planned(
                "Kidney disease", "Slowing of chronic kidney disease in adults with proteinuria.",
                "Kidney disease", ("eGFR decline", "Dosing over 80", "Guideline gap"),
                {"DE": ((S.SUBMITTED, 900), (S.AUTHORISED, 560)), "CH": ((S.SUBMITTED, 900), (S.AUTHORISED, 540))}, {},
            ),
            Planned(
                "HFpEF", "Investigational second indication: heart failure with preserved ejection fraction.",
                "Heart failure", ("HORIZON trial", "Patient selection"),
                {"DE": ((S.CLINICAL, 400),), "CH": ((S.CLINICAL, 400),)}, {"DE": 520},
            ),
        ),
    ),
    (
        "Oncavir", "oncaviride", ("NP-12",), "L01XX93",
        (
            Planned(
                "Follicular lymphoma", "Relapsed or refractory follicular lymphoma in adults after two prior therapies.",
                "Lymphoma", ("Infusion reactions", "Sequencing"),
                {"DE": ((S.SUBMITTED, 640), (S.AUTHORISED, 330), (S.SUSPENDED, 55)), "CH": ((S.SUBMITTED, 600),)}, {},
            ),
        ),
    ),
    (
        "Dermilo", "dermilocept", ("NP-15",), "L04AC97",
        (
            Planned(
                "Plaque psoriasis", "Moderate to severe plaque psoriasis in adults who are candidates for systemic therapy.",
                "Psoriasis", ("Switching", "Nail involvement"),
                {"DE": ((S.SUBMITTED, 500), (S.CONDITIONAL, 150)), "CH": ((S.SUBMITTED, 500),)}, {"CH": 90},
            ),
        ),
    ),
    (
        "", "", ("NX-118",), "",
        (
            Planned(
                "Migraine prevention", "Investigational: prevention of episodic migraine in adults.",
                "Migraine", ("Phase II read-out", "Endpoints"),
                {"DE": ((S.PRECLINICAL, 500), (S.CLINICAL, 260)), "CH": ((S.CLINICAL, 260),)}, {},
            ),
        ),
    ),
)  # fmt: skip


def products(
    users: dict[str, User], markets: dict[str, Market], since: datetime
) -> dict[tuple[str, str], Use]:
    """The catalogue without its states, keyed by (product and indication, market code)."""
    uses: dict[tuple[str, str], Use] = {}
    with acting_as(users["rita"], at=since):
        for brand, inn, codes, atc, indications in PRODUCTS:
            product = actions.register_product(
                brand=brand,
                inn=inn,
                code_names=list(codes),
                atc=atc,
                holder="Nordlicht Pharma",
                by=users["rita"],
            )
            product.managers.add(users["petra"])
            for planned in indications:
                _indication(product, planned, users, markets, uses)
    return uses


def _indication(
    product: Product,
    planned: Planned,
    users: dict[str, User],
    markets: dict[str, Market],
    uses: dict[tuple[str, str], Use],
) -> None:
    area, _ = TherapeuticArea.objects.get_or_create(name=planned.area)
    indication = actions.add_indication(
        product, name=planned.name, label=planned.label, area=area, by=users["rita"]
    )
    Theme.objects.bulk_create(Theme(name=name, indication=indication) for name in planned.themes)
    if not area.themes.exists():
        Theme.objects.bulk_create(
            Theme(name=name, area=area) for name in ("Guideline gap", "Diagnosis", "Pathway")
        )
    for code in planned.states:
        uses[f"{product.name} {planned.name}", code] = actions.add_use(
            indication, markets[code], by=users["rita"]
        )


def events(uses: dict[tuple[str, str], Use], today: datetime) -> list[tuple[datetime, Use, State]]:
    """Every state of every use with its instant, in the order in which the regulators decided."""
    happened: list[tuple[datetime, Use, State]] = []
    for brand, inn, codes, _, indications in PRODUCTS:
        for planned in indications:
            for code, states in planned.states.items():
                use = uses[f"{brand or inn or codes[0]} {planned.name}", code]
                for state, days in states:
                    day = use.market.local_day(today - timedelta(days=days))
                    happened.append((use.market.start_of(day), use, state))
    return sorted(happened, key=lambda event: (event[0], str(event[1].pk)))


def decide(use: Use, state: State, at: datetime, users: dict[str, User]) -> None:
    """Rita proposes on the morning of the day, Ralf confirms half an hour later."""
    morning = at + timedelta(hours=8)
    with acting_as(users["rita"], at=morning):
        entry = actions.propose_entry(
            use, state, effective_at=at, by=users["rita"],
            evidence=f"Decision of the authority, file {use.market.code}-{at:%Y%m%d}",
        )  # fmt: skip
    with acting_as(users["ralf"], at=morning + timedelta(minutes=30)):
        enact_entry(entry, by=users["ralf"])


def expectations(uses: dict[tuple[str, str], Use], users: dict[str, User], today: datetime) -> None:
    """When decisions are expected, and the plan items on which Medical may raise what is not authorised."""
    for brand, inn, codes, _, indications in PRODUCTS:
        for planned in indications:
            for code, days in planned.expected_in.items():
                use = uses[f"{brand or inn or codes[0]} {planned.name}", code]
                actions.expect_decision(
                    use,
                    on=(today + timedelta(days=days)).date(),
                    source="Clock of the procedure",
                    by=users["rita"],
                )
    with acting_as(users["tom"], at=today - timedelta(days=200)):
        _medical_plan(uses, users["tom"], today)


def _medical_plan(uses: dict[tuple[str, str], Use], lead: User, today: datetime) -> None:
    for number, ((name, _code), use) in enumerate(sorted(uses.items(), key=lambda item: item[0]), 1):
        if name.startswith(("lexafiban", "NX-118")):
            PlanItem.objects.create(
                use=use,
                reference=f"MP-26-{number:02d}",
                purpose="Understand unmet need and endpoints with investigators and guideline authors.",
                approved_by=lead,
                during=DateTimeTZRange(today - timedelta(days=200), today + timedelta(days=165)),
            )
