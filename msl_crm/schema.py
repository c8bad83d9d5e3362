"""What the OpenAPI document says beside what the serializers say: filters, and how an operation may fail."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter


class Documented(AutoSchema):
    """Says of each list which filters it understands."""

    def get_override_parameters(self) -> list[Any]:
        if self.method != "GET" or not self._is_list_view():
            return []
        return [OpenApiParameter(name, OpenApiTypes.STR) for name in getattr(self.view, "filters", ())]


EVERY_ANSWER = {
    "400": "Something asked for is not usable; the names say what.",
    "401": "Nobody has signed in, and no valid token was sent.",
    "403": "The session's cross-site token is missing.",
    "404": "It does not exist, or not for whoever asks.",
}
ANSWERS_TO_A_BODY = {
    "413": "The body is too large.",
    "415": "The body is of another type than JSON.",
    "422": "The Idempotency-Key belongs to another request.",
}


def document_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every operation how it may fail, and of every POST that it may be refused, and with what (409)."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status_code, words in (
                EVERY_ANSWER | (ANSWERS_TO_A_BODY if method == "post" else {})
            ).items():
                answers.setdefault(status_code, {"description": words})
            if method == "post":
                answers.setdefault(
                    "409", {"content": body, "description": "Not allowed, or changed meanwhile."}
                )
    return result
