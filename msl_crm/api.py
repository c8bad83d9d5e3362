"""The REST API: its router, and what a refusal looks like on the wire."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

from compliance.policy import Refused


class KeysetPagination(CursorPagination):
    """Pages by position in a total order: no count, no offset."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering = ("-created_at", "id")


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal is a 409 with the rules it rests on and the documents that are missing."""
    if isinstance(exception, Refused):
        decision = exception.decision
        return Response(
            {
                "detail": str(exception),
                "rules": list(decision.rules),
                "missing": sorted(map(str, decision.missing)),
                "policy_version": decision.version,
            },
            status=409,
        )
    return default_handler(exception, context)
