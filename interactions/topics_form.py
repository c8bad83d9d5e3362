"""One block of the visit form: a product or an area, its chips, and what the boundary asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.policy import Basis, Document, Panel, Subject, Zone
from interactions.discuss import Matter
from interactions.facts import Spoken
from interactions.models import Topic
from interactions.panels import BASES, panel_of
from products.models import MaterialVersion, PlanItem, Theme, TherapeuticArea, Use

TALKED = "on"
WORDS: dict[Document, tuple[str, Any]] = {
    Document.MAT: ("mat", gettext_lazy("Material: number and version")),
    Document.RESP: ("resp", gettext_lazy("Approved answer: number")),
    Document.NEED: ("need", gettext_lazy("Why the company needs this advice")),
    Document.PAYER: ("payer", gettext_lazy("Proof that this is a payer")),
    Document.ROSTER: ("roster", gettext_lazy("Duty roster")),
}


@dataclass(kw_only=True)
class Block:
    """What is known of a topic before anything is chosen."""

    matter: Matter | None = None
    area: TherapeuticArea | None = None
    themes: list[Theme] = field(default_factory=list)
    panel: Panel | None = None
    plans: list[PlanItem] = field(default_factory=list)
    materials: list[MaterialVersion] = field(default_factory=list)
    elsewhere: list[Use] = field(default_factory=list)
    who: str = ""
    several: bool = False

    @property
    def prefix(self) -> str:
        if self.matter:
            return f"use-{self.matter.use.pk}"
        return f"area-{self.area.pk}" if self.area else "admin"

    @property
    def label(self) -> str:
        if self.matter:
            return self.matter.name
        return self.area.name if self.area else _("Organisation")

    @property
    def closed(self) -> bool:
        """With field service: nothing to choose, only the way on."""
        return bool(
            self.matter
            and self.matter.with_field
            and self.matter.standing != "OWNER"
            and self.matter.standing != "SCIENTIFIC_CONTACT"
        )

    @property
    def documents(self) -> frozenset[Document]:
        """Everything some answer of the panel would ask for."""
        if self.panel is None:
            return frozenset()
        asked = {document for option in self.panel.options for document in option.documents}
        return frozenset(asked | set(self.panel.documents))


class TopicForm(forms.Form):
    """Chosen chips, how it came up, and the evidence. Empty unless a chip is chosen."""

    chips = forms.MultipleChoiceField(required=False, label=gettext_lazy("Topics"))
    basis = forms.ChoiceField(required=False, label=gettext_lazy("How did it come up?"))
    question = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("The question, in the doctor's words"),
        help_text=gettext_lazy("Empty: your note is kept as the question."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    asked_at = forms.DateTimeField(
        required=False,
        label=gettext_lazy("Asked at"),
        help_text=gettext_lazy("Empty: during this contact."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "x-short"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    plan = forms.ChoiceField(required=False, label=gettext_lazy("Plan item and purpose"))
    materials = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Material used"), widget=forms.CheckboxSelectMultiple
    )
    told = forms.BooleanField(required=False, label=gettext_lazy("I said that it is not authorised here"))
    offered = forms.BooleanField(required=False, label=gettext_lazy("Current product information offered"))
    shared = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("What we shared"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    heard = forms.CharField(
        required=False,
        max_length=4000,
        label=gettext_lazy("What we heard"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, block: Block) -> None:
        self.block = block
        super().__init__(data, prefix=block.prefix)
        chips = [(str(theme.pk), theme.name) for theme in block.themes]
        chip = _("Other") if chips else _("Talked about it")
        self._choose("chips", [*chips, (TALKED, chip)])
        if block.panel is not None and block.panel.asks:
            self._choose(
                "basis", [(str(option.basis), str(BASES[option.basis])) for option in block.panel.options]
            )
        else:
            del self.fields["basis"]
        wanted = block.documents
        for document, names in (
            (Document.REQ, ("question", "asked_at")),
            (Document.STATUS, ("told",)),
            (Document.SMPC, ("offered",)),
        ):
            if document not in wanted:
                for name in names:
                    del self.fields[name]
        if block.plans and "basis" in self.fields:
            self._choose(
                "plan", [("", _("none")), *((str(i.pk), f"{i.reference}: {i.purpose}") for i in block.plans)]
            )
            if len(block.plans) == 1:
                self.fields["plan"].initial = str(block.plans[0].pk)
        else:
            del self.fields["plan"]
        self._ask_for_documents(wanted)
        # Left out they leave the entry incomplete (decision 21), which is not the same as optional.
        for name in (
            "question",
            "plan",
            "told",
            "offered",
            "materials",
            *(name for name, _label in WORDS.values()),
        ):
            if name in self.fields:
                self.fields[name].widget.attrs["data-asked"] = "1"

    def _ask_for_documents(self, wanted: frozenset[Document]) -> None:
        """The register of materials where it has something, and words for the rest."""
        if self.block.materials:
            self._choose("materials", [(str(one.pk), str(one)) for one in self.block.materials])
        else:
            del self.fields["materials"]
        for document, (name, label) in WORDS.items():
            # Where the register has something, it is chosen; words that were written before stay readable.
            if document == Document.MAT and self.block.materials and not self.was_written(name):
                continue
            if document in wanted:
                self.fields[name] = forms.CharField(required=False, max_length=300, label=label)

    def was_written(self, name: str) -> bool:
        """Whether words were sent for a field that is offered only where there is nothing to choose."""
        return bool(self.data.get(self.add_prefix(name))) if self.is_bound else False

    def _choose(self, name: str, found: list[tuple[str, str]]) -> None:
        self.fields[name].choices = found  # type: ignore[attr-defined]

    def recall(self, topic: Topic) -> None:
        """Show the chips and answers of a plan or record as they were given."""
        kept = topic.documents
        used = kept.get("MAT", {})
        if used.get("words") and not used.get("materials") and "mat" not in self.fields:
            self.fields["mat"] = forms.CharField(required=False, max_length=300, label=WORDS[Document.MAT][1])
        self.initial = {
            "chips": [str(theme.pk) for theme in topic.themes.all()] or [TALKED],
            "basis": topic.basis,
            "shared": topic.shared,
            "heard": topic.heard,
            "question": kept.get("REQ", {}).get("question", ""),
            "told": "STATUS" in kept,
            "plan": kept.get("PLAN", {}).get("item", ""),
            "offered": "SMPC" in kept,
            "materials": [one["id"] for one in used.get("materials", ())],
            "mat": "" if used.get("materials") else used.get("words", ""),
            "need": kept.get("NEED", {}).get("words", ""),
        }

    @property
    def chosen(self) -> list[str]:
        """The chips as sent, or as they stand on first sight."""
        value = self["chips"].value()
        return [str(one) for one in value] if value else []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("chips") and "basis" in self.fields and not data.get("basis"):
            self.add_error("basis", _("Say how %(topic)s came up.") % {"topic": self.block.label})
        return data

    def spoken(self, starts_at: datetime, note: str = "") -> Spoken | None:
        """The topic as the action takes it; nothing if no chip is chosen. The note may be the question."""
        data = self.cleaned_data
        if not data.get("chips"):
            return None
        chosen = set(data["chips"])
        basis = Basis(data["basis"]) if data.get("basis") else None
        themes = tuple(theme for theme in self.block.themes if str(theme.pk) in chosen)
        more = {"themes": themes, "shared": data.get("shared", ""), "heard": data.get("heard", "")}
        if self.block.matter:
            documents = self._documents(data, basis, starts_at, note)
            return Spoken(
                subject=Subject.USE, use=self.block.matter.use, basis=basis, documents=documents, **more
            )
        if self.block.area:
            return Spoken(subject=Subject.DISEASE, area=self.block.area, **more)
        return Spoken(subject=Subject.ADMIN, **more)

    def _documents(
        self, data: dict[str, Any], basis: Basis | None, starts_at: datetime, note: str
    ) -> dict[Document, dict[str, object]]:
        found: dict[Document, dict[str, object]] = {}
        asked = data.get("question")
        if not asked and basis is Basis.UNSOLICITED_REQUEST and "question" in self.fields:
            asked = note.strip()[:2000]
        if asked and basis in (None, Basis.UNSOLICITED_REQUEST):
            found[Document.REQ] = {
                "question": asked,
                "asked_at": data.get("asked_at") or starts_at,
            }
        if data.get("plan") and basis is Basis.PROACTIVE:
            found[Document.PLAN] = {"item": data["plan"]}
        for document, name in ((Document.STATUS, "told"), (Document.SMPC, "offered")):
            if data.get(name):
                found[document] = {"said": True}
        for document, (name, _label) in WORDS.items():
            if data.get(name):
                found[document] = {"words": data[name]}
        if data.get("materials"):
            found[Document.MAT] = {**found.get(Document.MAT, {}), "materials": data["materials"]}
        return found

    # As the components draw it ------------------------------------------------------------------------------

    def as_block(self) -> dict[str, Any]:
        """The context of `components/topic_block.html`."""
        block, chosen = self.block, set(self.chosen)
        matter = block.matter
        tag = (
            matter.tag
            if matter
            else {"text": _("Disease area, no product"), "tone": "slate"}
            if block.area
            else None
        )
        tone = "plum" if matter and matter.zone is not Zone.OPEN else "amber" if matter else "blue"
        note = (
            _("You are still the owner until the handover takes effect.")
            if matter and matter.handover_due and (matter.standing == "OWNER")
            else ""
        )
        return {
            "label": block.label,
            "use": matter.use.indication.name if matter and block.several else "",
            "tag": tag,
            "tone": tone,
            "name": self.add_prefix("chips"),
            "chips": [
                {"value": value, "text": text, "checked": value in chosen}
                for value, text in self.fields["chips"].choices  # type: ignore[attr-defined]
            ],
            "note": note,
            "panel": self.as_panel(),
            "error": self._error("chips"),
        }

    def _error(self, name: str) -> str:
        """What is wrong with the answer, once one was sent."""
        return " ".join(map(str, self.errors.get(name, ()))) if self.is_bound else ""

    def as_panel(self) -> dict[str, Any] | None:
        """The boundary panel; none where there is nothing to ask."""
        return panel_of(
            self.block,
            name=self.add_prefix("basis"),
            chosen=self["basis"].value() if "basis" in self.fields else "",
            extra=render_to_string("interactions/_evidence.html", {"form": self}),
            error=self._error("basis"),
        )
