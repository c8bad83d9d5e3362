"""Properties P-01, P-07, P-09 and P-10 of rulebook 3.8: random histories against real records, each undone again.

The state machine in `test_handover_machine.py` compares each step with a model. Here the ways are wilder (what was
entered is voided, people leave, experts object, entries are merged, batches crash), and the invariants are all asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.acting import acting_as, now, system
from compliance.policy import Basis, DeclineReason, Kind, Refused, State, Subject
from handovers import actions
from handovers.actions import Signature
from handovers.actions.objections import keep_with_medical
from handovers.models import Handover, HandoverStep
from interactions.actions import rejudge_some
from interactions.facts import Spoken
from interactions.models import Interaction, Mismatch, Topic
from kols.actions import (
    deactivate_user,
    merge_kols,
    open_relation,
    reassign_owner,
    record_objection,
    register_kol,
)
from products.actions import propose_entry, void_entry
from products.models import LifecycleEntry
from tests.integration.test_interactions import log, visit
from tests.integration.test_may_i import may
from tests.integration.test_reversal import hand_over
from tests.invariants import broken
from tests.property.size import examples

pytestmark = pytest.mark.django_db
ASK = settings(max_examples=examples(5), deadline=None, suppress_health_check=list(HealthCheck))


class _Undo(Exception):
    pass


class _Crash(Exception):
    pass


class History:
    """The company with three experts and one use, and what may happen to them."""

    def __init__(self, company: Any, use: Any, hospital: Any) -> None:
        self.c, self.use, self.relations, self.kols = company, use, [], []
        self.at = datetime.now(UTC) - timedelta(days=60)
        with acting_as(company.mara, at=self.at - timedelta(days=30)):
            for number in range(3):
                kol = register_kol(
                    by=company.mara, family_name=f"Kol {number}", main_market=company.germany, institution=hospital
                )  # fmt: skip
                self.kols.append(kol)
                self.relations.append(open_relation(kol, use, by=company.mara))

    def item(self, number: int) -> Handover | None:
        with acting_as(system("look")):
            rows = Handover.objects.filter(relation=self.relations[number]).select_related("campaign")
            return rows.order_by("due_since", "state_since").last()

    def step(self, number: int, do: Callable[..., Any], by: Any, **more: Any) -> None:
        if (item := self.item(number)) is not None:
            with acting_as(by, at=self.at):
                do(item, by=by, **more)

    def enter(self, number: int, state: State) -> None:
        """Recorded a day late, now, or a day ahead."""
        shift = timedelta(hours=(number - 1) * 30)
        with acting_as(self.c.rita, at=self.at):
            entry = propose_entry(
                self.use, state, effective_at=self.at + shift, evidence="Decision", by=self.c.rita
            )
        with acting_as(self.c.ralf, at=self.at):
            actions.enact_entry(entry, by=self.c.ralf)

    def clock(self, job: Callable[[], Any]) -> None:
        with acting_as(system("clock"), at=self.at):
            job()

    def void(self, number: int) -> None:
        c = self.c
        with acting_as(system("look"), at=self.at):
            rows = LifecycleEntry.objects.filter(use=self.use, voids=None, confirmed_at__isnull=False)
            entry = rows.order_by("-effective_at").first()
        assert entry is not None
        with acting_as(c.rita, at=self.at):
            voiding = void_entry(entry, evidence="A mistake.", by=c.rita)
        with acting_as(c.ralf, at=self.at):
            voiding = actions.enact_entry(voiding, by=c.ralf)
        with acting_as(c.clara, at=self.at):
            actions.countersign_and_enact(voiding, by=c.clara)

    def batch(self, number: int) -> None:
        """All that wait for Felix, in one batch that crashes in the middle and is repeated."""
        rows = [item for n in range(3) if (item := self.item(n)) is not None]
        items = [actions.Item(row, row.version) for row in rows]
        bulk(items, self.c.felix, self.at, uuid4(), crash_after=number)

    def release(self, number: int) -> None:
        if (item := self.item(number)) is not None:
            with acting_as(self.c.lena, at=self.at):
                actions.release_campaign(item.campaign, by=self.c.lena, signature=signed(self.c.lena))

    def object_to_marketing(self, number: int) -> None:
        with acting_as(self.c.mara, at=self.at):
            record_objection(
                self.kols[number], by=self.c.mara, kind="MARKETING", since=now(), evidence="Letter"
            )
        keep_with_medical(self.kols[number])

    def leave(self, number: int) -> None:
        with acting_as(self.c.anton, at=self.at):
            deactivate_user(self.c.moritz if number else self.c.mara, by=self.c.anton)

    def reassign(self, number: int) -> None:
        with acting_as(self.c.lena, at=self.at):
            reassign_owner(self.relations[number], to=self.c.moritz, by=self.c.lena)

    def merge(self, number: int) -> None:
        with acting_as(self.c.lena, at=self.at):
            merge_kols(self.kols[2], self.kols[number % 2], by=self.c.lena)

    def carry(self, number: int) -> None:
        for each in ("authorise", "open", "prepare", "assign", "accept", "approve", "move"):
            self.try_it(each, 1 if each == "authorise" else number)

    def try_it(self, command: str, number: int) -> None:
        try:
            with transaction.atomic():
                COMMANDS[command](self, number)
        except Refused:
            pass


def signed(by: Any) -> Signature:
    return Signature(by, "password")


COMMANDS: dict[str, Callable[[History, int], None]] = {
    "authorise": lambda h, n: h.enter(n, State.AUTHORISED),
    "suspend": lambda h, n: h.enter(n, State.SUSPENDED),
    "withdraw": lambda h, n: h.enter(n, State.WITHDRAWN),
    "void": History.void,
    "open": lambda h, n: h.clock(actions.open_due_handovers),
    "follow": lambda h, n: h.clock(actions.follow_facts),
    "move": lambda h, n: h.clock(actions.make_effective),
    "prepare": lambda h, n: h.step(
        n, actions.prepare_handover, h.c.mara, signature=signed(h.c.mara), previewed=True
    ),
    "assign": lambda h, n: h.step(n, actions.assign_handover, h.c.frieda, recipient=h.c.felix),
    "accept": lambda h, n: h.step(n, actions.accept_handover, h.c.felix),
    "decline": lambda h, n: h.step(n, actions.decline_handover, h.c.felix, reason=DeclineReason.CAPACITY),
    "approve": lambda h, n: h.step(
        n, actions.approve_handover, h.c.lena, signature=signed(h.c.lena), effective_at=h.at
    ),
    "send_back": lambda h, n: h.step(n, actions.send_back_handover, h.c.lena, reason="again"),
    "reverse": lambda h, n: h.step(
        n, actions.order_reversal, h.c.clara, cause="order", signature=signed(h.c.clara)
    ),
    "hold": lambda h, n: h.step(n, actions.hold_handover, h.c.clara, reason="hold"),
    "lift": lambda h, n: h.step(n, actions.lift_hold, h.c.clara),
    "release": History.release,
    "object": History.object_to_marketing,
    "leave": History.leave,
    "reassign": History.reassign,
    "merge": History.merge,
    "batch": History.batch,
    "carry": History.carry,
}


def bulk(items: list[Any], by: Any, at: datetime | None, batch: UUID, crash_after: int | None = None) -> None:
    """Accept all in one batch. It crashes after so many and is then repeated whole."""
    taken = 0

    def once(handover: Handover, **more: Any) -> Any:
        nonlocal taken
        if crash_after is not None and taken == crash_after:
            raise _Crash
        taken += 1
        return actions.accept_handover(handover, **more)

    def with_signature(handover: Handover, *, by: Any, signature: Any, version: int) -> Any:
        return once(handover, by=by, signature=signature, version=version)

    for each in ([with_signature] if crash_after is not None else []) + [actions.accept_handover]:
        try:
            for item in (
                [items]
                if crash_after is None or each is actions.accept_handover
                else [[one] for one in items]
            ):
                with acting_as(by, at=at):
                    actions.run_batch(each, item, by=by, batch_id=batch, transition="T-04")
        except _Crash:
            pass


@ASK
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(0, 2), st.integers(1, 40)),
        min_size=8,
        max_size=14,
    )
)
def test_p01_no_sequence_of_commands_breaks_an_invariant(company, novastat_hf, hospital, steps):
    try:
        with transaction.atomic():
            history = History(company, novastat_hf, hospital)
            history.try_it("carry", 0)
            for command, number, hours in steps:
                history.at += timedelta(hours=hours)
                history.try_it(command, number)
                with acting_as(system("look"), at=history.at):
                    assert (command, broken()) == (command, {})
            raise _Undo
    except _Undo:
        pass


IN_LINE = ("open", "prepare", "assign")
BEFORE: dict[str, tuple[str, ...]] = {
    "decline": IN_LINE, "batch": IN_LINE, "send_back": (*IN_LINE, "accept"), "lift": ("open", "hold"),
    "reverse": (), "void": (),
}  # fmt: skip


def test_p01_every_command_can_be_carried_out(company, novastat_hf, hospital):
    """The property above would be empty if its commands were always refused."""
    found: set[str] = set()
    for command in sorted(COMMANDS):
        before = BEFORE.get(command, ("open",))
        try:
            with transaction.atomic():
                history = History(company, novastat_hf, hospital)
                history.try_it("carry", 0)
                for each in ("authorise", *before):
                    history.at += timedelta(hours=1)
                    history.try_it(each, 1)
                for number in (0, 1) if command in ("reverse", "leave") else (1,):
                    try:
                        with transaction.atomic():
                            COMMANDS[command](history, number)
                            found.add(command)
                    except Refused:
                        pass
                raise _Undo
        except _Undo:
            pass
    needs_more = {"prepare", "assign", "accept", "approve", "authorise"}  # carried out by "carry"
    assert set(COMMANDS) - found - needs_more == set()


# P-07


@pytest.fixture
def three(company, novastat_hf, hospital):
    """Three handovers that wait for Felix, one of which somebody has moved on meanwhile."""
    history = History(company, novastat_hf, hospital)
    history.enter(1, State.AUTHORISED)
    for each in ("open",):
        history.try_it(each, 0)
    for number in range(3):
        for each in ("prepare", "assign"):
            history.try_it(each, number)
    history.at = None  # type: ignore[assignment]
    return history


@settings(ASK, max_examples=examples(8))
@given(
    order=st.permutations([0, 1, 2]),
    gone=st.none() | st.integers(0, 2),
    crash=st.none() | st.integers(0, 3),
    repeats=st.integers(1, 2),
)
def test_p07_a_batch_equals_its_items_one_by_one(three, order, gone, crash, repeats):
    """In any order, with any crash and replay, and with one item that was taken back meanwhile."""
    c = three.c
    ends = []
    for in_bulk in (False, True):
        try:
            with transaction.atomic():
                rows = [three.item(number) for number in order]
                items = [actions.Item(row, row.version) for row in rows]
                if gone is not None:
                    with acting_as(c.felix):
                        actions.decline_handover(three.item(gone), reason=DeclineReason.CAPACITY, by=c.felix)
                if in_bulk:
                    batch = uuid4()
                    for _ in range(repeats):
                        bulk(items, c.felix, None, batch, crash_after=crash)
                else:
                    for item in items:
                        try:
                            with acting_as(c.felix):
                                actions.accept_handover(item.handover, by=c.felix, version=item.version)
                        except Refused:
                            pass
                ends.append(ending(three))
                raise _Undo
        except _Undo:
            pass
    assert ends[0] == ends[1]
    assert sum(state == "ACCEPTED" for state, *_ in ends[0]) == (3 if gone is None else 2)


def ending(history: History) -> list[tuple[Any, ...]]:
    """Where each handover stands, and its way there, without what a batch alone has."""
    found = []
    for number in range(3):
        item = history.item(number)
        assert item is not None
        with acting_as(system("look")):
            steps = HandoverStep.objects.filter(handover=item).order_by("version")
            way = list(steps.values_list("transition", "by", "package_hash"))
        found.append((item.state, item.version, item.recipient_id, item.package_hash, way))
    return found


# P-09


@settings(ASK, max_examples=examples(3))
@given(days=st.integers(1, 9), gap=st.integers(1, 9))
def test_p09_a_second_handover_gives_what_the_first_gave_and_nothing_of_the_first_revives(
    company, keller, relation, novastat_hf, enter, mara, frieda, felix, lena, days, gap
):
    try:
        with transaction.atomic():
            start = datetime.now(UTC) - timedelta(days=40)
            enter(novastat_hf, State.AUTHORISED, at=start)
            first = hand_over(relation, mara, frieda, felix, lena, at=start + timedelta(days=1))
            before = permissions(company, keller, novastat_hf, start + timedelta(days=1, hours=6))
            ended = start + timedelta(days=1 + days)
            enter(novastat_hf, State.SUSPENDED, at=ended)
            during = permissions(company, keller, novastat_hf, ended + timedelta(hours=6))
            again = ended + timedelta(days=gap)
            enter(novastat_hf, State.AUTHORISED, at=again)
            second = hand_over(relation, mara, frieda, felix, lena, at=again + timedelta(days=1))
            after = permissions(company, keller, novastat_hf, again + timedelta(days=1, hours=6))

            assert (before == after, before == during) == (True, False)
            assert first.pk != second.pk
            assert look_at(first).state == "REVERSED"
            with acting_as(system("look")):
                steps = list(HandoverStep.objects.filter(handover=second).order_by("version"))
                earlier = HandoverStep.objects.filter(handover=first).values_list("pk", flat=True)
                assert not {step.pk for step in steps} & set(earlier)
                assert [step.transition for step in steps] == ["T-17", "T-02", "T-03", "T-04", "T-05", "T-06"]
            raise _Undo
    except _Undo:
        pass


def look_at(row: Handover) -> Handover:
    with acting_as(system("look")):
        return Handover.objects.get(pk=row.pk)


def permissions(company: Any, kol: Any, use: Any, at: datetime) -> list[tuple[Any, ...]]:
    """What each of three people may do with the expert at that instant."""
    found = []
    for name in ("felix", "otto", "mara"):
        for kind in (Kind.VISIT, Kind.PRODUCT_CALL):
            told = may(
                getattr(company, name), kol, use, at=at, kind=kind, basis=Basis.UNSOLICITED_REQUEST
            ).decision
            found.append((name, kind, told.outcome, told.rules, told.missing))
    return found


# P-10


@settings(ASK, max_examples=examples(4))
@given(
    visits=st.lists(st.integers(1, 200), min_size=1, max_size=4, unique=True),
    closed=st.integers(1, 200),
    open_again=st.none() | st.integers(1, 200),
)
def test_p10_what_is_recorded_late_changes_no_row_and_names_exactly_what_a_fresh_look_names(
    company, keller, relation, novastat_hf, mara, germany, enter, visits, closed, open_again
):
    """Hours after the authorisation: visits, and a suspension (with its end) that nobody recorded until now."""
    start = datetime.now(UTC) - timedelta(days=10)
    topic = Spoken(subject=Subject.USE, use=novastat_hf)
    try:
        with transaction.atomic():
            enter(novastat_hf, State.AUTHORISED, at=start, recorded_at=start)
            for hours in visits:
                at = start + timedelta(hours=hours)
                with acting_as(mara, at=at + timedelta(hours=1)):
                    log(mara, keller, visit(germany, starts_at=at), topic)
            found_again()
            rows, found = stored(), set(mismatches())
            spans = [(closed, None if open_again is None or open_again <= closed else open_again)]
            enter(novastat_hf, State.SUSPENDED, at=start + timedelta(hours=closed))
            if spans[0][1] is not None:
                enter(novastat_hf, State.AUTHORISED, at=start + timedelta(hours=spans[0][1]))
            found_again()

            assert stored() == rows
            half = timedelta(minutes=29)
            expected = {
                start + timedelta(hours=hours) for hours in visits for since, until in spans
                if timedelta(hours=hours) + half >= timedelta(hours=since) and (until is None or hours < until)
            }  # fmt: skip
            assert set(mismatches()) - found == expected
            raise _Undo
    except (_Undo, IntegrityError):
        pass


def found_again() -> None:
    while rejudge_some() is not None:
        pass


def mismatches() -> list[datetime]:
    with acting_as(system("look")):
        return list(Mismatch.objects.values_list("interaction__starts_at", flat=True))


def stored() -> list[Any]:
    with acting_as(system("look")):
        return [list(model.objects.order_by("pk").values()) for model in (Interaction, Topic)]
