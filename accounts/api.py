"""A person's notices on the wire."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.models import Notice, User
from accounts.notices import notices_of
from msl_crm.access import EVERYBODY
from msl_crm.api import KeysetPagination, Strict


class NoticePagination(KeysetPagination):
    ordering = ("-created_at", "id")


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """Something one should know, with where to look."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "facts", "url", "urgent", "created_at", "read_at")
        read_only_fields = fields


class NoticeViewSet(Strict, ReadOnlyModelViewSet[Notice]):
    """One's own notices, newest first. Filter by `unread=true`."""

    serializer_class = NoticeSerializer
    pagination_class = NoticePagination
    access = EVERYBODY
    filters: ClassVar[tuple[str, ...]] = ("unread",)
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        user = self.request.user
        assert isinstance(user, User)  # noqa: S101 - the access rule has let nobody else in
        notices = notices_of(user)
        match self.request.query_params.get("unread"):
            case None | "false":
                return notices
            case "true":
                return notices.filter(read_at=None)
            case _:
                raise serializers.ValidationError({"unread": "true or false."})
