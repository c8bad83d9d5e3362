"""Tokens per person for the API."""

from __future__ import annotations

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User


def token_user(request: HttpRequest) -> User | None:
    """Whose token a request carries. Asked before the transaction opens, because it opens in her name."""
    scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")  # type: ignore[arg-type]
    if scheme.lower() != "bearer" or not secret:
        return None
    token = (
        ApiToken.objects.select_related("user").filter(digest=ApiToken.hash(secret), revoked_at=None).first()
    )
    return token.user if token is not None and token.user.is_active else None


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <secret>`, a person's own token. Resolved by the middleware."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        if not get_authorization_header(request).lower().startswith(b"bearer "):
            return None
        user = request._request.user
        # Somebody's session does not stand in for a token that opens nothing.
        if not isinstance(user, User) or not getattr(request._request, "by_token", False):
            raise AuthenticationFailed("This token is not valid.")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names the token."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
