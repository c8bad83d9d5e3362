"""Inspector mode: the twenty questions on one page, each with its answer, on paper and as a file with its fingerprint."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.http import SignedInRequest, as_uuid
from compliance import audit
from compliance.desk import safe
from compliance.forms import DAY
from msl_crm.access import READERS, allowed
from products.models import Product
from reviews import questions
from reviews.questions import Answer, Asked, Question, written
from reviews.views.samples import ID

FILES = {"json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8"}


class Filter(forms.Form):
    """Product N, date D, expert K, a person, a record: as much of it as a question turns on."""

    product: forms.ModelChoiceField[Product] = forms.ModelChoiceField(
        Product.objects.none(), label=_("Product"), required=False, empty_label=_("Any")
    )
    on = forms.DateField(
        label=_("Before the day"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    kol = forms.CharField(label=_("Expert"), max_length=80, required=False)
    person = forms.CharField(label=_("Person"), max_length=80, required=False)
    record = forms.CharField(label=_("Address of the record"), max_length=200, required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, question: Question, by: Any, **kwargs: Any) -> None:
        kwargs["initial"] = questions.defaults(by)
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["product"].queryset = Product.objects.visible_to(by)  # type: ignore[attr-defined]
        for name in set(self.fields) - set(question.fields):
            del self.fields[name]
        for field in self.fields.values():
            field.required = False

    def asked(self) -> Asked:
        """What is asked: the form as sent, or as it opens."""
        data = (
            self.cleaned_data
            if self.is_bound and self.is_valid()
            else {n: self.initial.get(n) for n in self.fields}
        )
        on, record = data.get("on"), ID.search(str(data.get("record") or "").lower())
        return Asked(
            by=self.by, product=data.get("product"), kol=data.get("kol") or "", person=data.get("person") or "",
            at=datetime(on.year, on.month, on.day, tzinfo=self.by.tz) if on else None,
            record=as_uuid(record.group()) if record else None,
        )  # fmt: skip

    def unmarked(self) -> None:
        """In a search nothing is required, so nothing is marked as optional. Called after validation."""
        for field in self.fields.values():
            field.required = True


@allowed(READERS)
def question_list(request: SignedInRequest) -> HttpResponse:
    """What an inspector asks, on one page."""
    return render(request, "reviews/questions.html", {"questions": list(questions.by_number().values())})


@allowed(READERS)
def question(request: SignedInRequest, number: int) -> HttpResponse:
    """One question with its answer. That it was read, or taken along, is itself recorded."""
    found = questions.by_number().get(number)
    if found is None:
        raise Http404
    form = Filter(
        request.GET if set(request.GET) & set(found.fields) else None, question=found, by=request.user
    )
    answer = questions.answer(found, form.asked())
    wanted = request.GET.get("format", "")
    audit.record(
        "took an extract" if wanted else "read an answer", by=request.user, words=f"{number}. {found.words}"[:300],
        filter=answer.asked.known, rows=len(answer.rows), sha256=answer.sha256, form=wanted,
    )  # fmt: skip
    if wanted in FILES:
        return _file(request, answer, wanted)
    form.unmarked()
    kept = request.GET.copy()
    kept.pop("format", None)
    context = {
        "question": found,
        "form": form if found.fields else None,
        "answer": answer,
        "links": found.links(answer.asked),
        "query": kept.urlencode(),
        "at": now(),
        "paper": wanted == "print",
    }
    return render(request, "reviews/question.html", context)


def _file(request: SignedInRequest, answer: Answer, wanted: str) -> HttpResponse:
    made = {"made": written(now()), "by": request.user.name, "sha256": answer.sha256}
    if wanted == "json":
        # The fingerprint is that of `content`: keys sorted, no blanks, UTF-8.
        text = json.dumps({**made, "content": answer.content}, ensure_ascii=False, indent=1)
    else:
        lines = csv.writer(buffer := io.StringIO())
        told = "; ".join(f"{name}: {value}" for name, value in answer.asked.known.items())
        lines.writerows([safe(one) for one in row] for row in (
            (f"{answer.question.number}. {answer.question.words}",), ("filter", told), *made.items(),
            answer.content["columns"], *answer.content["rows"],
        ))  # fmt: skip
        text = buffer.getvalue()
    response = HttpResponse(text, content_type=FILES[wanted])
    response["Content-Disposition"] = f'attachment; filename="question-{answer.question.number}.{wanted}"'
    return response
