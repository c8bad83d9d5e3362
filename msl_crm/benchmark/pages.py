"""The pages of the targets: who asks for what, how fast it is to be, and the SQL that fetches the same rows.

The SQL is what somebody would write by hand for just this page, in one statement, and is run by the same
role under the same row-level security. What a page costs beyond it is the product's own work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.urls import NoReverseMatch, reverse

from accounts.acting import acting_as, now, system
from accounts.models import User
from kols.filters import Cursor
from kols.models import KOL, Ownership
from msl_crm.benchmark.browser import Call
from msl_crm.demo.people import DOMAIN
from products.models import Use

MSL, LEAD = f"lena.hoffmann@{DOMAIN}", f"tom.krause@{DOMAIN}"
DEEP = 25_000
SAMPLES = 20
FRAGMENTS = ("keller", "schm", "brandt", "mül", "hoff", "anna", "wein", "ber", "lang", "peter")
Parameters = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One row of the table. A limit of None is not measured."""

    name: str
    who: str
    calls: Callable[[Sample], Sequence[Call]]
    sql: str
    parameters: Callable[[Sample], Sequence[Parameters]]
    statements: int | None = None
    median: float | None = None
    rate: float | None = None
    writes: bool = False


@dataclass
class Sample:
    """What addresses are made of: KOLs this person answers for, their use, places deep in the list."""

    person: User
    use: Use | None = None
    kols: list[KOL] = field(default_factory=list)
    deep: list[KOL] = field(default_factory=list)


def sample(who: str, kols: int) -> Sample:
    """KOLs of the bulk load whom this person may see, and some places deep in the list."""
    with acting_as(system("look for what to measure")):
        person = User.objects.get(email=who)
    with acting_as(person):
        listed = KOL.objects.visible_to(person).listed().order_by("sort_name", "id").only("sort_name", "id")
        hers = Ownership.objects.filter(owner=person, relation__kol__source="Bulk load").order_by(
            "relation__kol"
        )
        owned = list(hers.select_related("relation__kol", "relation__use__market")[:SAMPLES])
        place = min(DEEP, kols // 2)
        return Sample(
            person,
            owned[0].relation.use if owned else None,
            [one.relation.kol for one in owned],
            list(listed[place : place + 20 * SAMPLES : 20]),
        )


def _list(query: str = "") -> Callable[[Sample], Sequence[Call]]:
    return lambda _: [Call(reverse("kols:list") + query)]


def _deep(found: Sample) -> Sequence[Call]:
    return [
        Call(f"{reverse('kols:list')}?view=all&cursor={Cursor(kol.sort_name, kol.pk).encode()}")
        for kol in found.deep
    ]


def _search(_: Sample) -> Sequence[Call]:
    return [Call(f"{reverse('kols:list')}?view=all&q={quote(word)}") for word in FRAGMENTS]


def _visits(found: Sample) -> Sequence[Call]:
    """Visits as the page sends them, an hour ago, about the use the KOL is known for."""
    url = reverse("interactions:new")
    if found.use is None:
        return [Call(url)]
    start, block = (
        (datetime.now(UTC) - timedelta(hours=1)).astimezone(found.use.market.tz),
        f"use-{found.use.pk}",
    )
    said = (
        ("kind", "VISIT"), ("on", f"{start:%Y-%m-%d}"), ("at", f"{start:%H:%M}"), ("minutes", "30"),
        ("channel", "IN_PERSON"), (f"{block}-chips", "on"), (f"{block}-basis", "UNSOLICITED_REQUEST"),
        (f"{block}-question", "Does it help below an eGFR of 30?"), (f"{block}-told", "on"),
        ("note", "Wants the subgroup."), ("side_effect", "no"),
    )  # fmt: skip
    return [Call(url, form=(("kol", str(kol.pk)), *said)) for kol in found.kols]


def _profiles(found: Sample) -> Sequence[Call]:
    return [Call(reverse("kols:detail", args=[kol.pk])) for kol in found.kols]


_ROWS = """
SELECT k.id, k.title, k.given_name, k.family_name, k.specialty, i.name, i.city, s.tier, c.at,
       (SELECT json_agg(json_build_array(u.given_name, u.family_name, r.use_id))
          FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id AND o.during @> %(now)s
          JOIN accounts_user u ON u.id = o.owner_id WHERE r.kol_id = k.id),
       (SELECT a.at FROM interactions_attendee a JOIN interactions_interaction v ON v.id = a.interaction_id
         WHERE a.kol_id = k.id AND a.at >= %(now)s AND v.status = 'PLANNED' ORDER BY a.at LIMIT 1)
  FROM kols_kol k
  LEFT JOIN kols_institution i ON i.id = k.main_institution_id
  LEFT JOIN kols_scientificprofile s ON s.kol_id = k.id
  LEFT JOIN interactions_lastcontact c ON c.kol_id = k.id
 WHERE k.status IN ('ACTIVE', 'TO_VERIFY') AND {condition}
 ORDER BY k.sort_name, k.id LIMIT {limit}
"""
_IN_MARKETS = (
    "EXISTS (SELECT 1 FROM kols_practice p WHERE p.kol_id = k.id AND p.market_id = ANY(%(markets)s))"
)
_MINE = """EXISTS (SELECT 1 FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id
                   WHERE r.kol_id = k.id AND o.owner_id = %(person)s AND o.during @> %(now)s)"""


def _rows(condition: str, limit: int = 51) -> str:
    return _ROWS.format(condition=condition, limit=limit)


def _base(found: Sample) -> Parameters:
    return {"now": now(), "person": found.person.pk, "markets": list(found.person.market_ids)}


def _plain(found: Sample) -> Sequence[Parameters]:
    return [_base(found)]


def _places(found: Sample) -> Sequence[Parameters]:
    return [{**_base(found), "name": kol.sort_name, "id": kol.pk} for kol in found.deep]


def _words(found: Sample) -> Sequence[Parameters]:
    return [{**_base(found), "word": word} for word in FRAGMENTS]


def _people(found: Sample) -> Sequence[Parameters]:
    return [{**_base(found), "kol": kol.pk} for kol in found.kols]


def _of_use(found: Sample) -> Sequence[Parameters]:
    use = found.use
    return [{**facts, "use": use.pk, "market": use.market_id} for facts in _people(found)] if use else []


_PROFILE = """
SELECT k.*, i.name, i.city, s.tier, s.rationale, c.at,
       (SELECT json_agg(t) FROM (SELECT v.id, v.kind, v.channel, v.starts_at, v.note, u.family_name,
                 (SELECT json_agg(json_build_array(t.subject, t.use_id, t.area_id, t.basis, t.zone))
                    FROM interactions_topic t WHERE t.interaction_id = v.id) AS topics
            FROM interactions_attendee a JOIN interactions_interaction v ON v.id = a.interaction_id
            JOIN accounts_user u ON u.id = v.author_id
           WHERE a.kol_id = k.id AND v.status IN ('DRAFT', 'SIGNED')
           ORDER BY a.at DESC LIMIT 21) t),
       (SELECT json_agg(t) FROM (SELECT r.use_id, o.side, o.during, u.family_name, n.name
            FROM kols_relation r JOIN kols_ownership o ON o.relation_id = r.id
            JOIN accounts_user u ON u.id = o.owner_id JOIN products_use e ON e.id = r.use_id
            JOIN products_indication n ON n.id = e.indication_id WHERE r.kol_id = k.id) t),
       (SELECT json_agg(t) FROM (SELECT m.code, p.main FROM kols_practice p
            JOIN accounts_market m ON m.id = p.market_id WHERE p.kol_id = k.id) t),
       (SELECT json_agg(t) FROM (SELECT f.what, f.due_on FROM interactions_followup f
           WHERE f.kol_id = k.id AND f.done_at IS NULL) t)
  FROM kols_kol k
  LEFT JOIN kols_institution i ON i.id = k.main_institution_id
  LEFT JOIN kols_scientificprofile s ON s.kol_id = k.id
  LEFT JOIN interactions_lastcontact c ON c.kol_id = k.id
 WHERE k.id = %(kol)s
"""
_VISIT = """
WITH visit AS (
  INSERT INTO interactions_interaction (id, author_id, author_role, author_side, compartment, kind, channel,
         status, title, market_id, place, starts_at, ends_at, zone, note, late_reason, side_effect,
         missing, policy_version, version,
         recorded_at, updated_at, joint_request)
  VALUES (gen_random_uuid(), %(person)s, 'MSL', 'MEDICAL', 'MEDICAL', 'VISIT', 'IN_PERSON',
          'DRAFT', '', %(market)s, '',
          %(now)s, %(now)s, 'Europe/Berlin', 'Wants the subgroup.', '', false, '[]', '', 1, %(now)s, %(now)s, '')
  RETURNING id
), attendee AS (
  INSERT INTO interactions_attendee (id, interaction_id, compartment, author_id, at, kol_id, name,
         function, audience, main)
  SELECT gen_random_uuid(), id, 'MEDICAL', %(person)s, %(now)s, %(kol)s, '', '', 'PROFESSIONAL', true
    FROM visit
), topic AS (
  INSERT INTO interactions_topic (id, interaction_id, compartment, author_id, position, subject, use_id,
         basis, shared, heard,
         documents, activity, standing, zone)
  SELECT gen_random_uuid(), id, 'MEDICAL', %(person)s, 0, 'USE', %(use)s, 'UNSOLICITED_REQUEST', '', '', '{}',
         '', '', 'PRE'
    FROM visit
)
UPDATE interactions_lastcontact c SET at = %(now)s, interaction_id = visit.id
  FROM visit WHERE c.kol_id = %(kol)s
"""
_TERRITORY = """
SELECT region, tier, count(*), count(*) FILTER (WHERE last_at >= %(now)s - interval '30 days'),
       count(*) FILTER (WHERE last_at >= %(now)s - interval '60 days'),
       count(*) FILTER (WHERE last_at >= %(now)s - interval '90 days'),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY last_at)
  FROM reports_pulse WHERE market_id = ANY(%(markets)s) GROUP BY GROUPING SETS ((region, tier), ())
"""


def pages() -> list[Page]:
    """All pages that exist, in the order of the table of targets."""
    deep = _rows(f"(k.sort_name, k.id) > (%(name)s, %(id)s) AND {_IN_MARKETS}")
    found = _rows(f"k.search LIKE '%%' || crm_fold(%(word)s) || '%%' AND {_IN_MARKETS}")
    table = [
        Page("KOL list, first page", MSL, _list("?view=all"), _rows(_IN_MARKETS), _plain, 8, 30, 60),
        Page("KOL list, one's own", MSL, _list(), _rows(_MINE), _plain, 8, 30, 60),
        Page("KOL list, deep", MSL, _deep, deep, _places, 8, 30, 60),
        Page("KOL search by name fragment", MSL, _search, found, _words, 8, 30, 60),
        Page("KOL profile", MSL, _profiles, _PROFILE, _people, 12, 45, 40),
        Page("Log a visit", MSL, _visits, _VISIT, _of_use, 25, 40, 40, writes=True),
        Page("Territory dashboard", LEAD, lambda _: [Call(reverse("reports:territory"))],
             _TERRITORY, _plain, 12, 80, 20),
        Page("API, 100 KOLs", MSL, lambda _: [Call(f"{reverse('kol-list')}?page_size=100")],
             _rows(_IN_MARKETS, 101), _plain, 8, 30, 60),
        Page("CSV of 10,000 KOLs", MSL, lambda _: [Call(f"{reverse('kols:export')}?view=all", lines=10_001)],
             _rows(_IN_MARKETS, 10_000), _plain, None, 1000, None),
    ]  # fmt: skip
    return [page for page in table if _is_there(page)]


def _is_there(page: Page) -> bool:
    try:
        page.calls(Sample(User()))
    except NoReverseMatch:
        return False
    return True


def fetch(sql: str, parameters: Parameters) -> None:
    """Run a statement and take all its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        if cursor.description:
            cursor.fetchall()
