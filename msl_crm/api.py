"""The REST API: its pages, its strictness, and what a refusal looks like on the wire."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db import IntegrityError, OperationalError, transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

from accounts.acting import now
from accounts.models import IdempotencyKey, User
from compliance.policy import Refused
from msl_crm.access import InRole
from msl_crm.parsers import TooLarge, is_text

if TYPE_CHECKING:
    from rest_framework.views import APIView as _View
else:
    _View = object

KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and the same body give the first answer again and write nothing.",
)


class RefusalSerializer(serializers.Serializer[Any]):
    """Why something is not allowed, or what stands against it now."""

    detail = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    policy_version = serializers.CharField()


class KeysetPagination(CursorPagination):
    """Pages by position in a total order: no count, no offset. `page_size` up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering: tuple[str, ...] = ("id",)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        self._first = queryset.model._meta.get_field(self.ordering[0].lstrip("-"))
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A cursor that no page of ours has written is a 400."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None:
            try:
                position = str(cursor.position)
                if "\x00" in position or not is_text(position):
                    raise ValueError
                self._first.to_python(position)
            except (ValidationError, ValueError, OverflowError) as problem:
                raise exceptions.ValidationError({"cursor": "Not a usable value."}) from problem
        return cursor

    def get_page_size(self, request: Request) -> int | None:
        """An unusable size is a 400, not a silent default."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is not None and not (
            asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= self.max_page_size
        ):
            raise exceptions.ValidationError({"page_size": f"A number from 1 to {self.max_page_size}."})
        return super().get_page_size(request)


class Strict(_View):
    """A view that lists every query parameter it understands; any other is a 400.

    `filters` names them beside `cursor`, `page_size` and `format`. Declares its roles as `access`.
    """

    filters: ClassVar[tuple[str, ...]] = ()
    access: ClassVar[frozenset[str]] = frozenset()
    permission_classes = (InRole,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        unknown = set(request.query_params) - set(self.filters) - {"cursor", "page_size"}
        if unknown:
            raise exceptions.ValidationError(dict.fromkeys(sorted(unknown), "Unknown parameter."))
        for name, value in request.query_params.items():
            if "\x00" in value or len(value) > 500:
                raise exceptions.ValidationError({name: "Not a usable value."})


class Idempotent:
    """Creation that may be repeated: `Idempotency-Key` is stored with the answer in the same transaction.

    The same key and body give the same answer; another body is a 422; a request still in flight is a 409.
    """

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return super().create(request, *args, **kwargs)  # type: ignore[misc]
        if len(key) > 100 or not key.isprintable():
            raise exceptions.ValidationError({"Idempotency-Key": "At most 100 printable characters."})
        body = json.dumps(request.data, sort_keys=True, default=str)
        digest = hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()
        try:
            with transaction.atomic():
                # Claimed before the work, so that the unique index judges between two at one instant.
                claim = IdempotencyKey.objects.create(
                    user=person(request), key=key, request_hash=digest, status=0, body={}, created_at=now()
                )
        except IntegrityError:
            return self._first_answer(request, key, digest)
        try:
            response = super().create(request, *args, **kwargs)  # type: ignore[misc]
        except BaseException:
            claim.delete()
            raise
        claim.status, claim.body = response.status_code, json.loads(json.dumps(response.data, default=str))
        claim.save(update_fields=["status", "body"])
        return response

    def _first_answer(self, request: Request, key: str, digest: str) -> Response:
        # Row-level security hides what she was answered on another side: that key is another request's.
        first = IdempotencyKey.objects.filter(user=person(request), key=key).first()
        if first is None or first.request_hash != digest:
            raise KeyOfAnotherRequest
        return Response(first.body, status=first.status)


def person(request: Request) -> User:
    """Who asks; the access rule has let nobody else in."""
    if not isinstance(request.user, User):
        raise exceptions.NotAuthenticated
    return request.user


def read_parameter(field: serializers.Field[Any, Any, Any, Any], value: str, name: str) -> Any:
    """A parameter as its field understands it; a 400 that names it otherwise."""
    try:
        return field.run_validation(value)
    except serializers.ValidationError as problem:
        raise serializers.ValidationError({name: problem.detail}) from problem


class KeyOfAnotherRequest(exceptions.APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key belongs to another request."
    default_code = "key_of_another_request"


class ChangedMeanwhile(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "Somebody changed this meanwhile. Read it again and repeat what is still needed."
    default_code = "changed_meanwhile"
    wait = 1  # becomes Retry-After


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """A refusal is a 409 with its rules and missing documents; a lost race is a 409 too, never a 5xx."""
    if isinstance(exception, Refused):
        decision = exception.decision
        return Response(
            {
                "detail": str(exception),
                "rules": list(decision.rules),
                "missing": sorted(map(str, decision.missing)),
                "policy_version": decision.version,
            },
            status=status.HTTP_409_CONFLICT,
        )
    if isinstance(exception, RequestDataTooBig):
        exception = TooLarge()
    if isinstance(exception, OperationalError) and "lock timeout" in str(exception):
        exception = ChangedMeanwhile()
    return default_handler(exception, context)
