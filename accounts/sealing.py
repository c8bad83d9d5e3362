"""Secrets that have to be read again are kept encrypted, so that a dump alone opens nothing."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def _key(purpose: str, secret: str) -> Fernet:
    material = f"{purpose} ".encode() + secret.encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(material).digest()))


def seal(purpose: str, text: str) -> str:
    """The text under the installation's key. What is sealed for one purpose opens for no other."""
    return _key(purpose, settings.SECRET_KEY).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str | None:
    """The text, or None where the key of the installation has changed since."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _key(purpose, str(secret)).decrypt(sealed.encode()).decode()
        except InvalidToken:
            continue
    return None
