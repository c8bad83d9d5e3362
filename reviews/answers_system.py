"""The answers about the wall, the trail, people, reviews and the system itself (questions 5 and 15 to 20)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import acting_as, now
from accounts.models import Appointment, User
from compliance import desk, policy
from compliance.findings import Finding
from compliance.packs import history_of_rules
from compliance.policy import Role
from compliance.signing import signatures_of
from interactions.amending import Amendment
from interactions.models import Compartment, Interaction
from kols.models import Objection, PrivacyNotice
from reviews.answers_boundary import contacts, record_page
from reviews.models import Draw, Observation
from reviews.questions import Asked, Question, Row, line

COMMERCIAL = (Role.FIELD_SERVICE, Role.FIELD_LEAD, Role.PRODUCT_MANAGER)


def the_wall(asked: Asked) -> Iterable[Row]:
    """What people of the commercial side see of the contacts of Medical, asked of the product and of the database, now."""
    ten = [record.pk for record in contacts(asked, Compartment.MEDICAL)[:10]]
    there = (
        User.objects.filter(
            is_active=True, appointments__role__in=COMMERCIAL, appointments__during__contains=now()
        )
        .distinct()
        .order_by("family_name", "pk")[:12]
    )
    for person in there:
        with acting_as(person):
            shown = Interaction.objects.visible_to(person).filter(pk__in=ten).count()
            stored = Interaction.objects.filter(pk__in=ten).count()
            medical = Interaction.objects.filter(compartment=Compartment.MEDICAL).count()
        yield line(person, person.get_role_display(), len(ten), shown, stored, medical)


def trail_of_a_record(asked: Asked) -> Iterable[Row]:
    """Every sentence about one record; without one, the record that was last spoken of."""
    entries = desk.trail(asked.by, {})
    record = asked.record
    if record is None:
        last = Interaction.objects.visible_to(asked.by).order_by("-recorded_at").first()
        record = last.pk if last else None
    if record is None:
        return
    for said in entries.filter(subject_id=record).order_by("sequence"):
        yield line(
            said.sequence,
            said.at,
            said.actor_name,
            said.actor_role,
            str(said),
            ", ".join(said.rules),
            url=reverse("compliance:record_trail", args=[record]),
        )


def signatures(asked: Asked) -> Iterable[Row]:
    """The newest signed records with what stands under each, and what was amended afterwards."""
    signed = Interaction.objects.visible_to(asked.by).filter(status=Interaction.Status.SIGNED)
    records = {row.pk: row for row in signed.order_by("-recorded_at")[:100]}
    for one in signatures_of(records, asked.by):
        yield line(
            one.record_version,
            one.signer_name,
            one.signer_role,
            one.at,
            one.zone,
            one.get_meaning_display(),
            one.sha256,
            url=record_page(records[one.record_id]),
        )
    amended = (
        Amendment.objects.visible_to(asked.by)
        .filter(interaction__in=list(records))
        .select_related("interaction")
    )
    for row in amended.order_by("asked_at"):
        yield line(
            row.base_version + 1,
            "",
            "",
            row.asked_at,
            "",
            _("amended: %(why)s") % {"why": row.reason},
            row.get_outcome_display(),
            url=record_page(row.interaction),
        )


def people(asked: Asked) -> Iterable[Row]:
    """Everybody with an account: rights today, rights of before, privileged access, the last sign-in."""
    at = now()
    rows = User.objects.order_by("family_name", "given_name", "pk")
    if asked.person:
        rows = rows.filter(Q(family_name__icontains=asked.person) | Q(given_name__icontains=asked.person))
    held: dict[object, list[Appointment]] = {}
    for post in Appointment.objects.filter(user__in=rows).prefetch_related("markets").order_by("during"):
        held.setdefault(post.user_id, []).append(post)
    for user in rows:
        appointments: list[Appointment | None] = [*held.get(user.pk, [])]
        for one in appointments or [None]:
            until = one.during.upper if one else None
            state = _("none") if one is None else _("left") if until and until <= at else _("in force")
            markets = ", ".join(market.code for market in one.markets.all()) if one else ""
            yield line(
                user,
                user.email,
                one.get_role_display() if one else "",
                markets,
                one.during.lower if one else "",
                until,
                state if user.is_active else _("closed"),
                _("technical admin") if user.is_staff else "",
                user.last_login,
            )


def reviews(asked: Asked) -> Iterable[Row]:
    """Samples and how each was drawn, the observation plan, and every finding with what followed and whether it helped."""
    drawn = (
        Draw.objects.visible_to(asked.by)
        .defer("frame")
        .annotate(drawn=Count("items"), left=Count("items", filter=Q(items__verdict="")))
    )
    for one in drawn.order_by("-drawn_at"):
        yield line(
            one.drawn_at,
            _("sample"),
            one,
            _("%(n)s of %(size)s, seed %(seed)s, version %(version)s, frame %(sha)s")
            % {
                "n": one.drawn,
                "size": one.frame_size,
                "seed": one.seed,
                "version": one.algorithm,
                "sha": one.frame_sha256[:16],
            },
            _("%(n)s to decide") % {"n": one.left},
            url=reverse("reviews:draw", args=[one.pk]),
        )
    plan = Observation.objects.visible_to(asked.by).select_related("person", "observed_by")
    for row in plan.order_by("planned_on"):
        yield line(
            row.observed_at or row.planned_on,
            row.get_kind_display(),
            row.person,
            row.words,
            row.get_result_display() or _("planned"),
            url=reverse("reviews:observations"),
        )
    found = Finding.objects.visible_to(asked.by).select_related("subject").prefetch_related("measures")
    for finding in found.order_by("-opened_at")[:300]:
        measures = "; ".join(f"{one.what} ({one.evidence or _('open')})" for one in finding.measures.all())
        yield line(
            finding.opened_at,
            _("finding"),
            finding.get_grade_display(),
            f"{finding.words} {measures}".strip(),
            finding.get_status_display(),
            url=reverse("compliance:finding", args=[finding.pk]),
        )


def privacy(asked: Asked) -> Iterable[Row]:
    """Objections and notices to experts, and what the trail says of requests and erasures."""
    for row in (
        Objection.objects.visible_to(asked.by).select_related("kol", "recorded_by").order_by("-since")[:200]
    ):
        yield line(
            row.since,
            _("objection"),
            row.kol,
            row.get_kind_display(),
            row.recorded_by,
            url=reverse("kols:detail", args=[row.kol_id]),
        )
    for one in (
        PrivacyNotice.objects.visible_to(asked.by)
        .select_related("kol", "recorded_by")
        .order_by("-given_at")[:100]
    ):
        yield line(
            one.given_at,
            _("notice given"),
            one.kol,
            one.how,
            one.recorded_by,
            url=reverse("kols:detail", args=[one.kol_id]),
        )
    for said in desk.trail(asked.by, {}).filter(
        Q(verb__icontains="erase") | Q(verb__icontains="data request")
    )[:100]:
        yield line(
            said.at,
            _("in the trail"),
            str(said),
            "",
            said.actor_name,
            url=reverse("compliance:entry", args=[said.pk]),
        )


def validation(asked: Asked) -> Iterable[Row]:
    """The versions in force, each change of a market's rules, and where the rest of the file is made."""
    yield line(now(), _("policy in force"), policy.VERSION, "", "")
    for row in history_of_rules():
        yield line(
            row.effective_at,
            _("rules of a market"),
            str(row),
            row.proposed_by or "",
            row.settled_by or "",
            url=reverse("compliance:pack", args=[row.market.code, row.version]),
        )
    for what, where in (
        (_("requirements traced to tests, installation and operation, restore"), "docs/validation"),
        (_("release notes"), "CHANGELOG.md"),
        (_("risks"), "THREAT_MODEL.md"),
        (_("the product checks its clock and its trail"), "/readyz"),
    ):
        yield line("", what, where, "", "")


QUESTIONS = (
    Question(
        number=5,
        words=gettext_lazy("Show that a sales user cannot see these ten contacts"),
        fields=("product", "on"),
        columns=(
            gettext_lazy("Who"),
            gettext_lazy("Role"),
            gettext_lazy("Contacts of Medical picked"),
            gettext_lazy("Seen in the product"),
            gettext_lazy("Seen in the database"),
            gettext_lazy("Of all that Medical wrote"),
        ),
        rows=the_wall,
    ),
    Question(
        number=15,
        words=gettext_lazy("The trail of one record in full, and the proof that it is complete"),
        fields=("record",),
        columns=(
            gettext_lazy("No."),
            gettext_lazy("When"),
            gettext_lazy("Who"),
            gettext_lazy("Role"),
            gettext_lazy("What"),
            gettext_lazy("Rules"),
        ),
        rows=trail_of_a_record,
        links=lambda _asked: [
            (gettext_lazy("The trail"), reverse("compliance:trail")),
            (gettext_lazy("Verification"), reverse("compliance:trail_verification")),
        ],
    ),
    Question(
        number=16,
        words=gettext_lazy(
            "Signatures: meaning, time, link to the content, and what happens after an amendment"
        ),
        columns=(
            gettext_lazy("Version"),
            gettext_lazy("Who"),
            gettext_lazy("Role"),
            gettext_lazy("When"),
            gettext_lazy("Time zone"),
            gettext_lazy("Meaning"),
            gettext_lazy("SHA-256, or outcome"),
        ),
        rows=signatures,
    ),
    Question(
        number=17,
        words=gettext_lazy("People with their rights, leavers, privileged access"),
        fields=("person",),
        columns=(
            gettext_lazy("Who"),
            gettext_lazy("E-mail"),
            gettext_lazy("Role"),
            gettext_lazy("Markets"),
            gettext_lazy("From"),
            gettext_lazy("Until"),
            gettext_lazy("State"),
            gettext_lazy("Privileged"),
            gettext_lazy("Last sign-in"),
        ),
        rows=people,
    ),
    Question(
        number=18,
        words=gettext_lazy(
            "Monitoring plan, samples and how they were drawn, findings, measures, their effect"
        ),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("What"),
            gettext_lazy("Which, or who"),
            gettext_lazy("Words"),
            gettext_lazy("State"),
        ),
        rows=reviews,
        links=lambda _asked: [
            (gettext_lazy("Review"), reverse("reviews:queue")),
            (gettext_lazy("Findings"), reverse("compliance:findings")),
            (gettext_lazy("Observed visits"), reverse("reviews:observations")),
            (gettext_lazy("Trends"), reverse("reviews:trends")),
        ],
    ),
    Question(
        number=19,
        words=gettext_lazy("Requests of people about their data: what was done, what was kept and why"),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("What"),
            gettext_lazy("Expert"),
            gettext_lazy("Words"),
            gettext_lazy("Who"),
        ),
        rows=privacy,
    ),
    Question(
        number=20,
        words=gettext_lazy("Validation: requirements and tests, risks, changes of the rules, restore, time"),
        columns=(
            gettext_lazy("From"),
            gettext_lazy("What"),
            gettext_lazy("Version, or where"),
            gettext_lazy("Proposed"),
            gettext_lazy("Confirmed"),
        ),
        rows=validation,
        links=lambda _asked: [
            (gettext_lazy("Rules of the markets"), reverse("compliance:packs")),
            (gettext_lazy("The boundary"), reverse("compliance:boundary")),
        ],
    ),
)
