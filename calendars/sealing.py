"""The address of somebody's calendar is a secret that has to be read again: it is kept encrypted."""

from __future__ import annotations

from accounts import sealing

PURPOSE = "calendar addresses"


def seal(address: str) -> str:
    return sealing.seal(PURPOSE, address)


def unseal(sealed: str) -> str | None:
    """The address, or None where the key of the installation has changed since."""
    return sealing.unseal(PURPOSE, sealed)
