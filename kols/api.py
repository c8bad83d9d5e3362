"""Experts and who answers for them, on the wire: each side reads what it may know, nothing is written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from rest_framework import exceptions, serializers
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Role
from kols.listing import sees_medical
from kols.models import KOL, Ownership, ScientificProfile
from kols.search import matching
from msl_crm.access import FIELD, MEDICAL, OVERSIGHT, READERS, roles
from msl_crm.api import KeysetPagination, Strict, person, read_parameter

READ_KOLS = roles(MEDICAL, FIELD, OVERSIGHT, Role.SAFETY)
MEDICAL_FILTERS = ("tier", "since")


class ByName(KeysetPagination):
    ordering = ("sort_name", "id")

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A cursor that no page of ours has written is a 400."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and "\x00" in str(cursor.position or ""):
            raise exceptions.ValidationError({"cursor": "Not a usable value."})
        return cursor


class PlaceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()


class KOLSerializer(serializers.ModelSerializer[KOL]):
    """The directory entry. `tier` and `last_contact_at` are given to Medical and oversight only."""

    name = serializers.CharField(read_only=True)
    main_institution = PlaceSerializer(read_only=True, allow_null=True)
    tier = serializers.IntegerField(source="science.tier", read_only=True, allow_null=True, default=None)
    last_contact_at = serializers.DateTimeField(
        source="last_contact.at", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = KOL
        fields = (
            "id", "name", "title", "given_name", "family_name", "suffix", "specialty", "languages", "email",
            "phone", "preferred_channel", "preferred_times", "licence", "formulary_member",
            "paid_services_need_approval", "do_not_contact", "status", "main_institution", "tier",
            "last_contact_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is None or (isinstance(request.user, User) and not sees_medical(request.user)):
            for name in ("tier", "last_contact_at"):
                fields.pop(name)
        return fields


class KOLViewSet(Strict, ReadOnlyModelViewSet[KOL]):
    """The experts this person may know about, by name.

    Filters: `q` (words of name, place or number), `region`, `use`, and for Medical `tier` and `since`
    (not met for so many days).
    """

    serializer_class = KOLSerializer
    pagination_class = ByName
    access = READ_KOLS
    filters: ClassVar[tuple[str, ...]] = ("q", "region", "use", *MEDICAL_FILTERS)
    queryset = KOL.objects.none()

    def get_queryset(self) -> QuerySet[KOL]:
        user = person(self.request)
        medical = sees_medical(user)
        asked = self.request.query_params
        kols = KOL.objects.visible_to(user).listed().select_related("main_institution").defer("search")
        if medical:
            kols = kols.select_related("science", "last_contact")
        elif unknown := [name for name in MEDICAL_FILTERS if name in asked]:
            raise exceptions.ValidationError(dict.fromkeys(unknown, "Unknown parameter."))
        if "tier" in asked:
            tier = read_parameter(
                serializers.ChoiceField(choices=ScientificProfile.Tier.choices), asked["tier"], "tier"
            )
            kols = kols.filter(science__tier=tier)
        if "since" in asked:
            days = read_parameter(
                serializers.IntegerField(min_value=1, max_value=3650), asked["since"], "since"
            )
            kols = kols.filter(Q(last_contact=None) | Q(last_contact__at__lt=now() - timedelta(days=days)))
        if "region" in asked:
            kols = kols.filter(main_institution__region=asked["region"])
        if "use" in asked:
            use = read_parameter(serializers.UUIDField(), asked["use"], "use")
            held = Ownership.objects.visible_to(user).current(now()).filter(relation__use=use)
            kols = kols.filter(Exists(held.filter(relation__kol=OuterRef("pk"))))
        if not (words := asked.get("q", "").strip()):
            return kols
        if "cursor" not in asked:
            audit.searched(user, words, "API")
        return matching(kols, words)


class OwnershipSerializer(serializers.ModelSerializer[Ownership]):
    """Who answers to an expert for a use, from when until when."""

    kol = serializers.UUIDField(source="relation.kol_id", read_only=True)
    use = serializers.UUIDField(source="relation.use_id", read_only=True)
    relation = serializers.UUIDField(source="relation_id", read_only=True)
    owner = serializers.UUIDField(source="owner_id", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    begins_at = serializers.DateTimeField(source="during.lower", read_only=True)
    ends_at = serializers.DateTimeField(source="during.upper", read_only=True, allow_null=True)

    class Meta:
        model = Ownership
        fields = ("id", "relation", "kol", "use", "side", "owner", "owner_name", "begins_at", "ends_at")
        read_only_fields = fields


class OwnershipViewSet(Strict, ReadOnlyModelViewSet[Ownership]):
    """Both sides' rows for Medical and oversight, its own for field service.

    Filters: `kol`, `use`, `owner`, and `current` (`true`: those that hold now).
    """

    serializer_class = OwnershipSerializer
    pagination_class = KeysetPagination
    access = roles(MEDICAL, FIELD, READERS)
    filters: ClassVar[tuple[str, ...]] = ("kol", "use", "owner", "current")
    queryset = Ownership.objects.none()

    def get_queryset(self) -> QuerySet[Ownership]:
        rows = Ownership.objects.visible_to(person(self.request)).select_related("owner", "relation")
        asked = self.request.query_params
        for name, column in (("kol", "relation__kol"), ("use", "relation__use"), ("owner", "owner")):
            if name in asked:
                rows = rows.filter(**{column: read_parameter(serializers.UUIDField(), asked[name], name)})
        if "current" in asked:
            if asked["current"] not in ("true", "false"):
                raise exceptions.ValidationError({"current": "true or false."})
            rows = rows.current(now()) if asked["current"] == "true" else rows.exclude(during__contains=now())
        return rows
