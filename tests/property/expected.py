"""What the state machine expects: which entries a use has, and who owned each relation. No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from compliance.policy import State, may_follow

OPENING = (State.AUTHORISED, State.CONDITIONAL)
IN_FLIGHT = ("DUE", "PREPARED", "ASSIGNED", "ACCEPTED", "APPROVED")


@dataclass
class Run:
    """A time in which field service owned a relation; open while `ended` is None."""

    began: datetime
    ended: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.began <= at and (self.ended is None or at < self.ended)


class Expected:
    """The entries of one use, and per relation: field service's runs, oldest first, and the handover's state.

    Medical owns all time outside the runs.
    """

    clock: datetime
    entries: list[tuple[datetime, State]]
    field: list[list[Run]]
    state: list[str]
    effective: list[datetime | None]

    def is_open(self, at: datetime) -> bool:
        standing = [state for since, state in self.entries if since <= at]
        return bool(standing) and standing[-1] in OPENING

    def first_closed(self, since: datetime) -> datetime | None:
        if not self.is_open(since):
            return since
        later = [at for at, state in self.entries if at > since and state not in OPENING]
        return later[0] if later else None

    def may_enter(self, state: State, at: datetime) -> bool:
        """One state at one instant, and none that may not stand between its neighbours."""
        before = [known for since, known in self.entries if since <= at]
        after = [known for since, known in self.entries if since > at]
        follows = not before or may_follow(before[-1], state)
        return (
            follows
            and (not after or may_follow(state, after[0]))
            and not any(since == at for since, _ in self.entries)
        )

    def enter(self, state: State, at: datetime) -> None:
        self.entries = sorted([*self.entries, (at, state)])
        self.reverse()
        self.freeze()

    def reverse(self) -> None:
        for number, runs in enumerate(self.field):
            for run in runs:
                closed = self.first_closed(run.began)
                if closed is not None and (run.ended is None or closed < run.ended):
                    if run.ended is None:
                        self.state[number] = "REVERSED"
                    run.ended = closed
            self.field[number] = [run for run in runs if run.ended is None or run.began < run.ended]

    def freeze(self) -> None:
        if not self.is_open(self.clock):
            self.state = ["FROZEN" if state in IN_FLIGHT else state for state in self.state]

    def fall_due(self) -> None:
        if not self.is_open(self.clock):
            return
        for number, runs in enumerate(self.field):
            owned = any(run.holds(self.clock) for run in runs)
            if not owned and self.state[number] in ("", "REVERSED"):
                self.state[number] = "DUE"

    def move(self) -> None:
        come = [
            number
            for number, at in enumerate(self.effective)
            if self.state[number] == "APPROVED" and at is not None and at <= self.clock
        ]
        if come and not self.is_open(self.clock):
            self.freeze()
            return
        for number in come:
            # Where a closing is already confirmed it would own beyond it: the database says no, and the
            # item waits.
            if self.first_closed(self.clock) is None:
                self.state[number] = "EFFECTIVE"
                self.field[number].append(Run(self.clock))
