"""Whose device it is: the key of a person's drafts, and the marks that say what a device may open and keep."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.models import User
from msl_crm.access import FIELD, MEDICAL

ON_DEVICE = MEDICAL | FIELD


@dataclass(frozen=True)
class Device:
    """Whose drafts may be opened (`tag`), and as what she reads (`scope`)."""

    tag: str
    scope: str


def device_of(user: Any) -> Device | None:
    """A person's drafts are hers on her present side; on the other side they do not open (decision 11).

    The scope changes with role and markets: then what was kept for reading goes.
    """
    if user is None or not user.is_authenticated or user.role not in ON_DEVICE:
        return None
    markets = ",".join(sorted(map(str, user.market_ids)))
    return Device(_derived("tag", user).hex()[:24], _derived(f"scope {user.role} {markets}", user).hex()[:24])


def secret_of(user: User) -> str:
    """What opens her drafts on any device of hers. It is handed out to her session and stored nowhere."""
    return base64.b64encode(_derived("key", user)).decode()


def _derived(purpose: str, user: User) -> bytes:
    said = f"device {purpose} {user.pk} {user.side}"
    return hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).digest()
