"""Who may use a view. Every view says so, or nobody gets in.

A view declares its roles with `@allowed(...)`; an API viewset with `access = roles(...)`. The middleware
refuses what is not declared and answers "does not exist" to everybody else (decision 16). Which *rows*
a permitted person sees is `visible_to`; what she may *do* is the policy's answer. This is the outermost
of the three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from compliance.policy import Role

__all__ = [
    "ANYONE_SIGNED_IN",
    "COMMERCIAL",
    "EVERYBODY",
    "FIELD",
    "MEDICAL",
    "MSLS",
    "NOBODY",
    "OVERSIGHT",
    "PUBLIC",
    "READERS",
    "InRole",
    "allowed",
    "enforce",
    "roles",
    "rule_of",
]

# Also for somebody who is signed in and has no appointment yet, or no longer.
ANYONE_SIGNED_IN = frozenset({"signed in"})
PUBLIC = frozenset({"public"})
NOBODY: frozenset[str] = frozenset()

EVERYBODY: frozenset[str] = frozenset(Role)
MSLS: frozenset[str] = frozenset({Role.MSL, Role.MSL_LEAD})
MEDICAL: frozenset[str] = MSLS | {Role.MEDICAL_INFORMATION, Role.CLINICAL_RESEARCH}
FIELD: frozenset[str] = frozenset({Role.FIELD_SERVICE, Role.FIELD_LEAD})
COMMERCIAL: frozenset[str] = FIELD | {Role.PRODUCT_MANAGER}
# Who reads everything in scope, and changes nothing of it.
READERS: frozenset[str] = frozenset({Role.COMPLIANCE, Role.AUDITOR})
OVERSIGHT: frozenset[str] = READERS | {Role.PRIVACY}

V = TypeVar("V", bound=Callable[..., Any])

# Views of libraries cannot carry the decorator: their rows stand here, by namespace:name.
LIBRARIES: dict[str, frozenset[str]] = {
    "account_login": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_inactive": PUBLIC,
    # An administrator invites, and keeps the addresses people sign in with.
    "account_signup": NOBODY,
    "account_email": NOBODY,
    "account_email_verification_sent": NOBODY,
    "account_confirm_email": NOBODY,
    "account_confirm_login_code": NOBODY,
    "account_logout": PUBLIC,
    "account_change_password": ANYONE_SIGNED_IN,
    "account_set_password": ANYONE_SIGNED_IN,
    "account_reauthenticate": ANYONE_SIGNED_IN,
    "usersessions_list": ANYONE_SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_login_webauthn": PUBLIC,
    "mfa_index": ANYONE_SIGNED_IN,
    "mfa_reauthenticate": ANYONE_SIGNED_IN,
    "mfa_reauthenticate_webauthn": ANYONE_SIGNED_IN,
    "mfa_activate_totp": ANYONE_SIGNED_IN,
    "mfa_deactivate_totp": ANYONE_SIGNED_IN,
    "mfa_view_recovery_codes": ANYONE_SIGNED_IN,
    "mfa_generate_recovery_codes": ANYONE_SIGNED_IN,
    "mfa_list_webauthn": ANYONE_SIGNED_IN,
    "mfa_add_webauthn": ANYONE_SIGNED_IN,
    "mfa_remove_webauthn": ANYONE_SIGNED_IN,
    "mfa_edit_webauthn": ANYONE_SIGNED_IN,
    "set_language": PUBLIC,
    "api-schema": ANYONE_SIGNED_IN,
    "api-docs": ANYONE_SIGNED_IN,
}
# The technical admin holds no regulated record; Django's own is_staff guards it as well.
NAMESPACES: dict[str, frozenset[str]] = {"admin": frozenset({Role.ADMIN})}


def roles(*words: str | Iterable[str]) -> frozenset[str]:
    """Roles and sets of roles as one set: `roles(MSLS, Role.COMPLIANCE)`."""
    named: set[str] = set()
    for word in words:
        named |= {word} if isinstance(word, str) else set(word)
    return frozenset(named)


def allowed(*words: str | Iterable[str]) -> Callable[[V], V]:
    """Declare who may use a function view; everybody else is told that it does not exist.

    For example `@allowed(MSLS, Role.COMPLIANCE)`, `@allowed(EVERYBODY)` or `@allowed(PUBLIC)`.
    """
    may = roles(*words)

    def declare(view: V) -> V:
        view.access = may  # type: ignore[attr-defined]
        view.login_required = may != PUBLIC  # type: ignore[attr-defined]
        return view

    return declare


def rule_of(match: ResolverMatch) -> frozenset[str] | None:
    """Who may use the view behind an address; None where nobody said."""
    view = match.func
    if (declared := getattr(view, "access", None)) is not None:
        return declared
    # Viewsets and class-based views carry it on the class.
    for attribute in ("cls", "view_class"):
        if (declared := getattr(getattr(view, attribute, None), "access", None)) is not None:
            return declared
    if match.namespaces and match.namespaces[0] in NAMESPACES:
        return NAMESPACES[match.namespaces[0]]
    return LIBRARIES.get(match.view_name or "")


def may_use(user: Any, rule: frozenset[str] | None) -> bool:
    """Whether a person may pass. No rule lets nobody pass (R-015)."""
    if rule is None:
        return False
    if rule == PUBLIC:
        return True
    if not user.is_authenticated:
        return False
    return rule == ANYONE_SIGNED_IN or user.role in rule


class enforce:  # noqa: N801 - named as a sentence in settings: msl_crm.access.enforce
    """Refuse every address whose view does not name the visitor's role, as if it did not exist.

    Stands behind the sign-in check, so a visitor is sent to sign in first. An API address asked with a
    token is judged by `InRole`, after the token was read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        rule = rule_of(match) if match is not None else None
        # Our own API answers a stranger with 401, by `InRole`.
        if getattr(getattr(view, "cls", None), "access", None) and not request.user.is_authenticated:
            return None
        if not may_use(request.user, rule):
            raise Http404("not this person's, or nobody's")
        return None


class InRole(BasePermission):
    """The same question for the API, once the token has said who asks."""

    def has_permission(self, request: Request, view: Any) -> bool:
        rule = getattr(view, "access", None)
        if not request.user.is_authenticated:
            return False
        if not may_use(request.user, rule):
            raise Http404
        return True
