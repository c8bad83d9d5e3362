"""What Compliance does with a finding, and what the people it concerns do: step by step, each by somebody else (R-153)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from accounts.acting import now
from accounts.models import Market, User
from accounts.notices import tell, tell_all
from accounts.people import people_with, role_at
from compliance import audit
from compliance.finding_steps import STEPS, Step
from compliance.models import Deviation, Finding, FindingStep, Hearing, Measure
from compliance.policy import Deed, Role, Side, side_of

if TYPE_CHECKING:
    from uuid import UUID

VERB = "was refused a step of a finding"


def officers() -> list[User]:
    """Everybody who works in Compliance today."""
    return people_with(Role.COMPLIANCE)


def page_of(finding: UUID) -> str:
    return f"/compliance/findings/{finding}/"


@audit.action
def open_finding(
    words: str,
    *,
    source: Finding.Source,
    market: Market,
    by: User,
    subject: User | None = None,
    rules: tuple[str, ...] = (),
    record: UUID | None = None,
    at_side: str = "",
) -> Finding:
    """Open a finding by hand: after a review or an observation. A deviation opens its own."""
    audit.permit(Deed.ASSESS_DEVIATION, on=None, by=by, words=words)
    if not words.strip():
        audit.refuse("R-153", "finding_words", verb=VERB, on=None, by=by)
    finding = Finding.objects.create(
        source=source, market=market, subject=subject, subject_side=at_side, rules=list(rules),
        words=words.strip(), record=record, opened_by=by, opened_at=now(),
    )  # fmt: skip
    audit.record("opened a finding", finding, by=by, market=market.code, about=str(subject or ""))
    return finding


@audit.action
def find(
    words: str, *, market: Market, rules: tuple[str, ...], record: UUID, subject: User, at_side: str
) -> Finding:
    """Open a finding for what the product itself has seen. Compliance is told, and nobody else."""
    finding = Finding.objects.create(
        source=Finding.Source.PRODUCT, market=market, subject=subject, subject_side=at_side, rules=list(rules),
        words=words, record=record, opened_at=now(),
    )  # fmt: skip
    audit.record("opened a finding", finding, by=None, market=market.code, about=str(subject))
    for officer in officers():
        tell(officer, "finding_opened", f"finding {finding.pk}", url=page_of(finding.pk), urgent=True)
    return finding


@audit.action
def take_step(
    finding: UUID,
    step: Step,
    words: str,
    *,
    by: User,
    evidence: str = "",
    grade: str = "",
    investigator: User | None = None,
    told: str = "",
) -> Finding:
    """Take a finding one step on, with the reason.

    Nobody takes a step of what is about her; only who looks into it says what she found; whoever closes it has
    told, examined and had to do nothing (R-154). Measures, their evidence and sixty days come before the check
    of their effect (R-155). `told` is what the person concerned and the reporter read once it is closed.
    """
    row = (
        Finding.objects.select_for_update(of=("self",), no_key=True).select_related("market").get(pk=finding)
    )
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    _may(row, step, words, by)
    before = row.status
    match step:
        case Step.TRIAGE:
            _grade(row, grade, by)
        case Step.INVESTIGATE:
            _name(row, investigator or by, by)
        case Step.CONFIRM | Step.REJECT:
            _as_investigator(row, evidence, by)
        case Step.PLAN | Step.DONE | Step.CHECK:
            _with_measures(row, step, by)
        case Step.CLOSE:
            _close(row, words, by)
        case Step.REOPEN:
            row.closed_by = row.closed_at = None
    row.status = STEPS[step][1]
    row.save(
        update_fields=[
            "status",
            "grade",
            "investigator",
            "check_from",
            "closed_by",
            "closed_at",
            "conclusion",
        ]
    )
    FindingStep.objects.create(
        finding=row, step=step, before=before, after=row.status, words=words.strip(), evidence=evidence.strip(),
        by=by, at=now(),
    )  # fmt: skip
    audit.record(
        f"finding: {step.lower()}", row, by=by, words_of=words.strip(), grade=row.grade, evidence=evidence
    )
    if step is Step.CLOSE:
        _tell_outcome(row, told.strip(), by)
    return row


def _may(row: Finding, step: Step, words: str, by: User) -> None:
    if row.subject_id == by.pk:
        audit.refuse("R-154", "about_the_closer", verb=VERB, on=row, by=by)
    if step not in row.steps:
        audit.refuse("R-153", "finding_step", verb=VERB, on=row, by=by, state=row.get_status_display())
    if not words.strip():
        audit.refuse("R-153", "finding_words", verb=VERB, on=row, by=by)


def _grade(row: Finding, grade: str, by: User) -> None:
    if grade not in Finding.Grade.values:
        audit.refuse("R-153", "finding_words", verb=VERB, on=row, by=by)
    row.grade = grade


def _name(row: Finding, investigator: User, by: User) -> None:
    held = role_at(investigator, now())
    if investigator.pk == row.subject_id or held is None or held[0] != Role.COMPLIANCE:
        audit.refuse("R-154", "finding_investigator", verb=VERB, on=row, by=by, person=investigator.name)
    row.investigator = investigator


def _as_investigator(row: Finding, evidence: str, by: User) -> None:
    if row.investigator_id != by.pk:
        audit.refuse("R-154", "finding_not_investigator", verb=VERB, on=row, by=by)
    if not evidence.strip():
        audit.refuse("R-155", "evidence_missing", verb=VERB, on=row, by=by)


def _with_measures(row: Finding, step: Step, by: User) -> None:
    if not row.measures.exists():
        audit.refuse("R-155", "finding_no_measure", verb=VERB, on=row, by=by)
    if step is not Step.PLAN and row.measures.open().exists():
        audit.refuse("R-155", "measure_open", verb=VERB, on=row, by=by)
    if step is Step.DONE:
        row.check_from = row.first_check
    if step is Step.CHECK and (row.check_from is None or row.market.local_day(now()) < row.check_from):
        audit.refuse("R-155", "finding_check_early", verb=VERB, on=row, by=by, day=str(row.check_from))


def _close(row: Finding, words: str, by: User) -> None:
    told_by_her = Deviation.objects.filter(finding=row, reporter=by).exists()
    if told_by_her:
        audit.refuse("R-154", "own_deviation", verb=VERB, on=row, by=by)
    if row.investigator_id == by.pk or row.measures.filter(owner=by).exists():
        audit.refuse("R-154", "about_the_closer", verb=VERB, on=row, by=by)
    if row.measures.open().exists():
        audit.refuse("R-155", "measure_open", verb=VERB, on=row, by=by)
    row.closed_by, row.closed_at, row.conclusion = by, now(), words.strip()


def _tell_outcome(row: Finding, told: str, by: User) -> None:
    """The reporter of a deviation and the person it is about read that it is over, and how, in words made for them."""
    deviation = Deviation.objects.filter(finding=row, status=Deviation.Status.OPEN).first()
    if deviation is not None:
        deviation.status, deviation.closed_by, deviation.closed_at = Deviation.Status.CLOSED, by, now()
        deviation.conclusion = told or "."
        deviation.save(update_fields=["status", "closed_by", "closed_at", "conclusion"])
    hearing = Hearing.objects.filter(finding=row).first()
    if hearing is not None and told:
        hearing.outcome, hearing.outcome_at = told, now()
        hearing.save(update_fields=["outcome", "outcome_at"])
        tell(
            hearing.person,
            "finding_outcome",
            f"outcome {row.pk} {now():%Y-%m-%d}",
            url=f"/compliance/hearings/{hearing.pk}/",
        )


@audit.action
def hear(finding: UUID, told: str, *, by: User) -> Hearing:
    """Tell the person a finding is about what it is, in words made for her, and ask what she says to it (R-154)."""
    row = (
        Finding.objects.select_for_update(of=("self",), no_key=True).select_related("subject").get(pk=finding)
    )
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    if row.subject_id == by.pk:
        audit.refuse("R-154", "about_the_closer", verb=VERB, on=row, by=by)
    if (
        row.subject is None
        or not row.subject_side
        or not told.strip()
        or Hearing.objects.filter(finding=row).exists()
    ):
        audit.refuse("R-154", "finding_hearing", verb=VERB, on=row, by=by)
    hearing = Hearing.objects.create(
        finding=row, person=row.subject, side=row.subject_side, told=told.strip(), told_by=by, told_at=now()
    )
    audit.record("heard about a finding", row, by=by, told=hearing.told)
    tell(row.subject, "finding_hearing", f"hearing {hearing.pk}", url=f"/compliance/hearings/{hearing.pk}/")
    return hearing


@audit.action
def answer_hearing(hearing: UUID, statement: str, *, by: User) -> Hearing:
    """Say what one has to say to it, once; Compliance reads it beside the finding."""
    row = (
        Hearing.objects.visible_to(by)
        .select_for_update(of=("self",), no_key=True)
        .select_related("told_by")
        .get(pk=hearing)
    )
    if row.person_id != by.pk or row.stated_at is not None or not statement.strip():
        audit.refuse("R-154", "not_yours", verb="was refused to answer", on=row, by=by)
    row.statement, row.stated_at = statement.strip(), now()
    row.save(update_fields=["statement", "stated_at"])
    audit.record("answered about a finding", row, by=by, words="a finding about her")
    tell(row.told_by, "hearing_answered", f"hearing {row.pk} answered", url=page_of(row.finding_id))
    return row


@audit.action
def set_measure(finding: UUID, what: str, *, owner: User, due_on: date, by: User) -> Measure:
    """Say what follows from a confirmed finding, who sees to it and by when. The owner is told, of that alone.

    Somebody of the other side of the wall would learn of the finding and cannot be named.
    """
    row = Finding.objects.select_for_update(of=("self",), no_key=True).get(pk=finding)
    audit.permit(Deed.ASSESS_DEVIATION, on=row, by=by)
    verb = "was refused to set a measure"
    if row.subject_id == by.pk:
        audit.refuse("R-154", "about_the_closer", verb=verb, on=row, by=by)
    if row.status not in (Finding.Status.CONFIRMED, Finding.Status.CAPA_PLANNED):
        audit.refuse("R-153", "finding_step", verb=verb, on=row, by=by, state=row.get_status_display())
    held = role_at(owner, now())
    side = side_of(held[0]) if held else None
    if (
        not owner.is_active
        or side is None
        or not ((held and held[0] == Role.COMPLIANCE) or side == side_for(row))
    ):
        audit.refuse("R-155", "measure_owner", verb=verb, on=row, by=by, person=owner.name)
    measure = Measure.objects.create(
        finding=row, what=what.strip(), owner=owner, owner_side=side, due_on=due_on, set_by=by, set_at=now()
    )
    audit.record("set a measure after", row, by=by, what=measure.what, owner=owner.name, due_on=due_on)
    tell(owner, "measure_set", f"measure {measure.pk}", url=f"/compliance/measures/{measure.pk}/")
    return measure


def side_for(row: Finding) -> str:
    """Whose people may be named to put it right: the side that told of it, or that it is about."""
    told = Deviation.objects.filter(finding=row).values_list("reporter_side", flat=True).first()
    return told or row.subject_side or Side.OVERSIGHT


@audit.action
def complete_measure(measure: UUID, evidence: str, *, by: User) -> Measure:
    """Say what was done. Only its owner does; Compliance is told and looks at the evidence (R-155)."""
    row = (
        Measure.objects.select_for_update(no_key=True, of=("self",)).select_related("set_by").get(pk=measure)
    )
    verb = "was refused to complete a measure"
    if row.owner_id != by.pk:
        audit.refuse("R-155", "not_yours", verb=verb, on=row, by=by)
    if row.done_at is not None:
        return row
    if not evidence.strip():
        audit.refuse("R-155", "evidence_missing", verb=verb, on=row, by=by)
    row.done_at, row.evidence = now(), evidence.strip()
    row.save(update_fields=["done_at", "evidence"])
    audit.record("completed a measure", row, by=by, evidence=row.evidence)
    tell(row.set_by, "measure_done", f"measure {row.pk} done", url=page_of(row.finding_id))
    return row


def escalate(finding: Finding, what: str) -> None:
    """Tell everybody in Compliance that a target has passed; once for each target."""
    key = f"finding {finding.pk} {what}"
    tell_all(
        [(officer, "finding_overdue", key, page_of(finding.pk), {}) for officer in officers()], urgent=True
    )
