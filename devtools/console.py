"""What the person at the keyboard sees: steps with seconds, and failures that say what to do."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """A step that did not work, and what the reader can do about it."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def say(text: str = "") -> None:
    print(text, flush=True)


def report(failure: Failure) -> None:
    """Prints the failure and its remedy on stderr."""
    print(f"\n  ✗ {failure.what}", file=sys.stderr, flush=True)
    if failure.remedy:
        print(f"    → {failure.remedy}", file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announces a step, counts its seconds while it works, and says in the end how many it took."""
    began = time.monotonic()
    done = threading.Event()
    counter = threading.Thread(target=_count, args=(title, began, done), daemon=True)
    counter.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        done.set()
        counter.join()
        print(f"{_fresh_line()}  {mark} {title} ({time.monotonic() - began:.1f} s)", flush=True)


def _fresh_line() -> str:
    return "\r\033[K" if sys.stdout.isatty() else ""


def _count(title: str, began: float, done: threading.Event) -> None:
    pause = 1.0 if sys.stdout.isatty() else 15.0
    if sys.stdout.isatty():
        print(f"  … {title}", end="", flush=True)
    while not done.wait(pause):
        waited = f"  … {title} ({time.monotonic() - began:.0f} s)"
        print(f"{_fresh_line()}{waited}", end="" if sys.stdout.isatty() else "\n", flush=True)
