"""A company of any size, loaded by the database itself: KOLs and interactions by the hundred thousand.

The rows are as lawful as those people enter: every constraint, trigger and history row applies. Only the
actions are left out, because a million of them would take a day. Identifiers come from the row's number, so
the same sizes give the same company.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.acting import acting_as, system
from compliance import audit

BATCH = 50_000

_PLACES = """
INSERT INTO kols_institution (id, name, kind, street, postcode, city, region, country, source, source_key)
SELECT md5('place ' || n)::uuid, 'Hospital ' || n || ' ' || (%(cities)s::text[])[1 + n %% 12], 'Hospital', '', '',
       (%(cities)s::text[])[1 + n %% 12], (%(regions)s::text[])[1 + n %% 16], 'DE', 'bulk', n::text
  FROM generate_series(1, %(places)s) n ON CONFLICT DO NOTHING
"""
# Affiliations come first: the foreign keys are deferred, and the KOL's own trigger then finds its place.
_AFFILIATIONS = """
INSERT INTO kols_affiliation (id, kol_id, institution_id, function, main, during)
SELECT md5('affiliation ' || n)::uuid, md5('kol ' || n)::uuid, md5('place ' || 1 + n %% %(places)s)::uuid,
       'Consultant', true, tstzrange(%(since)s, NULL)
  FROM generate_series(%(first)s, %(last)s) n
"""
_KOLS = """
INSERT INTO kols_kol (id, title, given_name, family_name, suffix, sort_name, specialty, languages, email, phone,
                      preferred_channel, preferred_times, licence, formulary_member, paid_services_need_approval,
                      do_not_contact, status, merged_into_id, main_institution_id, source, created_at, search)
SELECT md5('kol ' || n)::uuid, CASE WHEN n %% 5 = 0 THEN 'Prof. Dr.' ELSE 'Dr.' END, (%(given)s::text[])[1 + n %% %(givens)s],
       (%(family)s::text[])[1 + (n * 7 + n / %(families)s) %% %(families)s] || '-' || (%(family)s::text[])[1 + (n * 13) %% %(families)s],
       '', '', (%(fields)s::text[])[1 + n %% 5], '{de,en}', '', '', '', '', 'VERIFIED', false, false, false, 'ACTIVE', NULL,
       md5('place ' || 1 + n %% %(places)s)::uuid, 'Bulk load', %(since)s, ''
  FROM generate_series(%(first)s, %(last)s) n
"""
_NOTICES = """
INSERT INTO kols_privacynotice (id, kol_id, side, given_at, text_version, how, recorded_by_id, recorded_at)
SELECT md5('notice ' || n)::uuid, md5('kol ' || n)::uuid, 'MEDICAL', %(since)s, '1', 'Letter', %(lead)s, %(since)s
  FROM generate_series(%(first)s, %(last)s) n
"""
_PRACTICES = """
INSERT INTO kols_practice (id, kol_id, market_id, main)
SELECT md5('practice ' || n)::uuid, md5('kol ' || n)::uuid, %(market)s, true FROM generate_series(%(first)s, %(last)s) n
"""
_SCIENCE = """
INSERT INTO kols_scientificprofile (id, kol_id, tier, rationale, interests, goals, updated_by_id, updated_at)
SELECT md5('science ' || n)::uuid, md5('kol ' || n)::uuid, 1 + (n %% 10 > 1)::int + (n %% 10 > 4)::int,
       'Publishes in the field.', '{}', '', %(lead)s, %(since)s
  FROM generate_series(%(first)s, %(last)s) n
"""
_RELATIONS = """
INSERT INTO kols_relation (id, kol_id, use_id, during, shown_to_field)
SELECT md5('relation ' || n)::uuid, md5('kol ' || n)::uuid, %(use)s, tstzrange(%(since)s, NULL), false
  FROM generate_series(%(first)s, %(last)s) n
"""
_OWNERSHIPS = """
INSERT INTO kols_ownership (id, relation_id, side, owner_id, market_id, during, began_with)
SELECT md5('ownership ' || n)::uuid, md5('relation ' || n)::uuid, 'MEDICAL', (%(msls)s::uuid[])[1 + n %% %(msl_count)s],
       %(market)s, tstzrange(%(since)s, NULL), NULL
  FROM generate_series(%(first)s, %(last)s) n
"""
_GOALS = """
INSERT INTO kols_visitgoal (id, kol_id, market_id, starts_on, ends_on, visits)
SELECT md5('goal ' || n)::uuid, md5('kol ' || n)::uuid, %(market)s, date_trunc('year', %(today)s)::date,
       (date_trunc('year', %(today)s) + interval '1 year - 1 day')::date, 2 + n %% 6
  FROM generate_series(%(first)s, %(last)s) n
"""
# Visit n is with KOL 1 + n mod the number of KOLs, by the MSL who owns the relation, spread over two years.
_VISIT = """
       md5('visit ' || n)::uuid, md5('kol ' || 1 + n %% %(kols)s)::uuid,
       (%(msls)s::uuid[])[1 + (1 + n %% %(kols)s) %% %(msl_count)s],
       %(today)s - make_interval(mins => 60 + (n::bigint * 7919 %% 1050000)::int)
"""
_INTERACTIONS = f"""
INSERT INTO interactions_interaction
      (id, author_id, author_role, author_side, compartment, client_ref, kind, channel, status, title, market_id,
       institution_id, place, starts_at, ends_at, zone, note, late_reason, side_effect, safety_report_id, follows_plan_id,
       missing, decision, act, policy_version, version, recorded_at, updated_at, joint_request)
SELECT id, author, 'MSL', 'MEDICAL', 'MEDICAL', NULL, 'VISIT', (ARRAY['IN_PERSON', 'VIDEO', 'PHONE', 'EMAIL'])[1 + n %% 4],
       'DRAFT', '', %(market)s, NULL, '', at, at + interval '30 minutes', 'Europe/Berlin',
       'Talked about the guideline and what the registry shows.', '', false, NULL, NULL, '[]', NULL, NULL, '', 1,
       at + interval '1 hour', at + interval '1 hour', ''
  FROM (SELECT n, {_VISIT} FROM generate_series(%(first)s, %(last)s) n) v (n, id, kol, author, at)
"""  # noqa: S608 - made of constants
_ATTENDEES = f"""
INSERT INTO interactions_attendee (id, interaction_id, compartment, author_id, at, kol_id, colleague_id, name, function, audience, main)
SELECT md5('attendee ' || n)::uuid, id, 'MEDICAL', author, at, kol, NULL, '', '', 'PROFESSIONAL', true
  FROM (SELECT n, {_VISIT} FROM generate_series(%(first)s, %(last)s) n) v (n, id, kol, author, at)
"""  # noqa: S608 - made of constants
_TOPICS = f"""
INSERT INTO interactions_topic (id, interaction_id, compartment, author_id, position, subject, use_id, product_id, area_id,
                                basis, shared, heard, documents, activity, standing, zone)
SELECT md5('topic ' || n)::uuid, id, 'MEDICAL', author, 0, 'DISEASE', NULL, NULL, %(area)s, '', '', '', '{{}}', 'DISEASE_TALK', '', 'NONE'
  FROM (SELECT n, {_VISIT} FROM generate_series(%(first)s, %(last)s) n) v (n, id, kol, author, at)
"""  # noqa: S608 - made of constants
_LAST_CONTACTS = """
INSERT INTO interactions_lastcontact (id, kol_id, at, interaction_id)
SELECT DISTINCT ON (a.kol_id) gen_random_uuid(), a.kol_id, a.at, a.interaction_id
  FROM interactions_attendee a WHERE a.kol_id IS NOT NULL AND a.compartment = 'MEDICAL' ORDER BY a.kol_id, a.at DESC
ON CONFLICT (kol_id) DO UPDATE SET at = excluded.at, interaction_id = excluded.interaction_id
"""
CITIES = [
    "Hamburg",
    "Bremen",
    "Kiel",
    "Berlin",
    "Dresden",
    "Leipzig",
    "Essen",
    "Köln",
    "Mainz",
    "Stuttgart",
    "München",
    "Nürnberg",
]
REGIONS = [
    f"DE-{code}"
    for code in [
        "SH",
        "HH",
        "HB",
        "NI",
        "MV",
        "BE",
        "BB",
        "SN",
        "ST",
        "TH",
        "NW",
        "HE",
        "RP",
        "SL",
        "BW",
        "BY",
    ]
]


def load(
    *, kols: int, interactions: int, facts: dict[str, object], today: datetime, say: Callable[[str], None]
) -> None:
    """Load so many KOLs and interactions into the company, in batches that each commit.

    `facts` names the market, use, area, lead and MSLs they belong to. Run again with the same sizes, it adds
    nothing that is there.
    """
    from msl_crm.demo.experts import FAMILY, GIVEN

    facts = {
        **facts,
        "places": max(20, kols // 250),
        "kols": kols,
        "today": today,
        "cities": CITIES,
        "regions": REGIONS,
        "given": GIVEN,
        "givens": len(GIVEN),
        "family": FAMILY,
        "families": len(FAMILY),
        "fields": ["Cardiology", "Nephrology", "Oncology", "Dermatology", "Neurology"],
    }
    with acting_as(system("load in bulk")):
        _run([_PLACES], facts)
    for first, last in _batches(_loaded("kols_kol", "kol") + 1, kols):
        with acting_as(system("load in bulk")):
            people = [_AFFILIATIONS, _KOLS, _NOTICES, _PRACTICES, _SCIENCE, _RELATIONS, _OWNERSHIPS, _GOALS]
            _run(people, {**facts, "first": first, "last": last})
            audit.record("loaded in bulk", by=None, words=f"KOLs {first} to {last}")
        say(f"{last:,} KOLs")
    for first, last in _batches(_loaded("interactions_topic", "topic") + 1, interactions):
        with acting_as(system("load in bulk")):
            _run([_INTERACTIONS, _ATTENDEES, _TOPICS], {**facts, "first": first, "last": last})
            audit.record("loaded in bulk", by=None, words=f"interactions {first} to {last}")
        say(f"{last:,} interactions")
    with acting_as(system("load in bulk")):
        _run([_LAST_CONTACTS], facts)


def _batches(first: int, last: int) -> list[tuple[int, int]]:
    return [(start, min(start + BATCH - 1, last)) for start in range(first, last + 1, BATCH)]


def _loaded(table: str, name: str) -> int:
    """How many rows of the load are there already, found by their numbered identifiers."""
    low, high = 0, 1
    with acting_as(system("load in bulk")), connection.cursor() as cursor:

        def there(number: int) -> bool:
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = md5(%s)::uuid", [f"{name} {number}"])  # noqa: S608
            return cursor.fetchone() is not None

        while there(high):
            low, high = high, high * 2
        while low + 1 < high:
            middle = (low + high) // 2
            low, high = (middle, high) if there(middle) else (low, middle)
    return low


def _run(statements: list[str], facts: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # The triggers' queries are planned for the many rows of a load, not for the one that they mostly meet.
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        for statement in statements:
            cursor.execute(statement, facts)
        cursor.execute("SET LOCAL plan_cache_mode = auto")
        # The triggers of the next batch are planned by what is there, not by what was there at the start.
        cursor.execute("ANALYZE")
