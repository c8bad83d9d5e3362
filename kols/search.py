"""Finding an expert by whatever somebody remembers: a name in any spelling, a place, a number.

One column holds it all, folded, and one trigram index answers (decision 37). Words that occur come first;
only where nothing does, the nearest spellings are offered. Every query starts from rows the caller may see.
"""

from __future__ import annotations

import re

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import F, Q, TextField, Value
from django.db.models.expressions import Func
from django.db.models.functions import Concat

from accounts.models import User
from compliance.policy import Side
from kols.models import KOL
from kols.models.directory import KOLQuerySet
from products.models import Product

MOST_WORDS = 6
LONGEST_WORD = 60
LONGEST_QUERY = 200
RANKED = 300
"""How many hits are ranked at most; the first by name are taken, so that the answer is always the same."""
NEAR = 0.4
"""How alike a word must be to count as a slip of the pen, from 0 to 1."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_GERMAN = re.compile("[äöüøÄÖÜØ]")
_ORCID = re.compile(r"^\d{15}[\dxX]$")


class Folded(Func):
    """A word as the search column spells it: lower case, without accents."""

    function = "crm_fold"
    output_field = TextField()


class FoldedGerman(Folded):
    """The same with ä, ö, ü written as ae, oe, ue."""

    function = "crm_fold_german"


def cleaned(words: str) -> str:
    """What somebody typed, without control characters and not longer than a query may be."""
    return " ".join(_CONTROL.sub(" ", words[:LONGEST_QUERY]).split())


def words_of(query: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in cleaned(query).replace(",", " ").split()[:MOST_WORDS]]


def matching(kols: KOLQuerySet, query: str) -> KOLQuerySet:
    """Those of the KOLs in whose search column every word occurs, however it is spelt."""
    for word in words_of(query):
        kols = kols.filter(_occurs(word))
    return kols


def _occurs(word: str) -> Q:
    if _ORCID.match(word):
        grouped = "-".join(word[i : i + 4] for i in range(0, 16, 4))
        return Q(search__contains=Folded(Value(grouped))) | Q(search__contains=Folded(Value(word)))
    spellings: list[Func] = [Folded(Value(word))]
    if _GERMAN.search(word):
        spellings.append(FoldedGerman(Value(word)))
    found = Q()
    for spelling in spellings:
        if len(word) < 3:
            # Too short for a trigram of its own: it counts where a word begins, which has one.
            found |= Q(search__startswith=spelling) | Q(search__contains=Concat(Value(" "), spelling))
        else:
            found |= Q(search__contains=spelling)
    return found


def near(kols: KOLQuerySet, query: str) -> KOLQuerySet:
    """Those of the KOLs whose entry holds something like every word, the likest first."""
    words = [word for word in words_of(query) if len(word) > 2]
    if not words:
        return kols.none()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(NEAR)])
    for word in words:
        kols = kols.filter(search__trigram_word_similar=Folded(Value(word)))
    hits = KOL.objects.filter(pk__in=kols.order_by().values("pk")[:RANKED])
    likeness = TrigramWordSimilarity(Folded(Value(" ".join(words))), "search")  # type: ignore[arg-type]
    return hits.annotate(likeness=likeness).order_by("-likeness", "sort_name", "id")


def find(kols: KOLQuerySet, query: str, *, limit: int = 20) -> tuple[list[KOL], bool]:
    """The best hits for a query, and whether they are exact. Family names that begin with it come first."""
    words = words_of(query)
    if not words:
        return [], True
    exact = matching(kols, query).select_related("main_institution").order_by("sort_name", "id")
    start = Folded(Value(words[-1]))
    by_name = list(
        exact.filter(sort_name__gte=start, sort_name__lt=Concat(start, Value("\U0010ffff")))[:limit]
    )
    if len(by_name) == limit:
        return by_name, True
    seen = {kol.pk for kol in by_name}
    others = [kol for kol in exact[: limit + len(by_name)] if kol.pk not in seen]
    if by_name or others:
        return (by_name + others)[:limit], True
    return list(near(kols, query).select_related("main_institution")[:limit]), False


def products_named(user: User, query: str, *, limit: int = 20) -> list[Product]:
    """Products by brand, substance or, outside of the commercial side, code name (R-104)."""
    words = cleaned(query)
    products = Product.objects.visible_to(user)
    named = Q(brand__icontains=words) | Q(inn__icontains=words)
    if user.side is not Side.COMMERCIAL:
        codes = Func(F("code_names"), Value(" "), function="array_to_string", output_field=TextField())
        products = products.annotate(codes=codes)
        named |= Q(codes__icontains=words)
    return list(products.filter(named).order_by("brand", "inn", "id")[:limit])
