"""What a browser says of itself, in two words a person recognises."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def name_of(user_agent: str) -> str:
    """For example "Chrome, Linux"; the whole line where nothing in it is known."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part) or user_agent[:60] or _("unknown device")


def class_of(user_agent: str) -> str:
    """What sort of device it is, and no more: the trail needs no fingerprint of anybody's telephone."""
    if any(mark in user_agent for mark in ("iPad", "Tablet")):
        return "tablet"
    if any(mark in user_agent for mark in ("iPhone", "Mobile")):
        return "phone"
    if "Android" in user_agent:
        return "tablet"
    return (
        "computer"
        if any(mark in user_agent for mark in ("Windows", "Mac OS X", "Linux", "CrOS"))
        else "programme"
    )


def address(request: HttpRequest) -> str:
    """Where a request comes from; behind the proxy the hop the proxy itself has seen."""
    if settings.SECURE_PROXY_SSL_HEADER:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if hop := hops[-1].strip():
            return str(hop)
    return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")


def source_of(request: HttpRequest) -> dict[str, str]:
    """How a request came in, as the trail keeps it. The session by a name that does not open it."""
    key = getattr(request, "session", None) and request.session.session_key
    return {
        "session": salted_hmac("trail.session", key).hexdigest()[:16] if key else "",
        "strength": _strength(request),
        "address": address(request)[:45],
        "device": class_of(request.headers.get("User-Agent", "")),
        "batch": request.headers.get("Idempotency-Key", "")[:100],
    }


def _strength(request: HttpRequest) -> str:
    """How whoever asks has shown who she is: a token, or what allauth kept of the sign-in."""
    if getattr(request, "by_token", False):
        return "token"
    methods = request.session.get("account_authentication_methods", []) if hasattr(request, "session") else []
    known = {
        str(method.get("type") or method.get("method", "")) for method in methods if isinstance(method, dict)
    }
    return "+".join(sorted(known - {""}))[:60]
