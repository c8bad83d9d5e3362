"""The cast: people we know, with the same names in every test.

Mara is the MSL who answers to Professor Keller for Novastat; Lena leads her. Felix works in field service,
Frieda leads him, Otto is somebody else there. Clara is Compliance, Rita and Ralf are Regulatory.
Tests run as the web role, with its rights and no others; the clock is the real one unless a test sets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import translation

from accounts.acting import acting_as, now, system
from accounts.models import Appointment, Custodian, Market, Post, Territory, TerritoryRegion, User
from compliance.packs import open_with
from compliance.policy import Role, Side, State
from kols.actions import open_relation, register_kol
from kols.models import KOL, Institution, PrivacyNotice, Relation
from products.actions import propose_entry
from products.models import Indication, LifecycleEntry, Product, Theme, TherapeuticArea, Use
from tests import template

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
EVER = DateTimeTZRange(SINCE, None)

CAST: dict[str, tuple[str, str, Role, tuple[str, ...]]] = {
    "mara": ("Mara", "Lindqvist", Role.MSL, ("DE",)),
    "moritz": ("Moritz", "Behrens", Role.MSL, ("DE",)),
    "lena": ("Lena", "Hoffmann", Role.MSL_LEAD, ("DE",)),
    "felix": ("Felix", "Brandt", Role.FIELD_SERVICE, ("DE",)),
    "otto": ("Otto", "Unger", Role.FIELD_SERVICE, ("DE",)),
    "frieda": ("Frieda", "Kern", Role.FIELD_LEAD, ("DE",)),
    "petra": ("Petra", "Vogt", Role.PRODUCT_MANAGER, ("DE",)),
    "clara": ("Clara", "Neumann", Role.COMPLIANCE, ("DE", "CH")),
    "rita": ("Rita", "Sommer", Role.REGULATORY, ("DE", "CH")),
    "ralf": ("Ralf", "Winter", Role.REGULATORY, ("DE", "CH")),
    "sofia": ("Sofia", "Marin", Role.SAFETY, ("DE", "CH")),
    "anton": ("Anton", "Albers", Role.ADMIN, ("DE", "CH")),
}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Test databases are copies of one that is migrated already."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(autouse=True)
def _as_the_web_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test that touches the database does so with the rights of the web role."""
    marker = request.node.get_closest_marker("django_db")
    transactional = "transactional_db" in request.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )
    if not (transactional or marker or "db" in request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db" if transactional else "db")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE crm_web")
    yield
    if transactional:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Each test begins in English, whatever language a browser of the one before spoke."""
    with translation.override("en-gb"):
        yield


@pytest.fixture
def as_owner() -> None:
    """The owner role for the statements of one test: what migrations and restores may do."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def company(db: None) -> SimpleNamespace:
    """Two markets, two trees in Germany, and the whole cast in its roles since 2024."""
    with acting_as(system("set the stage")):
        germany, switzerland = Market.objects.bulk_create(
            [
                Market(code="DE", name="Germany", zone="Europe/Berlin", calendar="DE"),
                Market(code="CH", name="Switzerland", zone="Europe/Zurich", calendar="CH"),
            ]
        )
        markets = {"DE": germany, "CH": switzerland}
        for market in markets.values():
            open_with(market, "2026.1", SINCE)
        people = {
            key: User(email=f"{key}@example.org", given_name=given, family_name=family, role=role)
            for key, (given, family, role, _) in CAST.items()
        }
        password = make_password("correct horse battery")
        for person in people.values():
            person.password = password
        User.objects.bulk_create(people.values())
        posts = {
            key: Appointment(user=people[key], role=role, side=_side(role), during=EVER, recorded_at=SINCE)
            for key, (_, _, role, _) in CAST.items()
        }
        Appointment.objects.bulk_create(posts.values())
        Appointment.markets.through.objects.bulk_create(
            Appointment.markets.through(appointment=posts[key], market=markets[code])
            for key, (_, _, _, codes) in CAST.items()
            for code in codes
        )
        Custodian.objects.create(user=people["lena"], market=germany, during=EVER)
        medical, commercial = Territory.objects.bulk_create(
            [
                Territory(side=Side.MEDICAL, market=germany, name="Germany, Medical"),
                Territory(side=Side.COMMERCIAL, market=germany, name="Germany, Field service"),
            ]
        )
        north = Territory.objects.create(
            side=Side.COMMERCIAL, market=germany, parent=commercial, name="North"
        )
        south = Territory.objects.create(
            side=Side.COMMERCIAL, market=germany, parent=commercial, name="South"
        )
        TerritoryRegion.objects.bulk_create(
            [
                TerritoryRegion(territory=medical, region="DE", during=EVER),
                TerritoryRegion(territory=north, region="DE-HH", during=EVER),
                TerritoryRegion(territory=south, region="DE-BY", during=EVER),
            ]
        )
        Post.objects.bulk_create(
            [
                Post(user=people["lena"], territory=medical, leads=True, during=EVER),
                Post(user=people["mara"], territory=medical, during=EVER),
                Post(user=people["moritz"], territory=medical, during=EVER),
                Post(user=people["frieda"], territory=commercial, leads=True, during=EVER),
                Post(user=people["felix"], territory=north, during=EVER),
                Post(user=people["otto"], territory=south, during=EVER),
            ]
        )
    return SimpleNamespace(
        germany=germany,
        switzerland=switzerland,
        medical=medical,
        commercial=commercial,
        north=north,
        south=south,
        **people,
    )


def _side(role: Role) -> Side:
    from compliance.policy import side_of

    return side_of(role)


def _member(name: str) -> Any:
    def member(company: SimpleNamespace) -> Any:
        return getattr(company, name)

    member.__name__ = name
    return pytest.fixture(member)


for _name in (*CAST, "germany", "switzerland"):
    globals()[_name] = _member(_name)


@pytest.fixture
def novastat(company: SimpleNamespace) -> Product:
    """A product of ours with one indication in development; Petra manages it."""
    with acting_as(system("set the stage"), at=SINCE):
        product = Product.objects.create(
            inn="novastatin", brand="Novastat", code_names=["LX-204"], atc="C10AA99", created_at=SINCE
        )
        product.managers.add(company.petra)
    return product


@pytest.fixture
def heart_failure(novastat: Product) -> Indication:
    with acting_as(system("set the stage"), at=SINCE):
        area = TherapeuticArea.objects.create(name="Heart failure")
        indication = Indication.objects.create(
            product=novastat, name="Heart failure", label="Chronic heart failure in adults.", area=area
        )
        Theme.objects.create(name="Mechanism", indication=indication)
        Theme.objects.create(name="Guideline gap", area=area)
    return indication


@pytest.fixture
def novastat_hf(company: SimpleNamespace, heart_failure: Indication) -> Use:
    """Novastat for heart failure in Germany: submitted since 2024, not authorised."""
    with acting_as(system("set the stage"), at=SINCE):
        use = Use.objects.create(indication=heart_failure, market=company.germany, created_at=SINCE)
        LifecycleEntry.objects.create(
            use=use,
            state=State.SUBMITTED,
            effective_at=SINCE,
            evidence="Letter of validation",
            proposed_by=company.rita,
            recorded_at=SINCE,
            confirmed_by=company.ralf,
            confirmed_at=SINCE,
        )
    return use


@pytest.fixture
def hospital(company: SimpleNamespace) -> Institution:
    with acting_as(system("set the stage"), at=SINCE):
        return Institution.objects.create(
            name="Nordstadt University Hospital", city="Hamburg", region="DE-HH", country="DE"
        )


@pytest.fixture
def keller(company: SimpleNamespace, hospital: Institution) -> KOL:
    """Professor Keller, heart failure unit in Hamburg. She was told that we keep data about her."""
    with acting_as(company.mara, at=SINCE):
        kol = register_kol(
            by=company.mara,
            title="Prof. Dr.",
            given_name="Miriam",
            family_name="Keller",
            specialty="Cardiology",
            main_market=company.germany,
            institution=hospital,
            function="Head of heart failure unit",
        )
        PrivacyNotice.objects.create(
            kol=kol, side=Side.MEDICAL, given_at=SINCE, text_version="1", how="Letter",
            recorded_by=company.mara, recorded_at=SINCE,
        )  # fmt: skip
    return kol


@pytest.fixture
def relation(company: SimpleNamespace, keller: KOL, novastat_hf: Use) -> Relation:
    """Mara answers to Professor Keller for Novastat since 2024."""
    with acting_as(company.mara, at=SINCE):
        return open_relation(keller, novastat_hf, by=company.mara)


@pytest.fixture
def enter(company: SimpleNamespace) -> Callable[..., LifecycleEntry]:
    """Record a state of a use as Regulatory does: Rita proposes, Ralf confirms."""

    def enter(use: Use, state: State, *, at: datetime | None = None, recorded_at: datetime | None = None,
              promotable_from: datetime | None = None) -> LifecycleEntry:  # fmt: skip
        from handovers.actions import enact_entry

        with acting_as(company.rita, at=recorded_at):
            entry = propose_entry(
                use,
                state,
                effective_at=at or now(),
                promotable_from=promotable_from,
                evidence="Decision",
                by=company.rita,
            )
        with acting_as(company.ralf, at=recorded_at):
            return enact_entry(entry, by=company.ralf)

    return enter


@pytest.fixture
def authorise(enter: Callable[..., LifecycleEntry]) -> Callable[..., LifecycleEntry]:
    """Authorise a use, an hour ago unless told when."""

    def authorise(use: Use, *, at: datetime | None = None, **facts: Any) -> LifecycleEntry:
        return enter(use, State.AUTHORISED, at=at or datetime.now(UTC) - timedelta(hours=1), **facts)

    return authorise


@pytest.fixture
def suspend(enter: Callable[..., LifecycleEntry]) -> Callable[..., LifecycleEntry]:
    """Suspend a use, now unless told when."""

    def suspend(use: Use, *, at: datetime | None = None, **facts: Any) -> LifecycleEntry:
        return enter(use, State.SUSPENDED, at=at, **facts)

    return suspend


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which this person has signed in."""

    def client_of(user: User) -> Client:
        client = Client()
        with acting_as(user):
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of


@pytest.fixture
def statements() -> Callable[[], Any]:
    """Count the statements of a block, savepoints and the transaction's own settings left out.

    `with statements() as asked: …` and then `len(asked)`; `asked[i]` is the SQL.
    """
    from contextlib import contextmanager

    from django.test.utils import CaptureQueriesContext

    ours = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO", "SELECT set_config(")

    @contextmanager
    def counting() -> Iterator[list[str]]:
        asked: list[str] = []
        with CaptureQueriesContext(connection) as captured:
            yield asked
        asked.extend(q["sql"] for q in captured.captured_queries if not q["sql"].startswith(ours))

    return counting


# The plans of a large load are looked at in a database that nothing else has touched; what takes long begins early.
FIRST = (
    "test_plans.py",
    "test_noninterference.py",
    "test_matrix.py",
    "test_statements.py",
    "test_hostile.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those files first, in this order, and leave the order of all others as it is."""
    place = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(FIRST)))
