"""The request every view receives: the sign-in middleware has let nobody else through."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request by a person with an account."""

    user: User


def as_uuid(text: str) -> UUID | None:
    """The id that a page or an address sent, or None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
