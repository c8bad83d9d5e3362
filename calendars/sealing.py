"""The address of somebody's calendar is a secret that has to be read again: it is kept encrypted."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"calendar addresses " + secret.encode()).digest()))


def seal(address: str) -> str:
    return _key(settings.SECRET_KEY).encrypt(address.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The address, or None where the key of the installation has changed since."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _key(str(secret)).decrypt(sealed.encode()).decode()
        except InvalidToken:
            continue
    return None
