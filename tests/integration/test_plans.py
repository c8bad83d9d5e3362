"""The big queries go through their indexes: asked of PostgreSQL itself, as the web role, with row security on.

A few thousand experts and visits are enough for the planner to prefer an index where one helps; a sequential
scan here is one that reads the whole table at a hundred thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.acting import acting_as, current, system
from compliance import desk
from handovers import board
from handovers.models import Campaign
from interactions.models import Interaction
from kols import filters, listing
from kols.filters import Filters
from kols.models import KOL
from msl_crm.demo import bulk, people
from products.actions import add_indication, add_use, register_product
from products.models import TherapeuticArea

pytestmark = pytest.mark.django_db

KOLS, VISITS = 25_000, 25_000
GROWING = {
    "kols_kol", "kols_practice", "kols_relation", "kols_ownership", "kols_affiliation", "kols_scientificprofile",
    "interactions_interaction", "interactions_attendee", "interactions_topic", "interactions_lastcontact",
    "compliance_auditentry", "compliance_rowchange", "handovers_handover", "handovers_handoverstep",
}  # fmt: skip


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """Many experts, nearly all with Murat and a few with Lena, their visits, and what the planner knows of them.

    One transaction for all tests of this file, rolled back at its end.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield _crowd()
        transaction.set_rollback(True)


def _crowd() -> SimpleNamespace:
    since = datetime(2024, 1, 1, tzinfo=UTC)
    with acting_as(system("set the stage"), at=since):
        markets = people.markets()
        users = people.people(markets, since)
    with acting_as(users["rita"], at=since):
        product = register_product(
            brand="", inn="planneril", code_names=["PL-1"], atc="", holder="", by=users["rita"]
        )
        area = TherapeuticArea.objects.create(name="Heart failure")
        indication = add_indication(product, name="Heart failure", label="…", area=area, by=users["rita"])
        use = add_use(indication, markets["DE"], by=users["rita"])
    facts = {
        "market": markets["DE"].pk, "use": use.pk, "area": area.pk, "lead": users["tom"].pk, "msl_count": 250,
        "msls": [users["lena"].pk, *[users["murat"].pk] * 249], "since": since + timedelta(days=100),
    }  # fmt: skip
    bulk.load(kols=KOLS, interactions=VISITS, facts=facts, today=datetime.now(UTC), say=lambda words: None)
    with acting_as(system("set the stage")), connection.cursor() as cursor:
        for entry in (users["lena"].pk, users["murat"].pk):
            Campaign.objects.create(
                use=use, market=markets["DE"], opened_by_entry=entry, opened_at=current().now
            )
        cursor.execute(
            _HANDOVERS, {"first": users["lena"].pk, "market": markets["DE"].pk, "tom": users["tom"].pk}
        )
        cursor.execute(_TRAIL)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE")
        cursor.execute("SET ROLE crm_web")
    return SimpleNamespace(use=use, **users)


_HANDOVERS = """
INSERT INTO handovers_handover (id, campaign_id, relation_id, market_id, state, state_since, version, due_since,
       preparer_id, package, package_hash, decline_reason, declines, held, shown_to_field)
SELECT gen_random_uuid(), c.id, r.id, %(market)s, 'DUE', now(), 1, now(), %(tom)s, '{}', '', '', 0, false, false
  FROM (SELECT id, row_number() OVER (ORDER BY id) <= 100 AS few FROM kols_relation) r
  JOIN handovers_campaign c ON (c.opened_by_entry = %(first)s) = r.few
"""
_TRAIL = """
INSERT INTO compliance_auditentry (id, at, actor, actor_name, actor_role, verb, refused, subject_type, subject_words,
       market_code, facts, rules, policy_version)
SELECT gen_random_uuid(), now() - make_interval(mins => n), 'system', 'system', '', 'logged', false, '', '', 'DE', '{}',
       '[]', '' FROM generate_series(1, 20000) n
"""


def explained(sql: str, parameters: Any = None) -> list[dict[str, Any]]:
    """Every step of the plan of a statement, as PostgreSQL would run it now."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        [(found,)] = cursor.fetchall()
    plans = found if isinstance(found, list) else json.loads(found)
    steps = [plans[0]["Plan"]]
    for step in steps:
        steps += step.get("Plans", [])
    return steps


def plan_of(rows: Any) -> list[dict[str, Any]]:
    return explained(*rows.query.sql_with_params())


def spoken(work: Any) -> list[str]:
    """The statements a piece of work sends, with their values."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured.captured_queries]


def whole_tables(steps: list[dict[str, Any]]) -> set[str]:
    """Growing tables that the plan reads from end to end."""
    return {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"} & GROWING


def indexes(steps: list[dict[str, Any]]) -> set[str]:
    return {step["Index Name"] for step in steps if "Index Name" in step}


def sorts(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [step for step in steps if step["Node Type"] in ("Sort", "Incremental Sort")]


def test_the_check_sees_a_table_read_from_end_to_end(crowd):
    with acting_as(crowd.clara):
        steps = plan_of(KOL.objects.filter(specialty="Cardiology"))

    assert whole_tables(steps) == {"kols_kol"}


def test_the_list_walks_along_the_names(crowd):
    with acting_as(crowd.tom):
        kols = filters.scope_of(crowd.tom, "all").order_by("sort_name", "id")
        place = KOL.objects.order_by("sort_name", "id")[KOLS // 2]
        deep = kols.filter(sort_name__gte=place.sort_name).exclude(
            sort_name=place.sort_name, id__lte=place.pk
        )
        first, further = plan_of(kols[:51]), plan_of(deep[:51])

    for steps in (first, further):
        assert "kol_by_name" in indexes(steps)
        assert whole_tables(steps) == set()
        assert sorts(steps) == []


@pytest.mark.parametrize(
    ("name", "view"), [("murat", "mine"), ("tom", "team"), ("lena", "mine"), ("lena", "all")]
)
def test_a_page_of_the_list_reads_no_growing_table_through(crowd, name, view):
    person = getattr(crowd, name)
    with acting_as(person):
        asked = spoken(partial(listing.medical_page, person, Filters(view), []))
        [rows] = [sql for sql in asked if sql.startswith('SELECT "kols_kol"')]
        steps = explained(rows)

    assert whole_tables(steps) == set()


def test_a_name_fragment_is_looked_up_in_the_trigrams(crowd):
    with acting_as(crowd.lena):
        steps = plan_of(KOL.objects.visible_to(crowd.lena).listed().matching("mullerx"))

    assert "kol_search" in indexes(steps)
    assert whole_tables(steps) == set()


def test_the_time_line_of_an_expert_is_read_from_her_attendances(crowd):
    with acting_as(crowd.lena):
        kol = KOL.objects.filter(source="Bulk load").first()
        rows = Interaction.objects.visible_to(crowd.lena).logged().filter(attendees__kol=kol)
        steps = plan_of(rows.order_by("-starts_at", "-id")[:21])

    assert any(
        name.startswith(("attendances_of_kol", "interactions_attendee_kol")) for name in indexes(steps)
    )
    assert whole_tables(steps) == set()


def test_visits_are_read_newest_first(crowd):
    with acting_as(crowd.murat):
        own = plan_of(Interaction.objects.filter(author=crowd.murat).order_by("-starts_at", "-id")[:51])
    with acting_as(crowd.clara):
        every = plan_of(Interaction.objects.visible_to(crowd.clara).order_by("-starts_at", "-id")[:51])

    assert indexes(own) & {"interactions_of_author", "interactions_by_time"}
    assert "interactions_by_time" in indexes(every)
    assert sorts(own) == sorts(every) == []


def test_the_trail_is_read_newest_first(crowd):
    with acting_as(crowd.clara):
        [rows] = spoken(partial(desk.page_of_trail, desk.trail(crowd.clara, {}), ""))
        steps = explained(rows)

    assert whole_tables(steps) == set()
    assert sorts(steps) == []


def test_the_board_reads_one_campaign(crowd):
    with acting_as(crowd.tom):
        [campaign] = Campaign.objects.filter(opened_by_entry=crowd.lena.pk)
        rows = board.handovers_for(crowd.tom).filter(campaign=campaign)
        steps = explained(spoken(partial(board.first_of_each, rows))[-1])

    assert any(name.startswith("handovers_") for name in indexes(steps))
    assert whole_tables(steps) == set()


def test_a_load_the_planner_has_not_heard_of_costs_what_any_load_costs(crowd):
    """Autovacuum may look at the tables while a load is not committed yet, and then believes them empty."""
    believed_empty = [
        "kols_kol",
        "kols_practice",
        "kols_scientificprofile",
        "reports_pulse",
        "interactions_lastcontact",
        "kols_affiliation",
        "kols_identifier",
        "kols_institution",
    ]
    try:
        with transaction.atomic(), acting_as(system("load in bulk")), connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            for table in believed_empty:
                cursor.execute(
                    "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text, 'reltuples', 0::real)",
                    [table],
                )
            # Enough for each row once, far too little for each row with every other.
            cursor.execute("SET LOCAL statement_timeout = '60s'")
            cursor.execute("UPDATE interactions_lastcontact SET at = at + interval '1 second'")
            cursor.execute("UPDATE kols_kol SET specialty = specialty || ' ' WHERE source = 'Bulk load'")
            cursor.execute("SET LOCAL enable_nestloop = off")
            cursor.execute("SELECT count(*) FROM reports_pulse p JOIN interactions_lastcontact c USING (kol_id) "
                           "WHERE p.last_at = c.at")  # fmt: skip
            [(fresh,)] = cursor.fetchall()
            raise Rollback
    except Rollback:
        pass

    assert fresh > 0


class Rollback(Exception):
    """Ends a block without keeping what it did."""
