"""Whatever an auditor opens is itself part of the record (R-107)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from compliance import audit
from compliance.policy import Role


def auditors_reading(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Write down each page and file that an auditor was shown, with its address, in the transaction that showed it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        user = request.user
        if (
            user.is_authenticated
            and user.role == Role.AUDITOR
            and request.method == "GET"
            and response.status_code == 200
        ):
            audit.record("was shown a page", by=user, words=request.get_full_path()[:300])
        return response

    return middleware
