"""Whatever somebody remembers of an expert finds her: any spelling, a place, a number, a slip of the pen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from accounts.acting import acting_as
from kols.actions import add_identifier, register_kol
from kols.models import KOL, Institution
from kols.search import find, matching

pytestmark = pytest.mark.django_db


@pytest.fixture
def experts(mara, germany, switzerland, hospital):
    """People whose names are hard to type, and one in a market that is not Mara's."""
    names = [
        ("Prof. Dr.", "Jörg", "Müller-Lüdenscheidt", germany),
        ("Dr.", "Siobhán", "O'Brien", germany),
        ("", "Anders", "Ångström", germany),
        ("Dr.", "Karl", "Mueller", germany),
        ("", "Renée", "Weiß", germany),
        ("", "أحمد", "الخوارزمي", germany),
        ("", "Urs", "Müller", switzerland),
    ]
    with acting_as(mara):
        kols = {
            family + ("" if market == germany else " CH"): register_kol(
                by=mara, title=title, given_name=given, family_name=family, main_market=market
            )
            for title, given, family, market in names
        }
        place = Institution.objects.create(name="Herzzentrum", city="Görlitz", country="DE")
        register_kol(by=mara, family_name="Haas", main_market=germany, institution=place)
        add_identifier(kols["Ångström"], scheme="ORCID", value="0000-0002-1825-0097", by=mara)
    return kols


def found(person, query):
    with acting_as(person):
        hits, exact = find(KOL.objects.visible_to(person).listed(), query)
        return [kol.family_name for kol in hits], exact


BOTH_MUELLERS = ["Mueller", "Müller-Lüdenscheidt"]


@pytest.mark.parametrize(
    ("query", "families"),
    [
        ("müller", BOTH_MUELLERS),
        ("Mueller", BOTH_MUELLERS),
        ("MULLER", ["Müller-Lüdenscheidt"]),
        ("jörg müller", ["Müller-Lüdenscheidt"]),
        ("prof müller", ["Müller-Lüdenscheidt"]),
        ("Müller-Lüdenscheidt", ["Müller-Lüdenscheidt"]),
        ("ludenscheidt", ["Müller-Lüdenscheidt"]),
        ("angstrom", ["Ångström"]),
        ("Ångström", ["Ångström"]),
        ("o'brien", ["O'Brien"]),
        ("weiss", ["Weiß"]),
        ("renee", ["Weiß"]),
        ("الخوارزمي", ["الخوارزمي"]),
        ("görlitz", ["Haas"]),
        ("herzzentrum goerlitz", []),
        ("0000-0002-1825-0097", ["Ångström"]),
        ("0000000218250097", ["Ångström"]),
        ("mü", BOTH_MUELLERS),
        ("", []),
    ],
)
def test_every_spelling_finds_the_expert(experts, mara, query, families):
    names, exact = found(mara, query)

    assert sorted(names) == sorted(families) or not exact
    if families:
        assert exact


@pytest.mark.parametrize(
    ("slip", "family"),
    [
        ("Mülelr", "Müller-Lüdenscheidt"),
        ("Angstöm", "Ångström"),
        ("Ludenschiedt", "Müller-Lüdenscheidt"),
        ("obrien", "O'Brien"),
    ],
)
def test_a_slip_of_the_pen_finds_the_nearest_name_and_says_so(experts, mara, slip, family):
    names, exact = found(mara, slip)

    assert not exact
    assert family in names


def test_nobody_finds_an_expert_of_a_market_that_is_not_theirs(experts, mara, felix, clara):
    assert "Müller" not in found(mara, "müller")[0]
    assert found(clara, "urs müller")[0] == ["Müller"]
    assert found(felix, "müller") == ([], True) or found(felix, "müller") == ([], False)


def test_family_names_that_begin_with_the_word_come_first(experts, mara, germany):
    with acting_as(mara):
        register_kol(by=mara, given_name="Ang", family_name="Bauer", main_market=germany)

    assert found(mara, "ang")[0][:2] == ["Ångström", "Bauer"]


@pytest.mark.parametrize(
    "query", ["%", "_", "\\", "'", "\x00", "a\x00b", "\u202e", "😀", "(", "x" * 10_000, " ".join("abcdefgh")]
)
def test_no_query_breaks_the_search(experts, mara, query):
    assert isinstance(found(mara, query)[0], list)


def test_a_wildcard_is_only_a_letter(experts, mara):
    with acting_as(mara):
        assert matching(KOL.objects.visible_to(mara), "%%%").count() == 0


def test_the_search_column_is_answered_from_its_index(company, mara, as_owner):
    """With twenty thousand experts and the row filter of a medical person: no walk through the table."""
    with acting_as(mara), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO kols_kol (id, title, given_name, family_name, suffix, specialty, languages, email,
                 phone, preferred_channel, preferred_times, licence, formulary_member,
                 paid_services_need_approval, do_not_contact, status, source, created_at)
               SELECT gen_random_uuid(), '', 'Ada', md5(n::text), '', '', '{}', '', '', '', '', 'UNKNOWN',
                 false, false, false, 'ACTIVE', '', now() FROM generate_series(1, 20000) n"""
        )
        cursor.execute(
            "INSERT INTO kols_practice (id, kol_id, market_id, main)"
            " SELECT gen_random_uuid(), id, %s, true FROM kols_kol",
            [company.germany.pk],
        )
        # What autovacuum does a minute later.
        cursor.execute("SELECT gin_clean_pending_list('kol_search')")
        cursor.execute("ANALYZE kols_kol")
        cursor.execute("ANALYZE kols_practice")
        family = KOL.objects.values_list("family_name", flat=True)[0]
        hits = matching(KOL.objects.visible_to(mara).listed(), family[:9]).order_by("sort_name", "id")[:51]
        plan = hits.explain()
        names = [kol.family_name for kol in hits]

    assert family in names
    assert "Bitmap Index Scan on kol_search" in plan
    assert "Seq Scan on kols_kol" not in plan


# The page


def test_one_box_finds_people_and_products(experts, novastat_hf, mara, client_of):
    client = client_of(mara)

    assert "Ångström" in client.get(reverse("search"), {"q": "angstrom"}).content.decode()
    assert "Novastat" in client.get(reverse("search"), {"q": "LX-204"}).content.decode()
    assert "Nothing found" in client.get(reverse("search"), {"q": "qqqqqqqq"}).content.decode()


def test_a_code_name_tells_field_service_nothing(experts, novastat_hf, authorise, mara, felix, client_of):
    authorise(novastat_hf)
    hers, his = client_of(mara), client_of(felix)

    assert hers.get(reverse("search"), {"q": "LX-204"}).context["products"] != []
    assert his.get(reverse("search"), {"q": "Novastat"}).context["products"] != []
    assert his.get(reverse("search"), {"q": "LX-204"}).context["products"] == []
