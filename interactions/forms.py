"""The visit form: who, when, how, what about, what follows. One class for every kind of contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.acting import now
from accounts.http import as_uuid
from accounts.models import Market, User
from compliance.policy import Audience, Channel, Kind, Role, Side, Standing, Subject, Zone
from compliance.policy.parameters import parameter
from interactions import discuss, materials, words
from interactions.changes import against
from interactions.facts import Event, Present, Spoken
from interactions.given_form import SampleForm, ValueForm
from interactions.handed import Given, of
from interactions.joint_form import JointForm
from interactions.models import Interaction
from interactions.prefill import initial_of, names_of
from interactions.topics_form import Block, TopicForm
from kols.models import KOL, Practice
from products.models import Theme, TherapeuticArea, Use

CHANNELS = [
    (Channel.IN_PERSON, gettext_lazy("In person")),
    (Channel.VIDEO, gettext_lazy("Video")),
    (Channel.PHONE, gettext_lazy("Phone")),
    (Channel.EMAIL, gettext_lazy("E-mail")),
]
KINDS: dict[Kind, Any] = {
    Kind.VISIT: gettext_lazy("Visit"),
    Kind.CONGRESS_CONTACT: gettext_lazy("Congress contact"),
    Kind.SCIENTIFIC_LECTURE: gettext_lazy("Lecture"),
    Kind.EXTERNAL_TRAINING: gettext_lazy("Training of others"),
    Kind.INTERNAL_TRAINING: gettext_lazy("Internal training"),
    Kind.PRODUCT_CALL: gettext_lazy("Call"),
}
KINDS_OF: dict[Side | None, tuple[Kind, ...]] = {
    Side.MEDICAL: (
        Kind.VISIT,
        Kind.CONGRESS_CONTACT,
        Kind.SCIENTIFIC_LECTURE,
        Kind.EXTERNAL_TRAINING,
        Kind.INTERNAL_TRAINING,
    ),
    Side.COMMERCIAL: (Kind.PRODUCT_CALL,),
}
LENGTHS = [
    (n, f"{n} min" if n < 60 else f"{n // 60} h {n % 60 or ''}".strip())
    for n in (15, 30, 45, 60, 90, 120, 240, 480)
]
WITH_LIST = frozenset({Kind.SCIENTIFIC_LECTURE, Kind.EXTERNAL_TRAINING, Kind.INTERNAL_TRAINING})


class CommaLines(forms.CharField):
    """One person a line: name, then a comma and what the person does."""

    def to_python(self, value: Any) -> list[tuple[str, str]]:  # type: ignore[override]
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        return [
            (name.strip()[:200], rest.strip()[:200])
            for name, _comma, rest in (x.partition(",") for x in lines)
        ]


class VisitForm(forms.Form):
    """A contact that took place, or the one being changed. Topics are forms of their own, one per block."""

    client_ref = forms.UUIDField(required=False, widget=forms.HiddenInput)
    on = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    at = forms.TimeField(
        label=gettext_lazy("Start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("Length"), choices=LENGTHS, coerce=int)
    channel = forms.ChoiceField(
        label=gettext_lazy("How"), choices=CHANNELS, widget=forms.RadioSelect(attrs={"data-as": "segmented"})
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)
    others = forms.ModelMultipleChoiceField(
        KOL.objects.none(), required=False, label=gettext_lazy("Also there")
    )
    colleagues = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        label=gettext_lazy("Colleagues"),
        widget=forms.CheckboxSelectMultiple,
    )
    names = CommaLines(
        required=False,
        max_length=20000,
        label=gettext_lazy("Other people"),
        help_text=gettext_lazy("One person a line: name, function and place."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        required=False,
        max_length=10000,
        label=gettext_lazy("What should you remember?"),
        help_text=gettext_lazy("No patient names, initials or dates of birth."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    late_reason = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Why it is entered late")
    )
    change_reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Why it is changed"),
        help_text=gettext_lazy("You changed the time, or how a topic came up. The reason is kept."),
    )
    words_reason = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Why it stays"),
        help_text=gettext_lazy("Kept with the entry. Compliance may ask about it."),
    )
    follow_up = forms.BooleanField(required=False)
    follow_up_what = forms.CharField(required=False, max_length=300, label=gettext_lazy("What will you do?"))
    follow_up_on = forms.DateField(
        required=False,
        label=gettext_lazy("Due"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    follow_up_promised = forms.BooleanField(required=False, label=gettext_lazy("I promised it"))
    more = forms.ModelChoiceField(Use.objects.none(), required=False, label=gettext_lazy("Another product"))
    is_ahead = False

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        kol: KOL | None,
        kind: Kind,
        plan: Interaction | None = None,
        record: Interaction | None = None,
        again: Interaction | None = None,
        added: Sequence[str] = (),
    ) -> None:
        """`again` is a record that was taken back and is written anew. `added` are uses to offer beside the
        expert's own; a form that was sent names them itself."""
        self.added = data.getlist("added") if hasattr(data, "getlist") else added
        self.user, self.kol, self.kind, self.plan, self.record = user, kol, kind, plan, record
        self.again = again
        self.market = market_of(user, kol)
        super().__init__(data, initial=self._initial(), auto_id="id_%s")
        known = KOL.objects.visible_to(user)
        self.fields["others"].queryset = known.exclude(pk=kol.pk) if kol else known  # type: ignore[attr-defined]
        inside = kind == Kind.INTERNAL_TRAINING
        people = User.objects.filter(is_active=True, appointments__during__contains=now()).exclude(pk=user.pk)
        if not inside:
            people = people.filter(appointments__side=user.side)
        self.fields["colleagues"].queryset = people.distinct()  # type: ignore[attr-defined]
        uses = Use.objects.visible_to(user).select_related("indication__product", "market")
        self.fields["more"].queryset = uses  # type: ignore[attr-defined]
        for form_field in self.fields.values():
            if isinstance(form_field, forms.CharField):
                form_field.validators.append(ProhibitNullCharactersValidator())
        self.topics = [TopicForm(data, block=block) for block in self._blocks()]
        self.joint: JointForm | None = None
        if kol is not None and kind in (Kind.VISIT, Kind.CONGRESS_CONTACT, Kind.PRODUCT_CALL):
            self.joint = JointForm(data, user=user, kol=kol, market=self.market, source=self.source)
        self.value = ValueForm(data, market=self.market, record=record)
        self.sample: SampleForm | None = None
        if user.side == Side.COMMERCIAL and record is None and kol is not None:
            held = [topic.block.matter.use for topic in self.topics if topic.block.matter]
            self.sample = SampleForm(data, market=self.market, uses=held)
        if not self.is_bound and self.source:
            self._choose_as(self.source)

    # What is known beforehand ---------------------------------------------------------------------------------

    def _initial(self) -> dict[str, Any]:
        found = initial_of(self.source, self.market, [n for n, _name in LENGTHS])
        if self.record is not None:
            found["client_ref"] = self.record.client_ref
            found["words_reason"] = words.reason_of(self.record.pk)
        if self.source is not None and self.source is not self.plan:
            found["names"] = names_of(self.source)
        return found

    @property
    def source(self) -> Interaction | None:
        """Where the first answers come from: the record being changed or written again, else the plan."""
        return self.record or self.again or self.plan

    def _starts_at(self) -> datetime:
        """The instant the blocks are built for: what was sent if it can be read, else the first guess."""
        try:
            day = self.fields["on"].clean(self["on"].value())
            at = self.fields["at"].clean(self["at"].value())
        except forms.ValidationError:
            return now()
        return datetime.combine(day, at, self.market.tz)

    def _blocks(self) -> list[Block]:
        # Field service chooses among what it answers for today; the day itself is the boundary's question.
        at = now() if self.user.side == Side.COMMERCIAL else min(self._starts_at(), now())
        found = discuss.matters(self.user, [self.kol], at).get(self.kol.pk, []) if self.kol else []
        found = [matter for matter in found if matter.use.market_id in self.user.market_ids]
        if self.user.side == Side.COMMERCIAL:
            found = [
                matter for matter in found if matter.zone is Zone.OPEN and matter.standing is Standing.OWNER
            ]
        elif not found:
            found = discuss.portfolio(self.user, at)
        found += self._added(found, at)
        why = discuss.grounds(self.user, self.kol, found, at)
        names = [matter.name for matter in found]
        areas = {m.use.indication.area for m in found if m.use.indication.area is not None}
        themes = self._themes(found, areas)
        blocks = [
            Block(
                matter=matter,
                themes=themes.get(matter.use.indication_id, []),
                panel=why.panel(matter, Role(self.user.role), self.kind),
                plans=why.plans.get(matter.use.pk, []),
                elsewhere=why.elsewhere.get(matter.use.indication_id, []),
                who=str(self.kol or ""),
                several=names.count(matter.name) > 1,
            )
            for matter in found
        ]
        materials.offer(self.user, blocks, min(self._starts_at(), now()))
        blocks += [Block(area=area, themes=themes.get(area.pk, [])) for area in sorted(areas, key=str)]
        return [*blocks, Block()]

    def _added(self, found: list[discuss.Matter], at: datetime) -> list[discuss.Matter]:
        """Uses that somebody added by hand: they come back with each submit."""
        asked = set(self.added)
        asked.add(str(self.data.get("more") or "") if self.is_bound else "")
        if self.source and not self.is_bound:
            asked |= {str(topic.use_id) for topic in self.source.topics.all() if topic.use_id}
        asked -= {"", *(str(matter.use.pk) for matter in found)}
        if not asked or self.user.side == Side.COMMERCIAL:
            return []
        wanted = [pk for pk in asked if as_uuid(pk)]
        uses = (
            Use.objects.visible_to(self.user)
            .filter(pk__in=wanted)
            .select_related("market", "indication__product", "indication__area")
        )
        return discuss.of_uses(self.user, list(uses), at)

    def _themes(self, found: list[discuss.Matter], areas: set[TherapeuticArea]) -> dict[Any, list[Theme]]:
        by: dict[Any, list[Theme]] = {}
        if self.user.side != Side.MEDICAL:
            return by
        wanted = Q(indication__in=[m.use.indication_id for m in found]) | Q(area__in=areas)
        for theme in Theme.objects.visible_to(self.user).filter(wanted):
            by.setdefault(theme.indication_id or theme.area_id, []).append(theme)
        return by

    def _choose_as(self, source: Interaction) -> None:
        """Show the chips and answers of the plan or record as they were chosen."""
        there = {t.use_id or t.area_id: t for t in source.topics.prefetch_related("themes")}
        for form in self.topics:
            about = (
                form.block.matter.use.pk
                if form.block.matter
                else form.block.area.pk
                if form.block.area
                else None
            )
            if (topic := there.get(about)) is None or (about is None and topic.subject != Subject.ADMIN):
                continue
            form.recall(topic)

    # What was said --------------------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        """All of it together, so that every error shows at once."""
        own = super().is_valid()
        beside = [self.value, *filter(None, (self.sample, self.joint))]
        fine = all([form.is_valid() for form in (*self.topics, *beside)]) and own  # noqa: C419 - ask each, not only the first
        return fine and self._reasoned()

    def _reasoned(self) -> bool:
        """Another time, or another who brought it up, than was saved first needs a reason (R-047, R-069)."""
        if self.record is None or self.cleaned_data["change_reason"].strip():
            return True
        if not against(self.record, self.event(), self.spoken()).fresh:
            return True
        self.add_error("change_reason", _("Say why it is changed."))
        return False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.record is None and data.get("on") and data.get("at"):
            start = datetime.combine(data["on"], data["at"], self.market.tz)
            if start > now():
                self.is_ahead = True
                self.add_error("on", _("This has not taken place yet. Plan it instead."))
        if data.get("follow_up") or data.get("follow_up_what"):
            if not data.get("follow_up_what"):
                self.add_error("follow_up_what", _("Say what you will do."))
            if not data.get("follow_up_on"):
                self.add_error("follow_up_on", _("Say by when."))
        if not any(form.chosen for form in self.topics):
            self.add_error(None, _("Choose at least one topic."))
        if self.kol is None and not (data.get("others") or data.get("names") or data.get("colleagues")):
            self.add_error("names", _("Name the people who were there."))
        return data

    def event(self) -> Event:
        data = self.cleaned_data
        start = datetime.combine(data["on"], data["at"], self.market.tz)
        return Event(
            kind=self.kind,
            channel=Channel(data["channel"]),
            starts_at=start,
            ends_at=start + timedelta(minutes=data["minutes"]),
            market=self.market,
            late_reason=data["late_reason"],
            joint_request=self.joint.request if self.joint else "",
        )

    def spoken(self) -> list[Spoken]:
        starts_at, note = self.event().starts_at, self.cleaned_data.get("note", "")
        return [topic for form in self.topics if (topic := form.spoken(starts_at, note)) is not None]

    def present(self) -> list[Present]:
        data = self.cleaned_data
        people = [Present(kol=self.kol, main=True)] if self.kol else []
        people += [Present(kol=kol) for kol in data["others"]]
        people += [Present(colleague=user) for user in data["colleagues"]]
        people += self.joint.present() if self.joint else []
        inside = self.kind == Kind.INTERNAL_TRAINING
        audience = Audience.INTERNAL if inside else Audience.PROFESSIONAL
        return people + [Present(name=name, function=what, audience=audience) for name, what in data["names"]]

    def record_arguments(self) -> dict[str, Any]:
        """What `log_interaction` and `amend_interaction` take."""
        data = self.cleaned_data
        return {
            "event": self.event(),
            "topics": self.spoken(),
            "people": self.present(),
            "note": data["note"],
            "title": data["title"],
            "place": data["place"],
            "given": self.given(),
            "words_reason": data["words_reason"],
        }

    def given(self) -> Given:
        """Values for each expert who was there. A sample that the record holds stays."""
        kols = [present.kol for present in self.present() if present.kol is not None]
        kept = of(self.record).samples if self.record is not None else ()
        return Given(values=self.value.handed(kols), samples=kept)

    @property
    def is_late(self) -> bool:
        """Whether the reason for a late entry is asked for (R-067)."""
        late = now() - self._starts_at()
        return late > timedelta(days=parameter("PP-01 late_reason_after_days"))


def market_of(user: User, kol: KOL | None) -> Market:
    """Where it took place unless told otherwise: the expert's main market among the person's own."""
    own = Market.objects.filter(pk__in=user.market_ids, active=True)
    if kol is not None:
        practice = (
            Practice.objects.filter(kol=kol, market__in=own)
            .order_by("-main")
            .select_related("market")
            .first()
        )
        if practice is not None:
            return practice.market
    market = own.first()
    if market is None:
        raise KOL.DoesNotExist("no market to work in")
    return market
