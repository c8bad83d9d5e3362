"""Writing down what took place, changing it while it is a draft, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Intent, Kind
from interactions import changes as changes_of
from interactions import handed, materials, words
from interactions.actions.judging import attendee_rows, in_words, judge, keep_answer, new_record, topic_rows
from interactions.changes import against
from interactions.facts import Event, Gathered, Present, Spoken
from interactions.handed import NOTHING, Given
from interactions.models import Attendee, Closing, Compartment, Interaction, LastContact, Topic
from interactions.words import Written
from kols.actions import close_matter
from kols.models import Institution, OpenMatter
from safety.models import SafetyReport

if TYPE_CHECKING:
    from compliance.policy import Decision

NO_CONTACT = frozenset({Kind.INTERNAL_TRAINING, Kind.INQUIRY, Kind.ADVERSE_EVENT})

_LAST_CONTACT = """
INSERT INTO interactions_lastcontact (id, kol_id, at, interaction_id)
SELECT gen_random_uuid(), kol, %(at)s, %(interaction)s FROM unnest(%(kols)s::uuid[]) AS kol ORDER BY kol
ON CONFLICT (kol_id) DO UPDATE SET at = EXCLUDED.at, interaction_id = EXCLUDED.interaction_id
WHERE interactions_lastcontact.at < EXCLUDED.at
"""


@audit.action
def log_interaction(
    *,
    by: User,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    side_effect: bool,
    given: Given = NOTHING,
    title: str = "",
    institution: Institution | None = None,
    place: str = "",
    note: str = "",
    words_reason: str = "",
    safety_report: SafetyReport | None = None,
    follows_plan: Interaction | None = None,
    client_ref: UUID | None = None,
    device: Mapping[str, str] | None = None,
) -> Interaction:
    """Record what took place, judged as of then (R-065). The record is a draft that already counts.

    Missing documents leave it incomplete, listing them; what must not have happened is refused as a
    deviation (decision 21). The same `client_ref` of the same author returns the first record. A side
    effect that was mentioned needs its report first (R-127). `device` is what a device said of its clock: it
    stands in the trail beside our own time of receipt and judges nothing.
    """
    if client_ref is not None and (first := _sent_before(by, client_ref)):
        return first
    written = Written(title=title, note=note, reason=words_reason)
    found, decision = judge(
        by=by, intent=Intent.RECORD, event=event, topics=topics, people=people, verb="logged", given=given,
        written=written,
    )  # fmt: skip
    interaction = new_record(
        Interaction.Status.DRAFT, by=by, event=event, found=found, decision=decision, client_ref=client_ref,
        title=title, institution=institution, place=place, note=note, side_effect=side_effect,
        safety_report=safety_report, follows_plan=follows_plan,
    )  # fmt: skip
    try:
        with transaction.atomic():
            interaction.save(force_insert=True)
    except IntegrityError:
        # The same device sent it twice at once: the other transaction was first.
        if client_ref is not None and (first := _sent_before(by, client_ref)):
            return first
        raise
    save_parts(interaction, topics, people, found, decision)
    handed.keep(interaction, given)
    materials.keep(interaction, people, found)
    words.keep(interaction, found.marked, words_reason)
    _note_contact(interaction, people)
    _note_matters(interaction, found)
    said: dict[str, Any] = {"device": dict(device)} if device else {}
    audit.record("logged", interaction, by=by, words=in_words(event, people), market=event.market.code,
                 act=found.act, decision=decision, missing=interaction.missing, **said)  # fmt: skip
    _settle(interaction)
    return interaction


@audit.action
def amend_interaction(
    interaction: Interaction,
    *,
    by: User,
    event: Event,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    version: int | None = None,
    given: Given | None = None,
    change_reason: str = "",
    words_reason: str | None = None,
    **changes: str | Institution | None,
) -> Interaction:
    """Change a draft of one's own. It is judged anew as of the event, and the former version is kept.

    `version` is the one the person saw: if somebody, or another window, was faster, nothing is changed.
    `changes` may hold title, institution, place and note. Another instant, or a topic that was brought up by
    us and now was asked for, needs `change_reason`, which is kept (R-047, R-069). Without `given` the ledger
    stays as it is, and without `words_reason` the reason for words that stay.
    """
    interaction = lock_own(interaction, by, {Interaction.Status.DRAFT}, verb="amended")
    if version is not None and version != interaction.version:
        audit.refuse("R-142", "no_such_step", verb="amended", on=interaction, by=by, step="changed")
    given = handed.of(interaction) if given is None else given
    changed = against(interaction, event, topics, change_reason)
    if changed.unreasoned:
        rule = "R-069" if changed.first_start else "R-047"
        audit.refuse(rule, "change_reason_missing", verb="amended", on=interaction, by=by)
    for name in ("title", "institution", "place", "note"):
        if name in changes:
            setattr(interaction, name, changes[name])
    reason = words.reason_of(interaction.pk) if words_reason is None else words_reason
    found, decision = judge(
        by=by, intent=Intent.RECORD, event=event, topics=topics, people=people, verb="amended", on=interaction,
        given=given, changed=changed,
        written=Written(title=interaction.title, note=interaction.note, reason=reason),
    )  # fmt: skip
    keep_answer(interaction, event, found, decision)
    interaction.version += 1
    interaction.save()
    save_parts(interaction, topics, people, found, decision)
    handed.keep(interaction, given)
    materials.keep(interaction, people, found)
    words.keep(interaction, found.marked, reason)
    changes_of.keep(interaction, changed)
    forget_contact(interaction)
    _note_contact(interaction, people)
    close_matter(OpenMatter.Kind.DRAFT, source=interaction.pk)
    _note_matters(interaction, found)
    audit.record("amended", interaction, by=by, words=in_words(event, people), market=event.market.code,
                 act=found.act, decision=decision, version=interaction.version)  # fmt: skip
    _settle(interaction)
    return interaction


@audit.action
def withdraw_interaction(interaction: Interaction, *, by: User) -> Interaction:
    """Take a draft of one's own back. It stays in the trail and can be restored (decision 30)."""
    interaction = lock_own(interaction, by, {Interaction.Status.DRAFT}, verb="withdrew")
    interaction.status = Interaction.Status.WITHDRAWN
    interaction.updated_at = now()
    interaction.save(update_fields=["status", "updated_at"])
    forget_contact(interaction)
    close_matter(OpenMatter.Kind.DRAFT, source=interaction.pk)
    audit.record("withdrew", interaction, by=by, market=interaction.market.code)
    return interaction


@audit.action
def restore_interaction(interaction: Interaction, *, by: User) -> Interaction:
    """Undo a withdrawal: the draft counts again as it stood."""
    interaction = lock_own(interaction, by, {Interaction.Status.WITHDRAWN}, verb="restored")
    interaction.status = Interaction.Status.DRAFT
    interaction.updated_at = now()
    interaction.save(update_fields=["status", "updated_at"])
    kols = list(interaction.attendees.filter(kol__isnull=False).values_list("kol_id", flat=True))
    _meet(interaction, kols)
    audit.record("restored", interaction, by=by, market=interaction.market.code)
    _settle(interaction)
    return interaction


def lock_own(
    interaction: Interaction, by: User, statuses: set[Interaction.Status], *, verb: str
) -> Interaction:
    """One's own record behind its lock, in one of these states; else refused."""
    row = (
        Interaction.objects.select_for_update(of=("self",), no_key=True)
        .select_related("market")
        .get(pk=interaction.pk)
    )
    if row.author_id != by.pk:
        audit.refuse("R-140", "not_yours", verb=verb, on=row, by=by)
    if row.status == Interaction.Status.SIGNED and row.status not in statuses:
        audit.refuse("R-142", "record_signed", verb=verb, on=row, by=by)
    if row.status not in statuses:
        audit.refuse("R-142", "no_such_step", verb=verb, on=row, by=by, step=verb)
    if row.status == Interaction.Status.DRAFT and Closing.objects.filter(interaction=row).exists():
        audit.refuse("R-117", "no_such_step", verb=verb, on=row, by=by, step=verb)
    return row


def save_parts(
    interaction: Interaction,
    topics: Sequence[Spoken],
    people: Sequence[Present],
    found: Gathered,
    decision: Decision,
) -> None:
    """Topics with their themes and the people there; what was there before is replaced and kept in history."""
    if interaction.version > 1:
        interaction.topics.all().delete()
        interaction.attendees.all().delete()
    rows = Topic.objects.bulk_create(topic_rows(interaction, topics, found, decision)) if topics else []
    chosen = [
        Topic.themes.through(topic=row, theme=theme)
        for row, spoken in zip(rows, topics, strict=True)
        for theme in spoken.themes
    ]
    if chosen:
        Topic.themes.through.objects.bulk_create(chosen)
    if people:
        Attendee.objects.bulk_create(attendee_rows(interaction, people))


def _sent_before(by: User, client_ref: UUID) -> Interaction | None:
    return Interaction.objects.filter(author=by, client_ref=client_ref).first()


def _note_contact(interaction: Interaction, people: Sequence[Present]) -> None:
    _meet(interaction, sorted(present.kol.pk for present in people if present.kol is not None))


def _meet(interaction: Interaction, kols: list[UUID]) -> None:
    """Keep when Medical last met each expert. What field service does is not in it (R-100)."""
    if interaction.compartment != Compartment.MEDICAL or interaction.kind in NO_CONTACT or not kols:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _LAST_CONTACT, {"at": interaction.starts_at, "interaction": interaction.pk, "kols": kols}
        )


def forget_contact(interaction: Interaction) -> None:
    """Where this record was the last contact, go back to the one before."""
    for last in LastContact.objects.filter(interaction=interaction).order_by("kol_id"):
        before = (
            Attendee.objects.filter(
                kol=last.kol_id,
                compartment=Compartment.MEDICAL,
                interaction__status__in=[Interaction.Status.DRAFT, Interaction.Status.SIGNED],
            )
            .exclude(interaction=interaction)
            .exclude(interaction__kind__in=NO_CONTACT)
            .order_by("-at")
            .first()
        )
        if before is None:
            last.delete()
        else:
            last.at, last.interaction_id = before.at, before.interaction_id
            last.save(update_fields=["at", "interaction"])


def note_contact(interaction: Interaction) -> None:
    """The same for a record whose people stand in it."""
    _meet(
        interaction,
        list(interaction.attendees.filter(kol__isnull=False).order_by("kol").values_list("kol", flat=True)),
    )


def _note_matters(interaction: Interaction, found: Gathered) -> None:
    """An incomplete record is an open matter of each relation it touches, without its content."""
    if not interaction.missing or interaction.compartment != Compartment.MEDICAL:
        return
    OpenMatter.objects.bulk_create(
        [
            OpenMatter(
                relation_id=relation,
                kind=OpenMatter.Kind.DRAFT,
                person_id=interaction.author_id,
                source=interaction.pk,
                opened_at=now(),
            )
            for relation in sorted(set(found.relations.values()))
        ],
        update_conflicts=True,
        unique_fields=["relation", "kind", "source"],
        update_fields=["closed_at"],
    )


def _settle(interaction: Interaction) -> None:
    """Let the database speak before the commit, so that a side effect report survives its refusal."""
    if interaction.compartment == Compartment.FIELD:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
