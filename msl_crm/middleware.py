"""What every request passes: a door for probes, the transaction in the visitor's name, her second factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from accounts.acting import acting_as, came_from, current
from accounts.devices import source_of
from accounts.models import User
from accounts.tokens import token_user
from compliance import audit
from compliance.policy import Refused
from msl_crm.access import PUBLIC, rule_of

Handler = Callable[[HttpRequest], HttpResponseBase]


def health(get_response: Handler) -> Handler:
    """Answer `/healthz` before host, session and database are asked."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain")
        return get_response(request)

    return middleware


@contextmanager
def _in_words_of(user: User | None) -> Iterator[None]:
    """Speak a person's language and tell her time; the thread's next visitor inherits neither."""
    if user is None:
        with timezone.override(None):
            yield
        return
    with translation.override(user.language), timezone.override(user.tz):
        yield


class acting:  # noqa: N801 - named as a sentence in settings: msl_crm.middleware.acting
    """Open the transaction in the visitor's name; roll it back when the answer is a server error.

    The whole request lies inside, template rendering included, because outside of it row-level security
    shows nothing. Personal pages are never stored by anybody on the way.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        by_token = token_user(request)
        user = by_token or (request.user if request.user.is_authenticated else None)
        if user is not None:
            request.user = user
        request.by_token = by_token is not None  # type: ignore[attr-defined]
        with came_from(**source_of(request)), acting_as(user), _in_words_of(user):
            request.LANGUAGE_CODE = translation.get_language() or "en-gb"
            if user is not None and user.glass is not None:
                self._note(request, user)
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        if user is not None:
            add_never_cache_headers(response)
        return response

    @staticmethod
    def _note(request: HttpRequest, user: User) -> None:
        """Whatever is asked for under break-glass stands in the trail, before it is answered (R-107)."""
        audit.record(
            "read under break-glass", user, by=user,
            words=request.path[:300], method=request.method, query=request.META.get("QUERY_STRING", "")[:300],
            glass=str(user.glass),
        )  # fmt: skip

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal no view has shown becomes the page that explains it."""
        if isinstance(exception, Refused):
            return render(request, "409.html", {"refusal": exception}, status=409)
        return None


# Where somebody whose role must have a second factor, and who has none, may still go.
BEFORE_ENROLMENT = ("mfa_", "account_reauthenticate", "account_logout", "account_change_password")


class second_factor:  # noqa: N801 - named as a sentence in settings: msl_crm.middleware.second_factor
    """Lead a person whose role must have a second factor to the page where she adds one, and nowhere else.

    By session or by token, page, fragment, device or API: nothing of the product opens before (R-140).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if not current().lacks_factor or match is None:
            return None
        if rule_of(match) == PUBLIC or (match.view_name or "").startswith(BEFORE_ENROLMENT):
            return None
        if request.by_token:  # type: ignore[attr-defined]
            return JsonResponse({"detail": "Add a second factor first."}, status=401)
        if "HX-Request" in request.headers:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")
