"""Handovers in every state: four campaigns that are long done, one that was taken back, one in full swing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import cycle

from accounts.acting import acting_as, system
from accounts.models import User
from compliance.policy import DeclineReason, ExemptReason, HandoverState
from handovers import actions
from handovers.actions import Signature
from handovers.models import Campaign, Handover
from kols.actions import end_relation
from products.models import Use

REP_OF = {
    "lena.hoffmann": "jonas",
    "murat.aydin": "pia",
    "felix.brandl": "nico",
    "sofia.richter": "luca",
    "tom.krause": "jonas",
}


class Story:
    """One campaign, told day by day with the owner's clock."""

    def __init__(self, use: Use, users: dict[str, User]) -> None:
        self.use, self.users = use, users

    def items(self, *states: HandoverState) -> list[Handover]:
        found = Handover.objects.filter(relation__use=self.use).select_related(
            "relation__kol", "preparer", "recipient"
        )
        return list(
            (found.filter(state__in=states) if states else found).order_by("relation__kol__sort_name", "pk")
        )

    def everything(self, at: datetime) -> list[Handover]:
        with acting_as(system("tell the demo"), at=at):
            return self.items()

    def rep(self, item: Handover) -> User:
        return self.users[REP_OF[item.preparer.email.split("@")[0]]]

    def open(self, at: datetime) -> None:
        with acting_as(system("open due handovers"), at=at):
            actions.open_due_handovers()

    def release(self, at: datetime) -> None:
        tom = self.users["tom"]
        with acting_as(tom, at=at):
            campaign = Campaign.objects.get(use=self.use)
            actions.release_campaign(campaign, by=tom, signature=Signature(tom, "password"))

    def prepare(self, items: list[Handover], at: datetime) -> None:
        for item in items:
            with acting_as(item.preparer, at=at):
                actions.prepare_handover(
                    item,
                    by=item.preparer,
                    signature=Signature(item.preparer, "password"),
                    previewed=True,
                    drafts_listed=True,
                )

    def assign(self, items: list[Handover], at: datetime) -> None:
        vera = self.users["vera"]
        with acting_as(vera, at=at):
            for item in items:
                actions.assign_handover(item, recipient=self.rep(item), by=vera)

    def accept(self, items: list[Handover], at: datetime) -> None:
        for item in items:
            rep = self.rep(item)
            with acting_as(rep, at=at):
                actions.accept_handover(item, by=rep)

    def clear(self, items: list[Handover], at: datetime) -> None:
        """Compliance signs what carries a risk flag."""
        clara = self.users["clara"]
        with acting_as(clara, at=at):
            for item in items:
                if item.flags.filter(cleared_at=None).exists():
                    actions.clear_flags(item, by=clara, signature=Signature(clara, "password"))

    def decline(self, items: list[Handover], reason: DeclineReason, at: datetime) -> None:
        for item in items:
            rep = self.rep(item)
            with acting_as(rep, at=at):
                actions.decline_handover(item, reason=reason, by=rep)

    def take_effect(self, at: datetime) -> None:
        with acting_as(system("make approved handovers effective"), at=at):
            actions.make_effective()


def hand_over_everything(use: Use, users: dict[str, User], opened_at: datetime) -> None:
    """A campaign that went well: everything is with field service three weeks later."""
    story = Story(use, users)
    story.open(opened_at + timedelta(hours=9))
    items = story.everything(opened_at + timedelta(hours=10))
    story.release(opened_at + timedelta(days=2, hours=9))
    story.prepare(items, opened_at + timedelta(days=6, hours=10))
    story.assign(items, opened_at + timedelta(days=8, hours=11))
    story.accept(items, opened_at + timedelta(days=12, hours=9))
    story.clear(items, opened_at + timedelta(days=13, hours=9))
    story.take_effect(opened_at + timedelta(days=21, hours=1))


def close_what_is_done(at: datetime) -> None:
    """After-care is over for what moved more than a month ago."""
    with acting_as(system("close finished handovers"), at=at):
        actions.close_finished()


def in_full_swing(use: Use, users: dict[str, User], opened_at: datetime) -> None:
    """A campaign a week after authorisation: something in every column of the board."""
    story = Story(use, users)
    story.open(opened_at + timedelta(hours=8, minutes=45))
    items = story.everything(opened_at + timedelta(hours=9))
    story.release(opened_at + timedelta(days=1, hours=9))
    # Members of formulary bodies carry a risk flag: accepted, they wait for Compliance.
    items.sort(key=lambda item: not item.relation.kol.formulary_member)
    flagged, items = items[:2], items[2:]
    piles = _deal(items, prepared=5, assigned=5, accepted=3, declined=3, exempt=2, no_field=1, effective=9)
    piles["accepted"] += flagged
    moving = [
        item
        for name in ("prepared", "assigned", "accepted", "declined", "no_field", "effective")
        for item in piles[name]
    ]
    story.prepare(moving, opened_at + timedelta(days=1, hours=14))
    story.assign(
        [item for name in ("assigned", "accepted", "declined", "effective") for item in piles[name]],
        opened_at + timedelta(days=2, hours=9),
    )
    story.accept(piles["effective"], opened_at + timedelta(days=2, hours=16))
    story.clear(piles["effective"], opened_at + timedelta(days=3, hours=8))
    reasons = cycle((DeclineReason.WRONG_TERRITORY, DeclineReason.CAPACITY, DeclineReason.STAY_WITH_MEDICAL))
    for item, reason in zip(piles["declined"], reasons, strict=False):
        story.decline([item], reason, opened_at + timedelta(days=3, hours=10))
    story.take_effect(opened_at + timedelta(days=6, hours=2))
    _set_aside(story, piles, opened_at + timedelta(days=4, hours=9))
    story.accept(piles["accepted"], opened_at + timedelta(days=6, hours=20))
    set_two_more_aside(use, users, opened_at + timedelta(days=5, hours=9))


def set_two_more_aside(use: Use, users: dict[str, User], at: datetime) -> None:
    """One handover is held by Compliance, and one falls away because its relation has ended."""
    story = Story(use, users)
    with acting_as(system("tell the demo"), at=at):
        held, ended = story.items(HandoverState.DUE)[:2]
    with acting_as(users["clara"], at=at):
        actions.hold_handover(held, by=users["clara"], reason="Clarify public office")
    with acting_as(ended.preparer, at=at):
        end_relation(ended.relation, by=ended.preparer)
    with acting_as(system("follow what changed beside handovers"), at=at + timedelta(minutes=5)):
        actions.follow_facts()


def _deal(items: list[Handover], **sizes: int) -> dict[str, list[Handover]]:
    """So many of the items to each pile, in order; what is left stays due."""
    rest = iter(items)
    return {name: [item for item, _ in zip(rest, range(size), strict=False)] for name, size in sizes.items()}


def _set_aside(story: Story, piles: dict[str, list[Handover]], at: datetime) -> None:
    """One stays with Medical, one is proposed to, and for one there is nobody in field service."""
    tom, vera, clara = story.users["tom"], story.users["vera"], story.users["clara"]
    with acting_as(tom, at=at):
        asked = [
            actions.propose_exemption(item, reason=ExemptReason.ACTIVE_INVESTIGATOR, by=tom)
            for item in piles["exempt"]
        ]
    for proposal in asked[:1]:
        with acting_as(clara, at=at + timedelta(hours=3)):
            actions.settle_exit(proposal, by=clara, agree=True, signature=Signature(clara, "password"))
    for item in piles["no_field"]:
        with acting_as(vera, at=at):
            proposal = actions.declare_no_field(item, by=vera)
        with acting_as(tom, at=at + timedelta(hours=2)):
            actions.settle_exit(proposal, by=tom, agree=True, signature=Signature(tom, "password"))
