"""What Medical, Safety, Compliance and Privacy may do in a week: each a small change that commerce may not notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.acting import acting_as, now, system
from accounts.models import Certificate, IdempotencyKey
from accounts.notices import tell
from compliance import audit
from compliance.models import Deviation, Finding, Hearing, Measure
from compliance.policy import (
    Activity,
    Audience,
    Basis,
    Channel,
    ExemptReason,
    Kind,
    MaterialPurpose,
    Refused,
    Role,
    Side,
    Subject,
)
from handovers import actions as handovers
from handovers.actions import Signature
from handovers.models import ExitProposal, Handover, RiskFlag
from interactions.actions import add_follow_up, complete_follow_up, log_interaction, withdraw_interaction
from interactions.actions.plans import plan_interaction
from interactions.facts import Event, Present, Spoken
from interactions.models import FollowUp, Interaction
from kols.actions import open_matter, open_relation, reassign_owner, register_kol, set_science
from kols.actions.consents import record_consent, record_objection, record_privacy_notice
from kols.models import KOL, Contract, OpenMatter, StudyRole, VisitGoal
from products.material_actions import register_material
from products.models import PlanItem, Theme
from reviews.actions import decide, draw_sample
from reviews.models import Item
from safety.actions import report_side_effect
from safety.models import SafetyReport

Act = Callable[[Any, Random], None]
WEEK: dict[str, Act] = {}


def act(do: Act) -> Act:
    WEEK[do.__name__] = do
    return do


def ever() -> DateTimeTZRange:
    return DateTimeTZRange(now() - timedelta(days=9), None)


def event(c: Any, rng: Random, kind: Kind = Kind.VISIT, *, ahead: bool = False) -> Event:
    hours = rng.randint(3, 70)
    start = now() + timedelta(hours=hours) if ahead else now() - timedelta(hours=hours)
    return Event(kind=kind, channel=Channel.PHONE, starts_at=start, ends_at=start, market=c.germany)


def some_kol(rng: Random) -> KOL:
    with acting_as(system("look")):
        return rng.choice(list(KOL.objects.order_by("pk")))


@act
def an_expert_is_found(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        name = f"Keller-Quokka{rng.randint(0, 9999)}"
        hidden = register_kol(by=c.mara, given_name="Miriam", family_name=name, main_market=c.germany)
        open_relation(hidden, c.pre, by=c.mara)


@act
def a_relation_opens(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        open_relation(some_kol(rng), c.pre, by=c.mara)


@act
def science_is_noted(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        set_science(
            c.keller, tier=rng.randint(1, 3), rationale="Quokka", interests=["Wombat"], goals="Bilby", by=c.mara
        )  # fmt: skip


@act
def a_visit_is_logged(c: Any, rng: Random) -> None:
    topic = Spoken(
        subject=Subject.USE,
        use=rng.choice((c.pre, c.other, c.use)),
        basis=Basis.UNSOLICITED_REQUEST,
        heard="Quokka",
    )
    with acting_as(c.mara):
        log_interaction(
            by=c.mara, event=event(c, rng), topics=[topic], people=[Present(kol=c.keller, main=True)], side_effect=False,
            note="Quokka", client_ref=c.client_ref,
        )  # fmt: skip
        c.client_ref = uuid4()


@act
def a_visit_is_planned(c: Any, rng: Random) -> None:
    topic = Spoken(subject=Subject.ADMIN, heard="Quokka")
    with acting_as(c.mara):
        plan_interaction(
            by=c.mara, event=event(c, rng, ahead=True), people=[Present(kol=c.keller, main=True)], topics=[topic]
        )  # fmt: skip


@act
def a_draft_is_withdrawn(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        draft = (
            Interaction.objects.filter(author=c.mara, status="DRAFT").order_by("-recorded_at", "pk").first()
        )
        if draft is not None:
            withdraw_interaction(draft, by=c.mara)


@act
def something_is_to_do(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        row = add_follow_up(
            by=c.mara, what="Quokka paper", due_on=date(2030, 1, 1), market=c.germany, kol=c.keller
        )
        if rng.random() < 0.5:
            complete_follow_up(FollowUp.objects.get(pk=row.pk), by=c.mara)


@act
def a_side_effect_is_reported(c: Any, rng: Random) -> None:
    who = rng.choice((c.mara, c.moritz, c.clara, c.rita))
    with acting_as(who):
        report_side_effect(by=who, kol=c.keller, product=c.other.indication.product, what_happened="Quokka")


@act
def safety_answers(c: Any, rng: Random) -> None:
    from safety.actions import acknowledge

    a_side_effect_is_reported(c, rng)
    with acting_as(system("look")):
        row = SafetyReport.objects.exclude(reporter=c.felix).filter(acknowledged_at=None).first()
    if row is not None:
        with acting_as(c.sofia):
            acknowledge(row, case_id=f"Q{rng.randint(0, 99)}", by=c.sofia)


@act
def a_deviation_is_followed(c: Any, rng: Random) -> None:
    with acting_as(system("look")):
        row = Deviation.objects.create(
            reporter=c.moritz, reporter_side=Side.MEDICAL, happened_at=now(), recorded_at=now(), words="Quokka",
            act={}, decision={}, policy_version="1",
        )  # fmt: skip
        found = Finding.objects.get(deviation=row)
        Measure.objects.create(
            finding=found, what="Quokka", owner=c.moritz, owner_side=Side.MEDICAL, due_on=date(2030, 1, 1), set_by=c.clara,
            set_at=now(),
        )  # fmt: skip
        Hearing.objects.create(
            finding=found, person=c.moritz, side=Side.MEDICAL, told="Quokka", told_by=c.clara, told_at=now()
        )


@act
def a_sample_is_drawn_and_an_author_asked(c: Any, rng: Random) -> None:
    with acting_as(c.clara):
        draw = draw_sample(c.germany, since=now() - timedelta(days=400), until=now(), by=c.clara)
        for item in Item.objects.filter(draw=draw, interaction__author_side=Side.MEDICAL)[:2]:
            decide(item.pk, Item.Verdict.QUESTION, "Quokka?", by=c.clara)


@act
def medical_plans(c: Any, rng: Random) -> None:
    with acting_as(system("the week goes on")):
        Theme.objects.create(name=f"Quokka {uuid4()}"[:40], indication=c.other.indication)
        PlanItem.objects.create(
            use=c.pre, reference=f"QK-{uuid4()}"[:40], purpose="Quokka", approved_by=c.lena, during=ever()
        )  # fmt: skip
        VisitGoal.objects.update_or_create(
            kol=c.keller,
            market=c.germany,
            starts_on=date(2026, 1, 1),
            defaults={"ends_on": date(2026, 12, 31), "visits": rng.randint(1, 9)},
        )  # fmt: skip


@act
def a_study_or_a_contract_begins(c: Any, rng: Random) -> None:
    with acting_as(system("the week goes on")):
        if rng.random() < 0.5:
            StudyRole.objects.create(kol=c.keller, use=c.pre, trial=f"QUOKKA-{uuid4()}"[:40], during=ever())
        else:
            Contract.objects.create(
                kol=c.keller, use=c.pre, reference=f"QK-{uuid4()}"[:40], signed_at=now(), during=ever()
            )


@act
def medical_material_is_registered(c: Any, rng: Random) -> None:
    with acting_as(c.lena):
        register_material(
            by=c.lena, number=f"QUOKKA-{rng.randint(0, 99999)}", name="Quokka",
            purpose=MaterialPurpose.SCIENTIFIC, version="1",
            kept_at="Vault", valid_from=now() - timedelta(days=1), markets=[c.germany], uses=[c.pre],
            audiences=[Audience.PROFESSIONAL], roles=[Role.MSL], activities=[Activity.SCIENTIFIC_EXCHANGE], languages=["de"],
        )  # fmt: skip


@act
def a_consent_is_given_to_medical(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        record_consent(
            c.keller, by=c.mara, channel="EMAIL", market=c.germany, given_at=now() - timedelta(days=1), text_version="1",
            source="FORM", evidence="Quokka",
        )  # fmt: skip
        record_privacy_notice(
            c.keller, by=c.mara, given_at=now() - timedelta(days=1), text_version="1", how="Quokka"
        )


@act
def an_objection_to_science(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        record_objection(
            c.keller, by=c.mara, kind="SCIENCE", since=now() - timedelta(days=1), evidence="Quokka"
        )


@act
def a_certificate_of_medical(c: Any, rng: Random) -> None:
    with acting_as(system("the week goes on")):
        Certificate.objects.create(
            person=c.mara, side=Side.MEDICAL, kind="TRAINING", use=c.pre, valid_from=now(), evidence="Quokka",
            recorded_by=c.lena, recorded_at=now(),
        )  # fmt: skip


@act
def another_msl_takes_over(c: Any, rng: Random) -> None:
    with acting_as(c.lena):
        reassign_owner(c.relation, to=c.moritz if rng.random() < 0.7 else c.mara, by=c.lena)


@act
def what_is_due_opens(c: Any, rng: Random) -> None:
    an_expert_is_found(c, rng)
    with acting_as(c.mara):
        open_relation(KOL.objects.order_by("-created_at", "pk").first(), c.other, by=c.mara)
    handovers.open_due_handovers()


def due() -> Handover | None:
    with acting_as(system("look")):
        return Handover.objects.filter(state="DUE", shown_to_field=False).order_by("pk").first()


@act
def a_handover_is_held_and_let_go(c: Any, rng: Random) -> None:
    if (row := due()) is not None:
        with acting_as(c.clara):
            handovers.hold_handover(row, by=c.clara, reason="hold")
            if rng.random() < 0.7:
                handovers.lift_hold(row, by=c.clara)


@act
def an_exit_is_asked_for(c: Any, rng: Random) -> None:
    if (row := due()) is not None:
        with acting_as(c.lena):
            proposal = handovers.propose_exemption(row, reason=ExemptReason.OTHER, by=c.lena)
        if rng.random() < 0.5:
            with acting_as(c.clara):
                handovers.settle_exit(
                    ExitProposal.objects.get(pk=proposal.pk), agree=False, by=c.clara,
                    signature=Signature(c.clara, "password")
                )  # fmt: skip


@act
def a_flag_is_raised_on_what_felix_accepted(c: Any, rng: Random) -> None:
    with acting_as(system("the week goes on")):
        RiskFlag.objects.get_or_create(
            handover=c.accepted, code=RiskFlag.Code.INVESTIGATOR, cleared_at=None, defaults={"raised_at": now()}
        )  # fmt: skip


@act
def a_flag_is_signed(c: Any, rng: Random) -> None:
    a_flag_is_raised_on_what_felix_accepted(c, rng)
    with acting_as(c.clara):
        handovers.clear_flags(
            Handover.objects.get(pk=c.accepted.pk), by=c.clara, signature=Signature(c.clara, "password")
        )


@act
def what_felix_accepted_is_approved(c: Any, rng: Random) -> None:
    with acting_as(c.lena):
        row = Handover.objects.get(pk=c.accepted.pk)
        if row.state == "ACCEPTED":
            handovers.approve_handover(row, by=c.lena, signature=Signature(c.lena, "password"))


@act
def a_matter_is_open(c: Any, rng: Random) -> None:
    with acting_as(c.mara):
        open_matter(c.relation, OpenMatter.Kind.INQUIRY, person=c.mara, source=uuid4())


@act
def people_are_told_and_read(c: Any, rng: Random) -> None:
    with acting_as(system("tell")):
        tell(
            rng.choice((c.mara, c.lena, c.clara, c.sofia)),
            "exit_proposed",
            f"quokka {uuid4()}",
            url="/",
            kol="Quokka",
        )
        IdempotencyKey.objects.create(
            user=c.mara, key=str(uuid4()), request_hash="h", status=201, body={"note": "quokka"}, created_at=now()
        )  # fmt: skip
        audit.record("read", c.keller, by=c.clara)


def one_week(c: Any, rng: Random, acts: int = 3) -> list[str]:
    """A few acts in random order; whatever the rules refuse that day is a refusal in the trail."""
    done = []
    for name in rng.sample(sorted(WEEK), acts):
        try:
            WEEK[name](c, rng)
        except Refused as refused:
            done.append(f"{name} refused: {refused}")
        else:
            done.append(name)
    return done
