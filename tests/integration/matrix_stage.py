"""The stage of the matrix: one record of every kind an address can be about, and the way of one handover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.factors import FactorReset
from accounts.glass import BreakGlass
from accounts.models import AbsenceCover, ApiToken, Appointment, Certificate, Notice, Post, Territory, User
from accounts.notices import tell
from calendars.models import Feed, Source, Suggestion
from compliance.models import Deviation, Finding, Hearing, Measure, PackActivation
from compliance.policy import Channel, Kind, MaterialPurpose, Role, Side, Subject
from handovers.actions import (
    Signature,
    accept_handover,
    approve_handover,
    assign_handover,
    clear_flags,
    make_effective,
    open_due_handovers,
    prepare_handover,
)
from handovers.models import AccountRequest, Handover
from imports.models import RegulatorRecord, Snapshot, Upload
from interactions.actions import add_follow_up
from interactions.actions.plans import plan_interaction
from interactions.facts import Event, Present, Spoken
from interactions.late import Mismatch
from interactions.models import Attendee, Interaction
from interactions.preclear import Preclearance
from jobs.models import Job, Part
from kols.actions import register_kol
from kols.actions.consents import record_consent, record_objection
from kols.models import KOL, Ownership, SavedView
from products.models import LaunchRelease, LifecycleEntry, PlanItem
from reviews.models import Draw, Inquiry, Item, Observation
from safety.actions import acknowledge, report_side_effect
from safety.models import SafetyReport
from safety.reconciliation import Reconciliation
from tests.conftest import SINCE
from tests.integration.all_roles import EVERYBODY

# People beside the one person of each role: somebody of the same role who has nothing to do with it.
OTHERS = {"moritz": "another MSL", "otto": "another FIELD_SERVICE"}
LONG_AHEAD = date(2030, 1, 1)


@pytest.fixture
def people(everybody):
    """One of each role, and two beside them."""
    found = {str(getattr(everybody, name).role): getattr(everybody, name) for name in reversed(EVERYBODY)}
    return found | {OTHERS[name]: getattr(everybody, name) for name in OTHERS}


class Stage:
    """The lifecycle of one use, one relation and one handover, a stage at a time."""

    def __init__(self, company, relation, use, authorise, suspend, at) -> None:
        self.company, self.relation, self.use = company, relation, use
        self.authorise, self.suspend, self.at = authorise, suspend, at
        self.pinned: dict[Any, Any] = {}

    def item(self) -> Handover:
        with acting_as(system("look")):
            return Handover.objects.get(relation=self.relation)

    def go(self, stage: str) -> None:
        """One stage further; each is ten minutes after the one before, the suspension is now."""
        self.at += timedelta(minutes=10)
        match stage:
            case "DUE":
                self.authorise(self.use, at=self.at, recorded_at=self.at)
                with acting_as(system("open what is due"), at=self.at):
                    open_due_handovers()
            case "PREPARED":
                self.step("mara", prepare_handover, signed=True, previewed=True, drafts_listed=True)
            case "ASSIGNED":
                self.step("frieda", assign_handover, recipient=self.company.felix)
            case "EFFECTIVE":
                self.step("felix", accept_handover)
                self.step("clara", clear_flags, signed=True)
                self.step("lena", approve_handover, signed=True, effective_at=self.at)
                with acting_as(system("the day has come"), at=self.at):
                    make_effective()
            case "SUSPENDED":
                self.suspend(self.use)

    def step(self, who: str, action: Callable[..., Any], *, signed: bool = False, **arguments: Any) -> None:
        by = getattr(self.company, who)
        if signed:
            arguments["signature"] = Signature(by, "password")
        item = self.item()
        with acting_as(by, at=self.at):
            action(item, by=by, **arguments)

    def record(self, kind: type[Any], operation: str = "") -> str | None:
        """The one that is asked for, the same at each stage: the operation's own, or the first of its kind."""
        if operation in self.pinned:
            return str(self.pinned[operation].pk)
        if kind not in self.pinned:
            with acting_as(system("look")):
                row = kind._default_manager.order_by("pk").first()
            if row is None:
                return None
            self.pinned[kind] = row
        return str(self.pinned[kind].pk)


@pytest.fixture
def stage(company, keller, relation, science, visit, novastat_hf, deck, authorise, suspend):
    """Medical knows Professor Keller; whatever stands in an address is there once, and it is Mara's."""
    at = datetime.now(UTC) - timedelta(hours=3)
    set_up = Stage(company, relation, novastat_hf, authorise, suspend, at)
    with acting_as(company.mara, at=at):
        set_up.pinned |= _of_mara(company, keller, novastat_hf)
    deck(MaterialPurpose.SCIENTIFIC, by=company.lena)
    with acting_as(company.sofia, at=at):
        # Nothing else stands in the way of the handover.
        acknowledge(SafetyReport.objects.get(), case_id="1", by=company.sofia)
        Reconciliation.objects.create(
            month=date(2026, 1, 1), compared_by=company.sofia, compared_at=now(), file_sha256="0" * 64
        )
    with acting_as(company.clara, at=at):
        FactorReset.objects.create(person=company.otto, reason="Lost", asked_by=company.clara, asked_at=now())
    with acting_as(company.anton, at=at):
        BreakGlass.objects.create(person=company.anton, reason="Lost", minutes=5, asked_at=now())
    with acting_as(system("set the stage"), at=at):
        tell(company.mara, "exit_proposed", "quokka", url="/", kol="Quokka")
        set_up.pinned |= {
            KOL: keller, Interaction: visit, User: company.otto, Territory: company.north,
            Notice: Notice.objects.get(person=company.mara, key="quokka"),
            Ownership: Ownership.objects.get(relation=relation),
            **_of_compliance(company, visit, novastat_hf), **_of_the_desk(company),
        }  # fmt: skip
    set_up.pinned["interactions:left_draft"] = _left(company, keller)
    return set_up


def _left(c: Any, keller: KOL) -> Interaction:
    """What somebody of Lena's people who is no longer here has not finished."""
    then = datetime(2025, 6, 2, 9, tzinfo=UTC)
    during = DateTimeTZRange(SINCE, then + timedelta(days=30))
    with acting_as(system("set the stage")):
        nora = User.objects.create_user("nora@example.org", "x", given_name="Nora", family_name="Falk")
        post = Appointment.objects.create(
            user=nora, role=Role.MSL, side=Side.MEDICAL, during=during, recorded_at=SINCE
        )
        post.markets.add(c.germany)
        Post.objects.create(user=nora, territory=c.medical, during=during)
    with acting_as(nora, at=then):
        draft = Interaction.objects.create(
            author=nora, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="VISIT",
            channel="PHONE", status="DRAFT", market=c.germany, starts_at=then, ends_at=then, zone="Europe/Berlin",
            note="Quokka", side_effect=False, recorded_at=then, updated_at=then,
        )  # fmt: skip
        Attendee.objects.create(interaction=draft, kol=keller, main=True)
    return draft


def _of_mara(c: Any, keller: KOL, use: Any) -> dict[Any, Any]:
    later, before = now() + timedelta(days=900), now() - timedelta(days=1)
    add_follow_up(by=c.mara, what="Quokka", due_on=LONG_AHEAD, market=c.germany, kol=keller)
    report_side_effect(by=c.mara, kol=keller, product=use.indication.product, what_happened="Quokka")
    record_consent(
        keller, by=c.mara, channel="EMAIL", market=c.germany, given_at=before, text_version="1", source="FORM",
        evidence="Quokka",
    )  # fmt: skip
    SavedView.objects.create(owner=c.mara, name="Quokka", query="tier=1", created_at=now())
    ApiToken.issue(c.mara, "Quokka", now())
    Preclearance.objects.create(
        author=c.mara, author_side=Side.MEDICAL, kind="VISIT", market=c.germany, why="Quokka", asked_at=now(),
        during=DateTimeTZRange(now(), now() + timedelta(days=9)),
    )  # fmt: skip
    own = {"user": c.mara, "appointment": Appointment.objects.get(user=c.mara), "created_at": now()}
    Feed.objects.create(**own, name="Quokka", digest="q", layers=["visits"])
    source = Source.objects.create(**own, name="Quokka", address="", next_at=later)
    Suggestion.objects.create(
        **own, source=source, kol=keller, key="q", starts_at=later, ends_at=later + timedelta(hours=1)
    )
    job = Job.objects.create(
        owner=c.mara, appointment=own["appointment"], kind="export", key="q", title="Quokka", created_at=now(),
        moved_at=now(), state=Job.State.DONE, ended_at=now(), expires_at=later,
        facts={"export": "kols", "asked": {}, "format": "csv", "iso": True},
    )  # fmt: skip
    Part.objects.create(job=job, position=0, content=b"Quokka")
    plan = plan_interaction(
        by=c.mara, people=[Present(kol=keller, main=True)], topics=[Spoken(subject=Subject.ADMIN, heard="Quokka")],
        event=Event(kind=Kind.VISIT, channel=Channel.PHONE, starts_at=later, ends_at=later, market=c.germany),
    )  # fmt: skip
    other = register_kol(by=c.mara, family_name="Wallaby", main_market=c.germany)
    record_objection(other, by=c.mara, kind="SCIENCE", since=before, evidence="Quokka")
    lecture = Interaction.objects.create(
        author=c.mara, author_role="MSL", author_side="MEDICAL", compartment="MEDICAL", kind="SCIENTIFIC_LECTURE",
        channel="IN_PERSON", status="DRAFT", market=c.germany, starts_at=before, ends_at=before, zone="Europe/Berlin",
        side_effect=False, recorded_at=now(), updated_at=now(),
    )  # fmt: skip
    own_words = dict.fromkeys(("interactions:move", "interactions:cancellation"), plan)
    return own_words | {"interactions:attendance": lecture}


def _of_compliance(c: Any, visit: Any, use: Any) -> dict[Any, Any]:
    deviation = Deviation.objects.create(
        reporter=c.moritz, reporter_side=Side.MEDICAL, happened_at=now(), recorded_at=now(), words="Quokka",
        act={}, decision={}, policy_version="1",
    )  # fmt: skip
    found = Finding.objects.get(deviation=deviation)
    Hearing.objects.create(
        finding=found, person=c.mara, side=Side.MEDICAL, told="Quokka", told_by=c.clara, told_at=now()
    )
    draw = Draw.objects.create(
        market=c.germany, since=now() - timedelta(days=9), until=now(), frame=[], frame_sha256="x", frame_size=0,
        seed="x", algorithm="1", percent=5, at_least=3, policy_version="1", drawn_by=c.clara, drawn_at=now(),
    )  # fmt: skip
    item = Item.objects.create(
        draw=draw, position=1, interaction=visit, reasons=["random"], added_by=c.clara, added_at=now()
    )
    Inquiry.objects.create(
        item=item, author=c.mara, author_side=Side.MEDICAL, words="Quokka", asked_by=c.clara, asked_at=now()
    )
    Observation.objects.create(
        market=c.germany,
        person=c.mara,
        kind="VISIT",
        planned_on=LONG_AHEAD,
        planned_by=c.clara,
        planned_at=now(),
    )
    Measure.objects.create(
        finding=found, what="Quokka", owner=c.mara, owner_side=Side.MEDICAL, due_on=LONG_AHEAD,
        set_by=c.clara, set_at=now(),
    )  # fmt: skip
    entry = LifecycleEntry.objects.get(use=use)
    Mismatch.objects.create(
        interaction=visit, entry=entry, before={}, after={}, known_when_acted=False, found_at=now()
    )
    proposal = PackActivation.objects.create(
        market=c.germany, version="2026.1", proposed_by=c.clara, proposed_at=now()
    )
    proposed = LifecycleEntry.objects.create(
        use=use, state="REFUSED", effective_at=datetime(2031, 1, 1, tzinfo=UTC), evidence="Letter",
        proposed_by=c.ralf, recorded_at=now(),
    )  # fmt: skip
    PlanItem.objects.create(
        use=use, reference="QK-1", purpose="Quokka", approved_by=c.lena, during=DateTimeTZRange(now(), None)
    )
    LaunchRelease.objects.create(entry=entry, evidence="Wallaby", proposed_by=c.rita, recorded_at=now())
    AccountRequest.objects.create(
        author=c.felix, market=c.germany, use=use, name="Wallaby", place="Berlin", asked_at=now()
    )
    return {PackActivation: proposal, LifecycleEntry: proposed}


def _of_the_desk(c: Any) -> dict[Any, Any]:
    later = now() + timedelta(days=900)
    AbsenceCover.objects.create(
        absent=c.moritz, cover=c.mara, during=DateTimeTZRange(later, later + timedelta(days=9))
    )
    Certificate.objects.create(
        person=c.mara, side=Side.MEDICAL, kind="QUALIFICATION", valid_from=now(), evidence="Quokka",
        recorded_by=c.lena, recorded_at=now(),
    )  # fmt: skip
    Upload.objects.create(
        kind="PEOPLE", filename="quokka.csv", content=b"given name,family name\nAnna,Quokka\n", sha256="q",
        options={"market": "DE"}, by=c.mara, uploaded_at=now(),
    )  # fmt: skip
    snapshot = Snapshot.objects.create(
        source="EMA", layout="ema", taken_on=date(2026, 1, 1), filename="table.xlsx", sha256="t", imported_by=c.rita,
        imported_at=now(),
    )  # fmt: skip
    RegulatorRecord.objects.create(
        source="EMA", key="1", snapshot=snapshot, row=1, name="Novastat", mapped={}, payload={}
    )
    return {}
