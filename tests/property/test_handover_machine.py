"""Random ways through authorisations, handovers and suspensions: a plain model and the database agree,
and nothing breaks.

The model, in `expected.py`, knows two things: which entries a use has, and who owned each relation. Small by
default; the long run sets CRM_MACHINE_EXAMPLES and CRM_MACHINE_STEPS.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.acting import acting_as, system
from compliance.policy import DeclineReason, Refused, State
from handovers import actions
from handovers.actions import Signature
from handovers.models import Campaign, Handover
from kols.actions import open_relation, register_kol
from kols.models import Institution, Ownership
from products.actions import propose_entry
from products.models import Indication, Product, Use
from tests.invariants import broken
from tests.property.expected import IN_FLIGHT, Expected, Run
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
RELATIONS = st.integers(0, 2)


class Machine(Expected, RuleBasedStateMachine):
    """One use, three experts, the five people of a handover, and a clock that only goes forward."""

    company: SimpleNamespace

    def __init__(self) -> None:
        super().__init__()
        self.clock = START
        self.entries = [(START - timedelta(days=400), State.SUBMITTED)]
        people = self.company
        with acting_as(system("set the stage"), at=START - timedelta(days=400)):
            product = Product.objects.create(brand=f"Model {uuid4().hex[:8]}", created_at=START)
            indication = Indication.objects.create(product=product, name="Heart failure", label="Adults.")
            self.use = Use.objects.create(indication=indication, market=people.germany, created_at=START)
            hospital = Institution.objects.create(
                name="Nordstadt", city="Hamburg", region="DE-HH", country="DE"
            )
        self._enact(
            State.SUBMITTED, START - timedelta(days=400), model=False, clock=START - timedelta(days=399)
        )
        self.relations = []
        with acting_as(people.mara, at=START - timedelta(days=300)):
            for number in range(3):
                kol = register_kol(
                    by=people.mara,
                    family_name=f"Kol {number}",
                    main_market=people.germany,
                    institution=hospital,
                )
                self.relations.append(open_relation(kol, self.use, by=people.mara))
        self.field = [[], [], []]
        self.state = ["", "", ""]
        self.effective = [None] * 3

    # Doing ------------------------------------------------------------------------------------------

    def _enact(
        self, state: State, at: datetime, *, model: bool = True, clock: datetime | None = None
    ) -> bool:
        clock = clock or self.clock
        people = self.company
        with acting_as(people.rita, at=clock):
            entry = propose_entry(self.use, state, effective_at=at, evidence="Decision", by=people.rita)
        lawful = not model or self.may_enter(state, at)
        try:
            with acting_as(people.ralf, at=clock):
                actions.enact_entry(entry, by=people.ralf)
        except Refused:
            assert not lawful
            return False
        assert lawful
        if model:
            self.enter(state, at)
        return True

    def item(self, number: int) -> Handover | None:
        with acting_as(system("look"), at=self.clock):
            rows = Handover.objects.filter(relation=self.relations[number]).select_related("campaign")
            return rows.order_by("due_since", "state_since").last()

    def there(self, number: int) -> Handover:
        item = self.item(number)
        assert item is not None
        return item

    def take(self, number: int, needs: str, doing: Any, person: Any) -> bool:
        """Do it as that person; the model says whether it must have worked."""
        item = self.item(number)
        if item is None:
            return False
        lawful = self.state[number] == needs
        try:
            with acting_as(person, at=self.clock):
                doing(item, person)
        except Refused:
            assert not lawful, (needs, self.state)
            return False
        assert lawful, (needs, self.state)
        return True

    # Rules ------------------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.clock += timedelta(hours=hours)

    @rule(
        state=st.sampled_from([State.AUTHORISED, State.SUSPENDED, State.WITHDRAWN, State.SUBMITTED]),
        hours=st.integers(-72, 48),
    )
    def the_lifecycle_moves(self, state: State, hours: int) -> None:
        self._enact(state, self.clock + timedelta(hours=hours))

    @rule()
    def authorised_now(self) -> None:
        self._enact(State.AUTHORISED, self.clock)

    @rule()
    def due_handovers_open(self) -> None:
        with acting_as(system("clock"), at=self.clock):
            actions.open_due_handovers()
        self.fall_due()

    @rule()
    def handovers_follow(self) -> None:
        with acting_as(system("clock"), at=self.clock):
            actions.follow_facts()
        self.freeze()
        if self.is_open(self.clock):
            self.state = ["DUE" if state == "FROZEN" else state for state in self.state]

    @rule(number=RELATIONS)
    def prepared(self, number: int) -> None:
        done = self.take(number, "DUE", lambda item, by: actions.prepare_handover(
            item, by=by, signature=Signature(by, "password"), previewed=True), self.company.mara)  # fmt: skip
        if done:
            self.state[number] = "PREPARED"

    @rule(number=RELATIONS)
    def assigned(self, number: int) -> None:
        if self.state[number] == "PREPARED" and self.take(
            number,
            "PREPARED",
            lambda item, by: actions.assign_handover(item, recipient=self.company.felix, by=by),
            self.company.frieda,
        ):
            self.state[number] = "ASSIGNED"

    @rule(number=RELATIONS)
    def accepted(self, number: int) -> None:
        if self.take(
            number, "ASSIGNED", lambda item, by: actions.accept_handover(item, by=by), self.company.felix
        ):
            self.settle_acceptance(number)

    def settle_acceptance(self, number: int) -> None:
        item = self.there(number)
        released = item.campaign.released_at is not None
        self.state[number] = "APPROVED" if released else "ACCEPTED"
        self.effective[number] = item.effective_at

    @rule(number=RELATIONS)
    def declined(self, number: int) -> None:
        if self.take(number, "ASSIGNED", lambda item, by: actions.decline_handover(
                item, reason=DeclineReason.CAPACITY, by=by), self.company.felix):  # fmt: skip
            self.state[number] = "PREPARED"

    @rule(number=RELATIONS, hours=st.integers(0, 30))
    def approved(self, number: int, hours: int) -> None:
        at = self.clock + timedelta(hours=hours)
        if self.take(
            number,
            "ACCEPTED",
            lambda item, by: actions.approve_handover(
                item, by=by, signature=Signature(by, "password"), effective_at=at
            ),
            self.company.lena,
        ):
            self.state[number], self.effective[number] = "APPROVED", at

    @rule()
    def approved_ones_take_effect(self) -> None:
        with acting_as(system("clock"), at=self.clock):
            actions.make_effective()
        self.move()

    @rule(number=RELATIONS)
    def carried_through(self, number: int) -> None:
        """The whole way in one go, so that random ways also begin where field service owns."""
        self.authorised_now()
        self.due_handovers_open()
        self.prepared(number)
        self.assigned(number)
        self.accepted(number)
        self.approved(number, 0)
        self.approved_ones_take_effect()

    @rule(number=RELATIONS)
    def compliance_takes_one_back(self, number: int) -> None:
        item = self.item(number)
        if item is None or self.state[number] != "EFFECTIVE" or self.field[number][-1].began == self.clock:
            return
        with acting_as(self.company.clara, at=self.clock):
            actions.order_reversal(
                item,
                cause="order",
                by=self.company.clara,
                signature=Signature(self.company.clara, "password"),
            )
        self.state[number] = "REVERSED"
        self.field[number][-1].ended = self.clock

    # Two at once --------------------------------------------------------------------------------------

    @precondition(lambda self: "ASSIGNED" in self.state)
    @rule()
    def accepted_twice_at_once(self) -> None:
        number, felix, clock = self.state.index("ASSIGNED"), self.company.felix, self.clock
        item = self.there(number)

        def accept() -> None:
            with acting_as(felix, at=clock):
                actions.accept_handover(item, by=felix)

        answers = at_once(accept, accept)
        assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
        self.settle_acceptance(number)

    @precondition(lambda self: "ASSIGNED" in self.state and self.is_open(self.clock))
    @rule()
    def accepted_while_suspended(self) -> None:
        number, people, clock = self.state.index("ASSIGNED"), self.company, self.clock
        if not self.may_enter(State.SUSPENDED, clock):
            return
        item, entry = self.there(number), self.proposed_suspension()

        def accept() -> None:
            with acting_as(people.felix, at=clock):
                actions.accept_handover(item, by=people.felix)

        def suspend() -> None:
            with acting_as(people.ralf, at=clock):
                actions.enact_entry(entry, by=people.ralf)

        answers = at_once(accept, suspend)
        assert not isinstance(answers[1], Refused)
        self.enter(State.SUSPENDED, clock)

    @precondition(lambda self: "APPROVED" in self.state and self.is_open(self.clock))
    @rule()
    def effective_while_suspended(self) -> None:
        people, clock = self.company, self.clock
        if not self.may_enter(State.SUSPENDED, clock):
            return
        entry = self.proposed_suspension()

        def move() -> None:
            with acting_as(system("clock"), at=clock):
                actions.make_effective()

        def suspend() -> None:
            with acting_as(people.ralf, at=clock):
                actions.enact_entry(entry, by=people.ralf)

        answers = at_once(move, suspend)
        assert not isinstance(answers[1], Refused)
        self.entries = sorted([*self.entries, (clock, State.SUSPENDED)])
        self.reverse()
        # Whoever was first: the item stopped, or moved and came back. Nobody of field service owns either
        # way.
        for number in range(3):
            if self.state[number] == "APPROVED":
                self.state[number] = self.there(number).state
                assert self.state[number] in ("FROZEN", "REVERSED")
        self.freeze()

    def proposed_suspension(self) -> Any:
        with acting_as(self.company.rita, at=self.clock):
            return propose_entry(
                self.use, State.SUSPENDED, effective_at=self.clock, evidence="Decision", by=self.company.rita
            )

    @precondition(lambda self: any(state in IN_FLIGHT for state in self.state))
    @rule()
    def released_twice_at_once(self) -> None:
        number = next(n for n in range(3) if self.state[n] in IN_FLIGHT)
        campaign, lena, clock = self.there(number).campaign, self.company.lena, self.clock

        def release() -> Campaign:
            with acting_as(lena, at=clock):
                return actions.release_campaign(campaign, by=lena, signature=Signature(lena, "password"))

        first, second = at_once(release, release)
        assert first.release_hash == second.release_hash
        for other in range(3):
            if self.state[other] == "ACCEPTED" and self.there(other).campaign_id == campaign.pk:
                self.state[other], self.effective[other] = "APPROVED", self.there(other).effective_at

    # What must always be so ---------------------------------------------------------------------------

    @invariant()
    def the_invariants_of_the_rulebook_hold(self) -> None:
        with acting_as(system("look"), at=self.clock):
            assert broken() == {}

    @invariant()
    def the_database_agrees_with_the_model(self) -> None:
        with acting_as(system("look"), at=self.clock):
            for number, relation in enumerate(self.relations):
                rows = Ownership.objects.filter(relation=relation, side="COMMERCIAL").order_by("during")
                held = [Run(row.during.lower, row.during.upper) for row in rows]
                assert held == self.field[number], (number, held, self.field[number])
        assert [item.state if item else "" for item in map(self.item, range(3))] == self.state


def test_random_ways_keep_the_invariants(company, transactional_db):
    Machine.company = company
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(os.environ.get("CRM_MACHINE_EXAMPLES", "12")),
            stateful_step_count=int(os.environ.get("CRM_MACHINE_STEPS", "25")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
