"""A person's own notices on the wire."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts import notices
from accounts.models import Notice
from accounts.wording import sentence
from msl_crm.access import ANYONE_SIGNED_IN
from msl_crm.api import KeysetPagination, Strict


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = ("id", "kind", "sentence", "url", "urgent", "created_at", "read_at")

    def get_sentence(self, notice: Notice) -> str:
        return sentence(notice.kind, notice.facts)


class Newest(KeysetPagination):
    ordering = ("-created_at", "id")  # type: ignore[assignment]


class NoticeViewSet(Strict, ReadOnlyModelViewSet[Notice]):
    """What waits for the person who asks; nobody reads another's."""

    access = ANYONE_SIGNED_IN
    serializer_class = NoticeSerializer
    pagination_class = Newest
    queryset = Notice.objects.none()

    def get_queryset(self) -> QuerySet[Notice]:
        return notices.notices_of(self.request.user)  # type: ignore[arg-type]

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, **_: Any) -> Response:
        """Mark a notice as read. Marked again, nothing changes."""
        notice = self.get_object()
        if notice.read_at is None:
            notices.mark(request.user, [notice.pk], read=True)  # type: ignore[arg-type]
            notice.refresh_from_db()
        return Response(self.get_serializer(notice).data)
