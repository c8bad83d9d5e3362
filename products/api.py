"""Products and uses on the wire. Entries are proposed and confirmed on the pages, by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.acting import now
from compliance.policy import Role
from msl_crm.access import COMMERCIAL, MEDICAL, OVERSIGHT, roles
from msl_crm.api import KeysetPagination, Strict, person, read_parameter
from products.launch import AWAITED
from products.models import Product, Use

READERS = roles(MEDICAL, COMMERCIAL, OVERSIGHT, Role.REGULATORY, Role.MARKET_ACCESS, Role.SAFETY)


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = ("id", "name", "inn", "brand", "atc", "holder")
        read_only_fields = fields

    name = serializers.CharField(read_only=True)


class UseSerializer(serializers.ModelSerializer[Use]):
    """A use with the state it is in now. `zone` is what the boundary makes of it."""

    product = serializers.UUIDField(source="indication.product_id", read_only=True)
    indication = serializers.CharField(source="indication.name", read_only=True)
    # Our word for what the authority says; DRF's own `label` of a field means nothing on a whole serializer.
    label = serializers.CharField(source="indication.label", read_only=True)  # type: ignore[assignment]
    market = serializers.CharField(source="market.code", read_only=True)
    state = serializers.CharField(read_only=True, allow_null=True)
    state_since = serializers.DateTimeField(read_only=True, allow_null=True)
    promotable_from = serializers.SerializerMethodField(
        help_text="Null as well while the launch is not released; then `awaits_release` is true."
    )
    awaits_release = serializers.SerializerMethodField()

    class Meta:
        model = Use
        fields = ("id", "product", "indication", "label", "market", "state", "state_since", "promotable_from",
                  "awaits_release")  # fmt: skip
        read_only_fields = fields

    def get_awaits_release(self, use: Use) -> bool:
        """Authorised, and nobody has released the launch (R-010)."""
        return bool(use.state_promotable_from and use.state_promotable_from >= AWAITED)  # type: ignore[attr-defined]

    def get_promotable_from(self, use: Use) -> datetime | None:
        return None if self.get_awaits_release(use) else use.state_promotable_from  # type: ignore[attr-defined]


class ProductViewSet(Strict, ReadOnlyModelViewSet[Product]):
    """The products this person may know about."""

    serializer_class = ProductSerializer
    pagination_class = KeysetPagination
    access = READERS
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.visible_to(person(self.request))


class UseViewSet(Strict, ReadOnlyModelViewSet[Use]):
    """The uses this person may know about, with their state now. Filter by `product` and `market`."""

    serializer_class = UseSerializer
    pagination_class = KeysetPagination
    access = READERS
    filters: ClassVar[tuple[str, ...]] = ("product", "market")
    queryset = Use.objects.none()

    def get_queryset(self) -> QuerySet[Use]:
        uses = (
            Use.objects.visible_to(person(self.request))
            .with_state(now())
            .select_related("indication", "market")
        )
        asked: dict[str, Any] = self.request.query_params
        if "product" in asked:
            uses = uses.filter(
                indication__product=read_parameter(serializers.UUIDField(), asked["product"], "product")
            )
        if "market" in asked:
            uses = uses.filter(market__code=asked["market"])
        return uses
