"""What the person at the keyboard sees: steps with seconds, and failures that say what to do."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """A step that did not work, and what the reader can do about it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def say(text: str) -> None:
    print(text, flush=True)


def report(failure: Failure) -> None:
    """Prints the failure and its remedy on stderr."""
    print(f"\n  ✗ {failure.what}", file=sys.stderr, flush=True)
    if failure.remedy:
        print(f"    → {failure.remedy}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announces a step, then says how many seconds it took."""
    print(f"  • {title} …", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(" stopped", flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)
