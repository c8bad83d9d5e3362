"""A person's notices on the wire."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.models import Notice
from accounts.notices import mark, notices_of
from accounts.wording import sentence
from msl_crm.access import EVERYBODY
from msl_crm.api import KeysetPagination, Strict, person


class NoticePagination(KeysetPagination):
    ordering = ("-created_at", "id")


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """Something one should know, in a sentence and as facts, with where to look."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ("id", "kind", "sentence", "facts", "url", "urgent", "created_at", "read_at")
        read_only_fields = fields

    def get_sentence(self, notice: Notice) -> str:
        return sentence(notice.kind, notice.facts)


class NoticeViewSet(Strict, ReadOnlyModelViewSet[Notice]):
    """One's own notices, newest first; nobody reads another's. Filter by `unread=true`."""

    serializer_class = NoticeSerializer
    pagination_class = NoticePagination
    access = EVERYBODY
    filters: ClassVar[tuple[str, ...]] = ("unread",)
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        notices = notices_of(person(self.request))
        match self.request.query_params.get("unread"):
            case None | "false":
                return notices
            case "true":
                return notices.filter(read_at=None)
            case _:
                raise serializers.ValidationError({"unread": "true or false."})

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def reading(self, request: Request, **_: Any) -> Response:
        """Mark a notice as read. Marked again, nothing changes."""
        notice = self.get_object()
        if notice.read_at is None:
            mark(person(request), [notice.pk], read=True)
            notice.refresh_from_db()
        return Response(self.get_serializer(notice).data)
