"""Signing in, and what the trail says of it (R-161). Connected when the app is ready."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import second_factor
from accounts.acting import acting_as, current, system
from accounts.devices import address
from accounts.models import Notice, User
from accounts.notices import tell
from accounts.people import people_with
from compliance import audit
from compliance.policy import Role

__all__ = ["address", "locked", "username"]


def username(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """The address somebody tries to sign in with, as throttling counts it: small letters, no space around."""
    given = credentials or {}
    typed = given.get("email") or given.get("username") or given.get("login")
    if not typed and request is not None:
        user = getattr(request, "user", None)
        typed = user.email if isinstance(user, User) else request.POST.get("login", "")
    return str(typed or "").replace("\x00", "").strip().lower()[:254]


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
    verb = "refused a sign-in to"
    if isinstance(getattr(request, "user", None), User):
        # Signed in already: she, or somebody at her desk, was asked to prove it anew.
        verb = "refused a new proof of"
    with acting_as(system("sign-in")):
        user = User.objects.filter(email=username(request, credentials)).first()
        audit.record(
            verb, user, by=None, words=user.name if user else "an unknown address",
            refused=True, factor=str(credentials.get("factor") or "password"), **_where(request),
        )  # fmt: skip


@receiver(user_locked_out)
def locked_out(sender: Any, request: HttpRequest, username: str, **_: Any) -> None:
    """Tell the owner, and those who run the accounts, at once; once an hour however long it goes on (11.300)."""
    with acting_as(system("sign-in")) as acting:
        user = User.objects.filter(email=username).first()
        key = f"locked {username} {acting.now:%Y-%m-%dT%H}"
        if user is None or Notice.objects.filter(person=user, key=key).exists():
            return
        audit.record("locked the account of", user, by=None, words=user.name, **_where(request))
        tell(user, "account_locked", key, urgent=True)
        for person in (*people_with(Role.ADMIN), *people_with(Role.COMPLIANCE)):
            if person.pk != user.pk:
                tell(person, "account_of_locked", key, urgent=True, whose=user.name)


# Second factors ------------------------------------------------------------------------------------
NAMES = {
    second_factor.APP: "an app for codes",
    second_factor.PASSKEY: "a passkey",
    second_factor.CODES: "recovery codes",
}


@receiver(post_save, sender=Authenticator)
def factor_added(sender: Any, instance: Authenticator, created: bool, raw: bool = False, **_: Any) -> None:
    """In the transaction of the change: the trail, the owner's notice, and an end to sessions without a factor."""
    if not created or raw:
        return
    owner = instance.user
    audit.record("added to the sign-in", owner, by=_actor(owner), factor=NAMES[instance.type])
    if instance.type in second_factor.FACTORS:
        tell(owner, "factor_added", f"factor {instance.pk} added", urgent=True)
        if Authenticator.objects.filter(user=owner, type__in=second_factor.FACTORS).count() == 1:
            _end_other_sessions(owner)


@receiver(post_delete, sender=Authenticator)
def factor_removed(sender: Any, instance: Authenticator, **_: Any) -> None:
    audit.record(
        "removed from the sign-in", instance.user, by=_actor(instance.user), factor=NAMES[instance.type]
    )
    if instance.type in second_factor.FACTORS:
        tell(instance.user, "factor_removed", f"factor {instance.pk} removed", urgent=True)


@receiver(authenticator_used)
def factor_used(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """A recovery code is worth a line: the factor it stood in for is somewhere else."""
    if authenticator.type == second_factor.CODES:
        left = len(authenticator.wrap().get_unused_codes())
        with acting_as(system("sign-in")):
            audit.record(
                "took a recovery code from", user, by=None, words=user.name, left=left, **_where(request)
            )
            tell(user, "recovery_code_used", f"code {authenticator.pk} {left}", urgent=True, left=left)


def _actor(owner: User) -> User | None:
    acting = current()
    if acting.user_id is None:
        return None
    return owner if acting.user_id == owner.pk else User.objects.get(pk=acting.user_id)


def _end_other_sessions(owner: User) -> None:
    """A session that was opened by a password alone does not outlive the first factor."""
    request = context.request
    here = request.session.session_key if request is not None else None
    for session in UserSession.objects.filter(user=owner).exclude(session_key=here):
        session.end()


@receiver(password_changed)
@receiver(password_reset)
def changed_password(sender: Any, request: HttpRequest | None, user: User, **_: Any) -> None:
    with acting_as(user):
        audit.record("changed the password", by=user, **_where(request))
