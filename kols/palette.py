"""What the palette offers before the server is asked: one's own experts, products, and what was opened last.

The browser keeps the answer in memory for the page that asked and nowhere else. Everything is read through
`visible_to`, at the moment it is asked for: who changes side finds nothing of the other side's past here.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import RedisError

from accounts.models import User
from compliance.policy import Side
from kols.filters import home_view, scope_of
from kols.models import KOL
from kols.models.directory import KOLQuerySet
from kols.search import find, products_named
from products.models import Product

OWN = 300
"""So many of one's own experts are listed at most; beyond that the server is asked."""
HITS = 8
RECENT = 6
KEPT = 12 * 60 * 60
Line = list[str]


def opened(user: User, kol: KOL) -> None:
    """Remember that somebody opened an expert's page. Kept beside the sessions, for a working day."""
    with suppress(RedisError):
        last = [pk for pk in cache.get(_key(user), []) if pk != str(kol.pk)]
        cache.set(_key(user), [str(kol.pk), *last][:RECENT], KEPT)


def index_of(user: User) -> dict[str, list[Line]]:
    """One's own experts by name, the products, and the experts opened last."""
    return {
        "people": [_person(kol) for kol in _own(user).order_by("sort_name", "id")[:OWN]],
        "products": [
            _product(one) for one in Product.objects.visible_to(user).order_by("brand", "inn", "id")[:OWN]
        ],
        "recent": _recent(user),
    }


def hits_of(user: User, query: str) -> dict[str, list[Line]]:
    """What the server finds for a query, the best first."""
    if not query:
        return {"people": [], "products": []}
    people, _exact = find(KOL.objects.visible_to(user).listed(), query, limit=HITS)
    products = products_named(user, query, limit=HITS)
    return {"people": [_person(kol) for kol in people], "products": [_product(one) for one in products]}


def _own(user: User) -> KOLQuerySet:
    """Whom she answers to, or her team does; field service its accounts; nobody's where there are none."""
    if user.side is Side.COMMERCIAL:
        return KOL.objects.visible_to(user).listed().select_related("main_institution")
    if (view := home_view(user)) == "all":
        return KOL.objects.none()
    return scope_of(user, view).select_related("main_institution")


def _recent(user: User) -> list[Line]:
    last: list[str] = []
    with suppress(RedisError):
        last = cache.get(_key(user), [])
    seen = KOL.objects.visible_to(user).listed().select_related("main_institution")
    # One statement, whether anything was opened or not.
    found = {kol.pk: kol for kol in seen.filter(pk__in=[*last, user.pk])}
    return [_person(found[UUID(pk)]) for pk in last if UUID(pk) in found]


def _key(user: User) -> str:
    return f"opened:{user.pk}:{user.role}"


def _person(kol: KOL) -> Line:
    return [kol.name, kol.place, reverse("kols:detail", args=[kol.pk]), str(kol.pk)]


def _product(product: Product) -> Line:
    return [product.name, product.inn, reverse("products:detail", args=[product.pk])]
