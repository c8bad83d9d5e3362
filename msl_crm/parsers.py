"""What the API reads. Apart from api.py: REST framework loads its parsers while it defines its first view."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."
    default_code = "too_large"


class PlainJSONParser(JSONParser):
    """JSON that a record can hold: of a usable size and depth, with text PostgreSQL and UTF-8 can write."""

    largest = 2 * 1024 * 1024
    deepest = 20

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        # The stream ends where the header says, so the header can be believed.
        length = str(stream.META.get("CONTENT_LENGTH") or "0") if hasattr(stream, "META") else "0"
        if not length.isdecimal() or int(length[:12]) > self.largest:
            raise TooLarge
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as deep:
            raise exceptions.ParseError("The body is nested too deeply.") from deep
        self._look_at(data)
        return data

    def _look_at(self, data: Any) -> None:
        level, depth = [data], 0
        while level:
            if depth > self.deepest:
                raise exceptions.ParseError("The body is nested too deeply.")
            inner: list[Any] = []
            for value in level:
                if isinstance(value, dict):
                    inner += [*value.keys(), *value.values()]
                elif isinstance(value, list):
                    inner += value
                elif isinstance(value, str):
                    if "\x00" in value or not is_text(value):
                        raise exceptions.ParseError("A text holds characters that cannot be stored.")
                elif isinstance(value, int | float) and abs(value) > 2**63:
                    raise exceptions.ParseError("A number is too large.")
            level, depth = inner, depth + 1


def is_text(value: str) -> bool:
    """Whether a text can be written as UTF-8: half of a surrogate pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
