"""The stage of both worlds: what the commercial side may know, with handovers at every step it can see."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from django.core import mail

from accounts.acting import acting_as, now, system
from compliance.policy import State
from handovers.actions import Signature, assign_handover, open_due_handovers, prepare_handover
from handovers.models import Handover
from interactions.actions import add_follow_up
from kols.actions import open_relation, record_privacy_notice, register_kol
from products.models import Indication, LifecycleEntry, Use
from safety.actions import report_side_effect
from tests.worlds.asking import (
    Question,
    answers,
    differences,
    offered,
    randomly,
    reading,
    told,
    undone,
    writing,
)
from tests.worlds.hidden import Deed, ids_of_everything, live, some_of_each

COMMERCIAL = ("felix", "frieda", "petra")


@pytest.fixture
def stage(handed_over, visit, science, novastat, novastat_hf, company, keller, hospital, authorise):
    """Felix has taken Professor Keller over. Two more experts of the open use are on their way: one is assigned to
    him, one waits for Frieda. A second open use nobody has handed over, a third is not open. A call and a report
    of his own."""
    with acting_as(system("set the stage")):
        other, pre = (
            Use.objects.create(
                indication=Indication.objects.create(product=novastat, name=name, label=f"{name} in adults."),
                market=company.germany,
                created_at=now(),
            )
            for name in ("Kidney disease", "Hypertension")
        )
        for use in (other, pre):
            LifecycleEntry.objects.create(
                use=use, state=State.SUBMITTED, effective_at=datetime(2024, 1, 1, tzinfo=UTC), evidence="Letter",
                proposed_by=company.rita, recorded_at=now(), confirmed_by=company.ralf, confirmed_at=now(),
            )  # fmt: skip
    with acting_as(company.mara):
        for name in ("Novak", "Aal"):
            expert = register_kol(
                by=company.mara, family_name=name, main_market=company.germany, institution=hospital
            )
            open_relation(expert, novastat_hf, by=company.mara)
        relation = open_relation(keller, other, by=company.mara)
    _hand_over(company)
    authorise(other)
    with acting_as(company.felix):
        report_side_effect(by=company.felix, kol=keller, product=novastat, what_happened="A rash.")
        add_follow_up(
            by=company.felix, what="Send the label", due_on=date(2030, 1, 1), market=company.germany, kol=keller
        )  # fmt: skip
        record_privacy_notice(keller, by=company.felix, given_at=now(), text_version="1", how="Letter")
    company.other, company.pre, company.relation = other, pre, relation
    company.novastat, company.keller, company.hospital = novastat, keller, hospital
    return company


def _hand_over(company: Any) -> None:
    open_due_handovers()
    with acting_as(system("look")):
        rows = list(Handover.objects.filter(state="DUE").order_by("relation__kol__sort_name"))
    assert len(rows) == 2
    for row in rows:
        with acting_as(company.mara):
            prepare_handover(
                row, by=company.mara, signature=Signature(company.mara, "password"), previewed=True
            )
    with acting_as(company.frieda):
        assign_handover(rows[0], recipient=company.felix, by=company.frieda)


class Worlds:
    """One world as it is, and as many others as one likes that differ behind the wall."""

    def __init__(self, stage: Any, client_of: Any, names: tuple[str, ...] = COMMERCIAL) -> None:
        self.stage = stage
        self.people = {name: getattr(stage, name) for name in names}
        self.browsers = {name: client_of(person) for name, person in self.people.items()}
        self.known = some_of_each(2)
        self.everything = ids_of_everything()
        self.questions = {name: self._asked_by(name) for name in names}
        mail.outbox.clear()
        self.told = told(self.people.values())

    def _asked_by(self, name: str) -> list[Question]:
        person, browser = self.people[name], self.browsers[name]
        asked = set(reading(person, self.known))
        more, self.forms = offered(person, browser, sorted(asked))
        asked |= more
        return sorted(asked | set(writing(person, (), self.forms)))

    def about(self, ids: list[str], most: int, dice: Random, only: str = "") -> dict[str, list[Question]]:
        """What one can ask about rows of the other world, in addresses, filters, forms and bodies."""
        return {
            name: randomly(
                [
                    each
                    for each in [*reading(person, ids), *writing(person, ids, self._forms_of(name))]
                    if any(pk in repr(each) for pk in ids) and re.search(only, f"{each.method} {each.path}")
                ],
                dice,
                most,
            )
            for name, person in self.people.items()
        }

    def _forms_of(self, name: str) -> list[Question]:
        return [each for each in self.questions[name] if each.method == "POST"]

    def compared_with(
        self, deeds: list[Deed], seed: int, *, most: int = 10**9, ids: int = 8, only: str = ""
    ) -> list[Any]:
        """What the other world answers otherwise than this one. Nothing of it remains.

        Of the questions so many by lot; with `only`, those whose method and address match.
        """
        dice = Random(seed)
        asked = {
            name: randomly([q for q in questions if re.search(only, f"{q.method} {q.path}")], dice, most)
            for name, questions in self.questions.items()
        }
        here = answers(self.browsers, asked)
        with undone():
            mail.outbox.clear()
            live(self.stage, deeds, seed)
            fresh = sorted(ids_of_everything() - self.everything)
            about = self.about(dice.sample(fresh, min(ids, len(fresh))), most, dice, only)
            there, hidden = answers(self.browsers, asked), answers(self.browsers, about)
            told_there = told(self.people.values())
        found: list[Any] = differences(here, there) + differences(answers(self.browsers, about), hidden)
        return found if told_there == self.told else [*found, ("told", self.told, told_there)]


@pytest.fixture
def worlds(stage, client_of):
    return Worlds(stage, client_of)
