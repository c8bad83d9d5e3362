#!/usr/bin/env python3
"""Checks an exported trail without trusting whoever kept it. One file, Python's standard library, nothing else.

    python3 verify_trail.py trail.jsonl --anchors anchors.jsonl [--key-file KEY] [--result RESULT.json]

The format is docs/trail-format.md. Exit status: 0 unbroken, 1 broken, 2 a file could not be opened.
Without anchors a tail that was cut off, or a trail written anew as a whole, cannot be told from the true one.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

FORM = "msl-crm trail 1"
BEGINNING = "0" * 64
ERASED = "erased from the trail"
# What a seal's hash covers, in this order, and the kind of each.
COVERED = {
    "previous": str, "sequence": int, "kind": str, "key": int, "at": str, "sealed_at": str, "actor": str, "action": str,
    "object": str, "commitment": str,
}  # fmt: skip
SEAL = {**COVERED, "hash": str, "salt": (str, type(None)), "payload": (str, type(None))}
ANCHOR = {"sequence": int, "hash": str, "at": str, "mac": str}
SHOWN = 20
EVERY = 100_000


def netstrings(*values: object) -> bytes:
    """Each value as its length in bytes, a colon, its UTF-8, a comma: nothing can be read in two ways."""
    words = [str(value).encode() for value in values]
    return b"".join(b"%d:%s," % (len(word), word) for word in words)


def hash_of(seal: dict[str, Any]) -> str:
    return hashlib.sha256(netstrings(*(seal[name] for name in COVERED))).hexdigest()


def commitment_of(salt: str, payload: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + payload.encode()).hexdigest()


def mac_of(anchor: dict[str, Any], key: bytes) -> str:
    covered = netstrings(anchor["sequence"], anchor["hash"], anchor["at"])
    return hmac.new(key, covered, hashlib.sha256).hexdigest()


def parsed(line: str) -> dict[str, Any]:
    """A line as an object. A name that stands in it twice is refused: two readers could read two things."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError
        return dict(pairs)

    found = json.loads(line, object_pairs_hook=once)
    if type(found) is not dict:
        raise ValueError
    return found


def shaped(found: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """The object, if it holds exactly these names with values of these kinds. True is no number."""
    if set(found) != set(shape):
        raise ValueError
    for name, kind in shape.items():
        if type(found[name]) is bool or not isinstance(found[name], kind):
            raise ValueError
    return found


class Trail:
    """Reads a trail seal by seal, remembers what is wrong with it, and says so at the end."""

    def __init__(self) -> None:
        self.count, self.head, self.first_at, self.last_at = 0, BEGINNING, "", ""
        self.anchored, self.erased = 0, 0
        self.problems: list[tuple[int, str]] = []
        self.neighbours: list[tuple[int, str]] = []
        self.anchors: dict[int, set[str]] = {}
        self.missing: set[int] = set()
        self._seen: dict[tuple[str, int], int] = {}

    def expect(self, anchors: Iterable[str], key: bytes = b"") -> None:
        """Anchors, as they lie outside the database. With a key, each must be signed with it."""
        for number, line in enumerate(anchors, 1):
            try:
                anchor = shaped(parsed(line), ANCHOR)
                signed = not key or hmac.compare_digest(mac_of(anchor, key).encode(), anchor["mac"].encode())
            except (ValueError, RecursionError):
                self._wrong(f"line {number} of the anchors cannot be read")
                continue
            if signed:
                self.anchors.setdefault(anchor["sequence"], set()).add(anchor["hash"])
            else:
                self._wrong(f"line {number} of the anchors is not signed with the key")

    def seal(self, seal: dict[str, Any]) -> None:
        """The next seal of the trail."""
        before, self.count = (self.count, self.head), self.count + 1
        found = len(self.problems)
        try:
            self._check(seal)
        except (ValueError, KeyError, TypeError, RecursionError):
            self._wrong("it cannot be read")
        digest = seal.get("hash")
        self.head = digest if isinstance(digest, str) and digest.isascii() else ""
        if found == 0 and self.problems:
            self.neighbours = [before, (self.count, self.head)]

    def _check(self, seal: dict[str, Any]) -> None:
        shaped(seal, SEAL)
        if seal["sequence"] != self.count:
            self._wrong(f"number {seal['sequence']} stands in the place of {self.count}")
        if seal["previous"] != self.head:
            self._wrong("it does not follow the one before it")
        if seal["hash"] != hash_of(seal):
            self._wrong("its hash is not its own")
        self._once(seal["kind"], seal["key"])
        self._payload(seal)
        for known in self.anchors.pop(self.count, ()):
            if known == seal["hash"]:
                self.anchored = self.count
            else:
                self._wrong("it is not the one that was anchored")
        self.first_at, self.last_at = self.first_at or seal["sealed_at"], seal["sealed_at"]

    def _once(self, kind: str, key: int) -> None:
        """Whatever is sealed, is sealed once. A thousand keys share one number, so that millions fit."""
        page, place = divmod(key, 1000)
        seen = self._seen.get((kind, page), 0)
        if seen >> place & 1:
            self._wrong(f"{kind}{key} is sealed a second time")
        self._seen[kind, page] = seen | 1 << place

    def _payload(self, seal: dict[str, Any]) -> None:
        salt, payload = seal["salt"], seal["payload"]
        if payload is None and salt is None:
            self.missing.add(self.count)
            self.erased += 1
        elif payload is None or salt is None:
            self._wrong("its salt or its payload is missing")
        elif commitment_of(salt, payload) != seal["commitment"]:
            self._wrong("its payload is not the one that was sealed")
        elif seal["kind"] == "E" and seal["action"] == ERASED:
            for first, last in parsed(payload)["facts"]["sealed"]:
                self.missing -= {number for number in self.missing if first <= number <= last}

    def close(self) -> bool:
        """There is no more. Whether the trail is unbroken."""
        for number in sorted(self.missing):
            self.problems.append((number, "its payload is gone, and no erasure says why"))
        for number in sorted(self.anchors):
            self.problems.append((number, "it was anchored, and is not there: the tail is cut off"))
        return not self.problems

    def _wrong(self, what: str) -> None:
        self.problems.append((self.count, what))

    def result(self) -> dict[str, Any]:
        return {
            "unbroken": not self.problems, "count": self.count, "head": self.head, "first_at": self.first_at,
            "last_at": self.last_at, "anchored": self.anchored, "erased": self.erased,
            "problems": [list(problem) for problem in self.problems[:SHOWN]], "problem_count": len(self.problems),
            "neighbours": [list(one) for one in self.neighbours],
        }  # fmt: skip


def read_export(trail: Trail, lines: Iterable[str], after: Callable[[Trail], None]) -> None:
    """A whole export: a line that names the form, the seals, and a line that says how many there were."""
    end: dict[str, Any] | None = None
    for number, line in enumerate(lines):
        try:
            found = parsed(line)
        except (ValueError, RecursionError):
            found = {}
        if number == 0:
            if found != {"form": FORM}:
                trail._wrong("the first line does not name the form")
        elif end is not None:
            trail._wrong("there are lines after the end")
        elif "end" in found:
            end = found
        else:
            trail.seal(found)
            after(trail)
    if end != {"end": trail.count, "hash": trail.head}:
        trail._wrong("the export does not end as it says")


def told(result: dict[str, Any]) -> list[str]:
    """The result in sentences."""
    if result["unbroken"]:
        lines = [f"UNBROKEN: {result['count']} seals from {result['first_at']} to {result['last_at']}"]
    else:
        lines = [f"BROKEN: {result['problem_count']} problems in {result['count']} seals"]
        lines += [f"  at {number}: {what}" for number, what in result["problems"]]
        lines += [f"  seal {number} has the hash {digest}" for number, digest in result["neighbours"]]
    if result["anchored"]:
        lines.append(f"Anchored up to {result['anchored']} of {result['count']}")
    else:
        lines.append("No anchor was met: a cut tail or a whole new trail would not be noticed")
    return [*lines, f"Lawfully erased: {result['erased']}", f"Fingerprint: {result['head']}"]


def main(arguments: list[str], clock: Callable[[], float] = time.monotonic, every: int = EVERY) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("export")
    parser.add_argument("--anchors")
    parser.add_argument("--key-file")
    parser.add_argument("--result")
    asked = parser.parse_args(arguments)
    trail, began = Trail(), clock()

    def progress(trail: Trail) -> None:
        if trail.count % every == 0:
            rate = trail.count / max(clock() - began, 0.001)
            print(f"Checked {trail.count}, {rate:.0f} a second", file=sys.stderr)

    try:
        key = Path(asked.key_file).read_bytes().strip() if asked.key_file else b""
        if asked.anchors:
            trail.expect(_lines(asked.anchors), key)
        read_export(trail, _lines(asked.export), progress)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    unbroken = trail.close()
    print("\n".join(told(trail.result())))
    if asked.result:
        Path(asked.result).write_bytes(json.dumps(trail.result()).encode())
    return 0 if unbroken else 1


def _lines(name: str) -> Iterator[str]:
    """What is no UTF-8 is read as something else, and found."""
    with Path(name).open("rb") as file:
        for line in file:
            yield line.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
