"""Signing in, and what the trail says of it (R-161). Connected when the app is ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.signals import password_changed, password_reset
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.acting import acting_as, system
from accounts.models import User
from compliance import audit


def username(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The address somebody tries to sign in with, as throttling counts it: small letters, no space around."""
    given = credentials or {}
    typed = given.get("email") or given.get("username") or given.get("login")
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    return str(typed or "").replace("\x00", "").strip().lower()[:254]


def address(request: HttpRequest) -> str:
    """Where a request comes from; behind the proxy the hop the proxy itself has seen."""
    if settings.SECURE_PROXY_SSL_HEADER:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hop := hops[-1].strip():
            return str(hop)
    return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")


def locked(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> HttpResponse:
    """Too many wrong passwords: say when to try again, by the clock."""
    attempt = AccessAttempt.objects.filter(
        username=username(request, credentials), ip_address=address(request)
    )
    last = attempt.order_by("-attempt_time").values_list("attempt_time", flat=True).first() or timezone.now()
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    # A minute is added because the clock on the wall shows no seconds.
    again_at = last + cool_off + timedelta(minutes=1)
    return render(request, "account/locked.html", {"again_at": again_at}, status=429)


def _where(request: HttpRequest | None) -> dict[str, Any]:
    if request is None or not hasattr(request, "META"):
        return {}
    return {"address": address(request), "device": request.META.get("HTTP_USER_AGENT", "")[:200]}


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest | None, user: User, **_: Any) -> None:
    with acting_as(user):
        audit.record("signed in", by=user, **_where(request))


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        with acting_as(user):
            audit.record("signed out", by=user, **_where(request))


@receiver(user_login_failed)
def failed(sender: Any, credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Under the product's name: nobody has proved who she is. What was typed is not kept."""
    with acting_as(system("sign-in")):
        user = User.objects.filter(email=username(request, credentials)).first()
        audit.record(
            "refused a sign-in to", user, by=None, words=user.name if user else "an unknown address",
            refused=True, **_where(request),
        )  # fmt: skip


@receiver(password_changed)
@receiver(password_reset)
def changed_password(sender: Any, request: HttpRequest | None, user: User, **_: Any) -> None:
    with acting_as(user):
        audit.record("changed the password", by=user, **_where(request))
