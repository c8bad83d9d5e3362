"""The chain that the trail and the history are sealed into. Written by functions of the database alone."""

from __future__ import annotations

from django.db import models

KINDS = (("E", "event"), ("R", "row change"))


class Seal(models.Model):
    """One link: what it seals by its own key, in ids alone, bound to the link before it."""

    sequence = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=1, choices=KINDS)
    key = models.BigIntegerField()
    at = models.DateTimeField()
    sealed_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    object = models.CharField(max_length=130)
    previous = models.BinaryField()
    commitment = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        ordering = ("sequence",)
        constraints = [
            models.UniqueConstraint(name="whatever_is_sealed_is_sealed_once", fields=["kind", "key"])
        ]

    def __str__(self) -> str:
        return f"{self.sequence}"


class Salt(models.Model):
    """What keeps a commitment from being guessed. Apart, so that it can go with a payload that is erased."""

    sequence = models.BigIntegerField(primary_key=True)
    salt = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.sequence}"


class Unsealed(models.Model):
    """What waits to be sealed: put here by the transaction that wrote it."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=1, choices=KINDS)
    key = models.BigIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind}{self.key}"


class Anchor(models.Model):
    """A head of the chain that stands outside of the database."""

    sequence = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()
    at = models.DateTimeField()
    places = models.CharField(max_length=60)

    class Meta:
        ordering = ("-sequence",)

    def __str__(self) -> str:
        return f"{self.sequence}"
