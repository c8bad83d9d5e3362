"""The answers about what changed hands, and about side effects (questions 9 and 11 to 14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.policy import Basis
from interactions.models import MaterialGiven, SampleGiven, ValueGiven, WordMark
from products.models import MaterialVersion
from reviews.answers_boundary import contacts, people_of, record_page
from reviews.questions import Asked, Question, Row, line
from safety.models import SafetyReport


def side_effects(asked: Asked) -> Iterable[Row]:
    """Every report with its clock; after them how many texts were marked, so that free text is not missed."""
    rows = SafetyReport.objects.visible_to(asked.by).select_related("product", "reporter", "market")
    if asked.product is not None:
        rows = rows.filter(product=asked.product)
    for row in rows.order_by("-learned_at", "pk")[:400]:
        late = _("late") if (row.acknowledged_at or row.due_at) > row.due_at else ""
        yield line(
            row.learned_at,
            row.recorded_at,
            row.mailed_at,
            row.due_at,
            row.acknowledged_at,
            row.case_id,
            late or row.late_reason,
            url=reverse("safety:detail", args=[row.pk]),
        )
    marked = WordMark.objects.visible_to(asked.by).filter(kind__icontains="EFFECT").count()
    yield line("", "", "", "", "", _("texts marked for a side effect and kept"), marked)


def samples(asked: Asked) -> Iterable[Row]:
    rows = SampleGiven.objects.visible_to(asked.by).select_related(
        "kol", "use__indication__product", "author", "interaction"
    )
    if asked.product is not None:
        rows = rows.filter(use__indication__product=asked.product)
    for row in rows.order_by("kol__sort_name", "given_at"):
        signed = _("signed") if row.signed else _("not signed")
        yield line(
            row.kol,
            row.given_at,
            row.use.indication.product.name,
            row.quantity,
            row.lot,
            row.author,
            row.compartment,
            signed,
            url=record_page(row.interaction),
        )


def boards(asked: Asked) -> Iterable[Row]:
    """Boards before the day, with what was agreed first."""
    for record in contacts(asked).filter(topics__basis=Basis.CONTRACTED_BOARD):
        proofs = ", ".join(dict.fromkeys(code for topic in record.topics.all() for code in topic.documents))
        yield line(
            record.starts_at,
            record,
            record.author,
            people_of(record),
            proofs,
            record.note,
            url=record_page(record),
        )


def values(asked: Asked) -> Iterable[Row]:
    """What each expert was given in each year, by kind and currency, and the highest single value."""
    rows = ValueGiven.objects.visible_to(asked.by).select_related("kol", "interaction__market")
    if asked.kol:
        from kols.models import KOL

        rows = rows.filter(kol__in=list(KOL.objects.visible_to(asked.by).matching(asked.kol)[:50]))
    found: dict[tuple[str, int, str, str, str], list[Decimal]] = defaultdict(list)
    for row in rows:
        key = (
            str(row.kol),
            row.given_on.year,
            row.get_category_display(),
            row.currency,
            row.interaction.market.code,
        )
        found[key].append(row.amount)
    for (kol, year, category, currency, market), amounts in sorted(found.items()):
        yield line(
            kol,
            year,
            category,
            market,
            len(amounts),
            f"{sum(amounts)} {currency}",
            f"{max(amounts)} {currency}",
        )


def materials(asked: Asked) -> Iterable[Row]:
    """Each version with its approval and validity, and whoever received it, marked where that was after its recall."""
    rows = MaterialVersion.objects.visible_to(asked.by).select_related("material", "approved_by")
    if asked.product is not None:
        rows = rows.filter(uses__indication__product=asked.product).distinct()
    for row in rows.order_by("material", "valid_from"):
        page = reverse("products:material", args=[row.pk])
        state = _("recalled") if row.recalled_at else ""
        yield line(
            row,
            row.approval,
            row.approved_by,
            row.approved_at,
            row.valid_from,
            row.valid_to,
            row.recalled_at or "",
            state,
            url=page,
        )
        given = (
            MaterialGiven.objects.visible_to(asked.by)
            .filter(version=row)
            .select_related("kol", "interaction", "author")
        )
        for one in given[:100]:
            after = _("after the recall") if row.recalled_at and one.given_at > row.recalled_at else ""
            yield line(
                "",
                one.kol or one.name,
                one.author,
                one.given_at,
                "",
                "",
                "",
                after,
                url=record_page(one.interaction),
            )


QUESTIONS = (
    Question(
        number=9,
        words=gettext_lazy(
            "Side effects: learned, passed on, acknowledged, the late ones, and how free text is not missed"
        ),
        fields=("product",),
        columns=(
            gettext_lazy("Learned"),
            gettext_lazy("Recorded"),
            gettext_lazy("Passed on"),
            gettext_lazy("Due"),
            gettext_lazy("Acknowledged"),
            gettext_lazy("Case"),
            gettext_lazy("Late, and why"),
        ),
        rows=side_effects,
        links=lambda _asked: [(gettext_lazy("Side effects"), reverse("safety:list"))],
    ),
    Question(
        number=11,
        words=gettext_lazy("Samples by recipient, any by an MSL, and the signatures of the requests"),
        fields=("product",),
        columns=(
            gettext_lazy("Recipient"),
            gettext_lazy("When"),
            gettext_lazy("Product"),
            gettext_lazy("Packs"),
            gettext_lazy("Lot"),
            gettext_lazy("Who"),
            gettext_lazy("Side"),
            gettext_lazy("Request"),
        ),
        rows=samples,
    ),
    Question(
        number=12,
        words=gettext_lazy("Advisory boards before that day: need, contract, who was there, what came of it"),
        fields=("product", "on"),
        columns=(
            gettext_lazy("When"),
            gettext_lazy("Board"),
            gettext_lazy("Who"),
            gettext_lazy("Who was there"),
            gettext_lazy("Documents"),
            gettext_lazy("Output"),
        ),
        rows=boards,
    ),
    Question(
        number=13,
        words=gettext_lazy("What each expert was given per year, against the caps"),
        fields=("kol",),
        columns=(
            gettext_lazy("Expert"),
            gettext_lazy("Year"),
            gettext_lazy("What"),
            gettext_lazy("Market"),
            gettext_lazy("How often"),
            gettext_lazy("Sum"),
            gettext_lazy("Highest"),
        ),
        rows=values,
        links=lambda _asked: [(gettext_lazy("Rules of the markets"), reverse("compliance:packs"))],
    ),
    Question(
        number=14,
        words=gettext_lazy("A material: approval, validity, and who received it after it was recalled"),
        fields=("product",),
        columns=(
            gettext_lazy("Version"),
            gettext_lazy("Approval, or recipient"),
            gettext_lazy("Who"),
            gettext_lazy("Approved, or given"),
            gettext_lazy("Valid from"),
            gettext_lazy("Valid until"),
            gettext_lazy("Recalled"),
            gettext_lazy("State"),
        ),
        rows=materials,
        links=lambda _asked: [(gettext_lazy("Materials"), reverse("products:materials"))],
    ),
)
