"""The answers about how records came to be: late, moved, asked for, together with field service (questions 6 to 8)."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.policy import Basis
from interactions.amending import Amendment
from interactions.models import Change, JointVisit, Topic
from interactions.solicitation import shares
from reviews.answers_boundary import contact_search, contacts, record_page
from reviews.questions import Asked, Question, Row, line


def late_and_moved(asked: Asked) -> Iterable[Row]:
    """What was entered late, moved by a date, or amended after it was signed, with reason and approval."""
    late = contacts(asked).exclude(late_reason="")
    for record in late:
        yield line(
            record.recorded_at,
            _("entered late"),
            record.author,
            record.starts_at,
            record.late_reason,
            "",
            url=record_page(record),
        )
    changes = Change.objects.visible_to(asked.by).filter(kind=Change.Kind.DATE, at__lt=asked.before)
    for one in changes.select_related("interaction__author").order_by("-at")[:200]:
        allowed = _("Compliance") if (one.interaction.act or {}).get("date_approved") else ""
        yield line(
            one.at,
            _("day moved"),
            one.interaction.author,
            f"{one.before} → {one.after}",
            one.reason,
            allowed,
            url=record_page(one.interaction),
        )
    amended = (
        Amendment.objects.visible_to(asked.by).select_related("interaction__author").order_by("-asked_at")
    )
    for row in amended[:200]:
        yield line(
            row.asked_at,
            _("amended after signing"),
            row.interaction.author,
            row.get_code_display(),
            row.reason,
            row.get_outcome_display(),
            url=record_page(row.interaction),
        )


def asked_for(asked: Asked) -> Iterable[Row]:
    """Every person's share beside the colleagues', those who differ most first; then five requests with their words."""
    for here in shares(asked.by):
        for one in here.lines:
            yield line(here.market.code, one.name, one.share.in_words, one.verdict, "")
    topics = Topic.objects.filter(
        basis=Basis.UNSOLICITED_REQUEST, interaction__in=contacts(asked).order_by().values("pk")
    )
    rows = topics.select_related("interaction__author", "use__indication__product", "use__market")
    for topic in rows.order_by("-interaction__starts_at")[:5]:
        proof = topic.documents.get("REQ", {}).get("question", "")
        yield line(
            topic,
            topic.interaction.author if topic.interaction.market.staff_names_in_comparisons else "",
            topic.interaction.starts_at,
            _("request"),
            proof,
            url=record_page(topic.interaction),
        )


def joint_visits(asked: Asked) -> Iterable[Row]:
    rows = JointVisit.objects.visible_to(asked.by).select_related("medical__author", "field__author")
    for one in rows.order_by("-found_at")[:200]:
        medical, other = one.medical, one.field
        yield line(
            medical.starts_at,
            medical.ends_at,
            medical.author,
            other.starts_at,
            other.ends_at,
            other.author,
            medical.joint_request or other.joint_request,
            url=record_page(medical),
        )


QUESTIONS = (
    Question(
        number=6,
        words=gettext_lazy(
            "All that was entered late, moved in time, or amended after signing: reasons, and who approved"
        ),
        fields=("product", "on", "person"),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("What"),
            gettext_lazy("Who"),
            gettext_lazy("From and to"),
            gettext_lazy("Reason"),
            gettext_lazy("Approved"),
        ),
        rows=late_and_moved,
        links=lambda asked: [
            (gettext_lazy("Contacts"), contact_search(asked, late="on")),
            (gettext_lazy("Judged anew"), reverse("interactions:mismatches")),
        ],
    ),
    Question(
        number=7,
        words=gettext_lazy(
            "The share of requests by person, those at the extremes, and the evidence of five requests"
        ),
        fields=("product", "person"),
        columns=(
            gettext_lazy("Market or product"),
            gettext_lazy("Who"),
            gettext_lazy("Share, or when"),
            gettext_lazy("What it says"),
            gettext_lazy("The question"),
        ),
        rows=asked_for,
        links=lambda asked: (
            [(gettext_lazy("Asked for, or brought up"), reverse("interactions:request_shares"))]
            if asked.by.role == "COMPLIANCE"
            else []
        ),
    ),
    Question(
        number=8,
        words=gettext_lazy("Joint visits: who asked, and who was there from when until when"),
        fields=(),
        columns=(
            gettext_lazy("Medical from"),
            gettext_lazy("until"),
            gettext_lazy("Who"),
            gettext_lazy("Field service from"),
            gettext_lazy("until"),
            gettext_lazy("Who"),
            gettext_lazy("How the expert asked"),
        ),
        rows=joint_visits,
        links=lambda _asked: [(gettext_lazy("Visits of both sides"), reverse("interactions:joint_visits"))],
    ),
)
