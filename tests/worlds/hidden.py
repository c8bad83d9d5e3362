"""What Medical, Safety, Compliance and Regulatory do behind the wall, in any number and any order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.notices import deliver_due
from compliance import audit
from compliance.models import Deviation, Measure
from compliance.policy import Basis, Channel, ExemptReason, Kind, Refused, Side, Subject
from handovers.actions import follow_facts, open_due_handovers, propose_exemption
from handovers.models import ExitProposal, Handover, HandoverStep, RiskFlag
from interactions.actions import (
    add_follow_up,
    complete_follow_up,
    log_interaction,
    plan_interaction,
    withdraw_interaction,
)
from interactions.facts import Event, Present, Spoken
from interactions.models import FollowUp, Interaction, Topic, ValueGiven
from kols.actions import (
    end_relation,
    open_relation,
    reassign_owner,
    record_consent,
    record_objection,
    register_kol,
    set_science,
)
from kols.models import (
    KOL,
    Consent,
    Contract,
    Objection,
    OpenMatter,
    Ownership,
    Relation,
    ScientificContact,
    ScientificProfile,
    StudyRole,
    VisitGoal,
)
from products.models import PlanItem, Theme
from safety.actions import acknowledge, report_side_effect
from safety.models import SafetyReport

CANARY = "Quokka"
# Every kind of row that these deeds make. What the commercial side may know of none of them is their very id.
MADE: tuple[type[models.Model], ...] = (
    KOL, Relation, Ownership, Interaction, Topic, FollowUp, SafetyReport, Deviation, Measure, Handover, HandoverStep,
    RiskFlag, ExitProposal, Consent, Objection, Contract, StudyRole, VisitGoal, ScientificProfile, ScientificContact,
    OpenMatter, PlanItem, Theme, ValueGiven,
)  # fmt: skip


@dataclass
class Hidden:
    """One world's hidden side: the stage it acts on, and the dice its deeds are thrown with."""

    stage: Any
    dice: Random
    now: datetime
    experts: list[KOL] = field(default_factory=list)

    def words(self) -> str:
        return f"{CANARY} {self.dice.randrange(10**6)} " + "wombat " * self.dice.randrange(4)

    def expert(self) -> KOL:
        return self.dice.choice([self.stage.keller, *self.experts])

    def somebody(self) -> Any:
        return self.dice.choice([self.stage.mara, self.stage.moritz])

    def past(self) -> datetime:
        return self.now - timedelta(minutes=self.dice.randrange(1, 60 * 24 * 40))

    def event(self, at: datetime) -> Event:
        return Event(
            kind=self.dice.choice([Kind.VISIT, Kind.INQUIRY]),
            channel=self.dice.choice([Channel.IN_PERSON, Channel.PHONE, Channel.VIDEO]),
            starts_at=at,
            ends_at=at + timedelta(minutes=self.dice.randrange(60)),
            market=self.stage.germany,
            late_reason=self.words(),
        )


def registers_an_expert(h: Hidden) -> None:
    name = h.dice.choice(["Keller", "Novak", "Aal", "Zoll"])
    with acting_as(h.stage.mara):
        h.experts.append(
            register_kol(
                by=h.stage.mara, given_name="Miriam", family_name=f"{name}-{CANARY}",
                main_market=h.stage.germany, institution=h.dice.choice([h.stage.hospital, None]),
            )
        )  # fmt: skip


def opens_a_relation(h: Hidden) -> None:
    by = h.somebody()
    with acting_as(by):
        open_relation(h.expert(), h.dice.choice([h.stage.pre, h.stage.other]), by=by)


def ends_a_relation(h: Hidden) -> None:
    with acting_as(system("look")):
        rows = list(
            Relation.objects.filter(use=h.stage.pre, shown_to_field=False, during__startswith__lt=now())
        )
    if rows:
        with acting_as(h.stage.lena):
            end_relation(h.dice.choice(rows), by=h.stage.lena)


def changes_an_owner(h: Hidden) -> None:
    with acting_as(system("look")):
        rows = list(
            Relation.objects.filter(use=h.stage.pre, during__contains=now(), during__startswith__lt=now())
        )
    if rows:
        with acting_as(h.stage.lena):
            reassign_owner(h.dice.choice(rows), to=h.somebody(), by=h.stage.lena)


def knows_science(h: Hidden) -> None:
    with acting_as(h.stage.mara):
        set_science(
            h.expert(), tier=h.dice.choice([1, 2, 3]), rationale=h.words(), interests=[h.words()],
            goals=h.words(), by=h.stage.mara,
        )  # fmt: skip


def logs_a_visit(h: Hidden) -> None:
    by, at = h.somebody(), h.past()
    with acting_as(by):
        log_interaction(
            by=by,
            event=h.event(at),
            topics=[
                Spoken(
                    subject=Subject.USE, use=h.dice.choice([h.stage.pre, h.stage.other]),
                    basis=Basis.UNSOLICITED_REQUEST, heard=h.words(), shared=h.words(),
                )
            ],
            people=[Present(kol=h.expert(), main=True)],
            note=h.words(),
            side_effect=False,
        )  # fmt: skip


def plans_a_visit(h: Hidden) -> None:
    by = h.somebody()
    with acting_as(by):
        plan_interaction(
            by=by,
            event=h.event(h.now + timedelta(hours=h.dice.randrange(1, 200))),
            people=[Present(kol=h.expert(), main=True)],
            title=h.words(),
        )


def withdraws_a_visit(h: Hidden) -> None:
    with acting_as(system("look")):
        rows = list(
            Interaction.objects.filter(compartment="MEDICAL", status="DRAFT").select_related("author")
        )
    if rows:
        row = h.dice.choice(rows)
        with acting_as(row.author):
            withdraw_interaction(row, by=row.author)


def has_something_to_do(h: Hidden) -> None:
    by = h.somebody()
    with acting_as(by):
        row = add_follow_up(
            by=by, what=h.words(), due_on=date(2030, 1, h.dice.randrange(1, 28)), market=h.stage.germany,
            kol=h.expert(),
        )  # fmt: skip
        if h.dice.random() < 0.5:
            complete_follow_up(row, by=by)


def hears_of_a_side_effect(h: Hidden) -> None:
    by = h.dice.choice([h.stage.mara, h.stage.moritz, h.stage.sofia])
    with acting_as(by):
        report = report_side_effect(
            by=by, kol=h.expert(), product=h.stage.novastat, what_happened=h.words(), learned_at=h.past()
        )
    if h.dice.random() < 0.5:
        with acting_as(h.stage.sofia):
            acknowledge(report, case_id=h.words()[:40], by=h.stage.sofia)


def deviates(h: Hidden) -> None:
    by = h.somebody()
    with acting_as(system("a finding")):
        row = Deviation.objects.create(
            reporter=by, reporter_side=Side.MEDICAL, happened_at=h.past(), recorded_at=now(), words=h.words(),
            act={}, decision={}, policy_version="1",
        )  # fmt: skip
        Measure.objects.create(
            deviation=row, what=h.words(), owner=by, owner_side=Side.MEDICAL, due_on=date(2030, 1, 1),
            set_by=h.stage.clara, set_at=now(),
        )  # fmt: skip


def is_looked_at(h: Hidden) -> None:
    """Compliance reads, the trail grows, whatever else counts in one sequence."""
    with acting_as(h.stage.clara):
        for _ in range(h.dice.randrange(1, 5)):
            audit.record("read", h.stage.keller, by=h.stage.clara, words=h.words())


def keeps_what_medical_knows(h: Hidden) -> None:
    ever = DateTimeTZRange(h.now - timedelta(days=9), None)
    expert, pre = h.expert(), h.stage.pre
    with acting_as(system("keep")):
        match h.dice.randrange(4):
            case 0:
                StudyRole.objects.create(kol=expert, use=pre, trial=h.words()[:40], during=ever)
            case 1:
                Contract.objects.create(
                    kol=expert, use=pre, reference=h.words()[:40], signed_at=now(), during=ever
                )
            case 2:
                VisitGoal.objects.get_or_create(
                    kol=expert, market=h.stage.germany, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
                    defaults={"visits": h.dice.randrange(1, 20)},
                )  # fmt: skip
            case _:
                Theme.objects.create(name=h.words(), indication=pre.indication)


def agrees_a_plan(h: Hidden) -> None:
    with acting_as(system("keep")):
        PlanItem.objects.create(
            use=h.stage.pre, reference=h.words()[:40], purpose=h.words(), approved_by=h.stage.lena,
            during=DateTimeTZRange(now() - timedelta(days=9), None),
        )  # fmt: skip


def is_told_by_the_expert(h: Hidden) -> None:
    """Scientific consent, and an objection to science: Medical's. Other objections cross as one bit, on purpose."""
    with acting_as(h.stage.mara):
        record_consent(
            h.expert(), by=h.stage.mara, channel=h.dice.choice([Channel.EMAIL, Channel.PHONE]),
            market=h.stage.germany, given_at=h.past(), text_version="1", source="FORM", evidence=h.words(),
        )  # fmt: skip
        record_objection(h.expert(), by=h.stage.mara, kind="SCIENCE", since=h.past(), evidence=h.words())


def gives_a_meal(h: Hidden) -> None:
    with acting_as(system("look")):
        rows = list(Interaction.objects.filter(compartment="MEDICAL").select_related("author"))
    if rows:
        row = h.dice.choice(rows)
        with acting_as(row.author):
            ValueGiven.objects.create(
                interaction=row, kol=h.expert(), category="MEAL", amount=h.dice.randrange(60), currency="EUR",
                given_on=now().date(), payer=h.words()[:60],
            )  # fmt: skip


def has_doubts_about_a_handover(h: Hidden) -> None:
    """Flags and proposals of exemption, also on a handover that field service already sees."""
    with acting_as(system("look")):
        rows = list(Handover.objects.exclude(state__in=["EFFECTIVE", "CLOSED", "REVERSED"]))
        if not rows:
            return
        row = h.dice.choice(rows)
        RiskFlag.objects.get_or_create(
            handover=row, code=h.dice.choice(["INVESTIGATOR", "CONTRACT"]), cleared_at=None,
            defaults={"raised_at": now()},
        )  # fmt: skip
    with acting_as(h.stage.lena):
        propose_exemption(row, reason=h.dice.choice(list(ExemptReason)), by=h.stage.lena)


def time_is_kept(h: Hidden) -> None:
    """What the clock does by itself: handovers fall due, facts are followed, mails go out."""
    open_due_handovers()
    follow_facts()
    deliver_due()


Deed = Callable[[Hidden], None]
DEEDS: tuple[Deed, ...] = (
    registers_an_expert, opens_a_relation, ends_a_relation, changes_an_owner, knows_science, logs_a_visit,
    plans_a_visit, withdraws_a_visit, has_something_to_do, hears_of_a_side_effect, deviates, is_looked_at,
    keeps_what_medical_knows, agrees_a_plan, is_told_by_the_expert, gives_a_meal, has_doubts_about_a_handover,
    time_is_kept,
)  # fmt: skip


def live(stage: Any, deeds: list[Deed], seed: int) -> Hidden:
    """Do the deeds, one after the other. What a rule refuses leaves its line in the trail, and the world goes on."""
    with acting_as(system("look")):
        hidden = Hidden(stage, Random(seed), now())
    for deed in deeds:
        with suppress(Refused):
            deed(hidden)
    return hidden


def ids_of_everything() -> set[str]:
    with acting_as(system("look")):
        return {str(pk) for model in MADE for pk in model._default_manager.values_list("pk", flat=True)}


def some_of_each(number: int) -> list[str]:
    """So many ids of every kind of row that there is; the same ones whenever it is asked of one world."""
    with acting_as(system("look")):
        return sorted(
            str(pk)
            for model in MADE
            for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:number]
        )
