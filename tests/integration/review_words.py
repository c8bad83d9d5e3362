"""Entries, and steps of a finding, as the tests of review tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts.acting import acting_as, system
from compliance import policy
from compliance.finding_actions import take_step
from compliance.finding_steps import Step
from compliance.policy import Act, Basis, Channel, Intent, Kind, MarketZone, Role, Topic, Zone
from interactions import models
from interactions.models import Interaction

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def forbidden() -> Act:
    """A visit that must not have been: Medical brought up what is not authorised."""
    return Act(
        role=Role.MSL, intent=Intent.RECORD, kind=Kind.VISIT, channel=Channel.IN_PERSON, starts_at=AT, ends_at=AT,
        recorded_at=AT, market="DE", packs=frozenset({"DE"}), people=(policy.Person(markets=("DE",)),),
        topics=(Topic(name="Novastat", zones=(MarketZone("DE", Zone.PRE),), basis=Basis.PROACTIVE),),
    )  # fmt: skip


def entry(author, use, starts_at, *, recorded_at=None, basis="PROACTIVE", **facts) -> Interaction:
    """An entry of the author's as it was logged, about one use."""
    with acting_as(system("set the stage")):
        one = Interaction.objects.create(**{
            "author": author, "author_role": "MSL", "author_side": "MEDICAL", "compartment": "MEDICAL", "kind": "VISIT",
            "channel": "IN_PERSON", "status": "DRAFT", "market": use.market, "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=30), "zone": "Europe/Berlin", "side_effect": False,
            "recorded_at": recorded_at or starts_at + timedelta(hours=2), "updated_at": recorded_at or starts_at, **facts,
        })  # fmt: skip
        models.Topic.objects.create(interaction=one, subject="USE", use=use, basis=basis, zone="PRE")
    return one


WEDNESDAY = datetime.fromisoformat("2026-07-08T10:00+02:00")
QUARTER = (datetime.fromisoformat("2026-07-01T00:00+02:00"), datetime.fromisoformat("2026-10-01T00:00+02:00"))


def step(finding, name, by, words="Because.", at=None, **more):
    """One step of a finding."""
    with acting_as(by, at=at):
        return take_step(finding.pk, Step(name), words, by=by, **more)


def confirmed(finding, chris, clara, grade="MINOR"):
    """As far as confirmed: Clara triages, Chris looks into it."""
    step(finding, "TRIAGE", clara, grade=grade)
    step(finding, "INVESTIGATE", clara, investigator=chris)
    return step(finding, "CONFIRM", chris, evidence="Record read")
