"""Contacts and follow-ups on the wire: the same actions as the pages, the same answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import NAMESPACE_OID, uuid5

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.acting import now
from accounts.http import as_uuid
from accounts.models import Market, User
from compliance.policy import Audience, Basis, Channel, Document, Kind, Subject
from interactions import actions
from interactions.facts import Event, Present, Spoken
from interactions.joint_form import companions
from interactions.models import FollowUp, Interaction
from kols.models import KOL
from msl_crm.access import FIELD, MEDICAL, READERS, roles
from msl_crm.api import (
    KEY_HEADER,
    Idempotent,
    KeysetPagination,
    RefusalSerializer,
    Strict,
    person,
    read_parameter,
)
from products.models import Product, Theme, TherapeuticArea, Use
from safety.actions import report_side_effect
from safety.detection import listen
from safety.models import SafetyReport
from safety.routing import best


class Visible(serializers.PrimaryKeyRelatedField):
    """An id of something this person may know about. Hidden and unknown are the same answer."""

    def __init__(self, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(queryset=None if kwargs.get("read_only") else model.objects.none(), **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        rows = self.model.objects.visible_to(self.context["request"].user)
        return rows.select_related("indication__product", "market") if self.model is Use else rows


def words_of(enum: Any) -> list[str]:
    return [str(member) for member in enum]


class TopicSerializer(serializers.Serializer[Any]):
    """One thing that was talked about. `documents` is evidence by code, as the boundary names it."""

    subject = serializers.ChoiceField(choices=words_of(Subject))
    use = Visible(Use, required=False, allow_null=True)
    product = Visible(Product, required=False, allow_null=True)
    area = serializers.PrimaryKeyRelatedField(
        queryset=TherapeuticArea.objects.all(), required=False, allow_null=True
    )
    basis = serializers.ChoiceField(choices=words_of(Basis), required=False, allow_blank=True)
    themes = Visible(Theme, many=True, required=False)
    shared = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    heard = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    documents = serializers.DictField(child=serializers.DictField(), required=False)

    def validate_documents(self, value: dict[str, Any]) -> dict[Document, Any]:
        known = set(words_of(Document))
        if strange := sorted(set(value) - known):
            raise serializers.ValidationError(f"Unknown document: {', '.join(strange)}.")
        return {Document(code): given for code, given in value.items()}

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        about = {"USE": "use", "UNLISTED": "product", "DISEASE": "area"}.get(data["subject"])
        if about and not data.get(about):
            raise serializers.ValidationError({about: "This field is required for this subject."})
        return data

    def spoken(self, data: dict[str, Any]) -> Spoken:
        subject = Subject(data["subject"])
        return Spoken(
            subject=subject,
            use=data.get("use") if subject == Subject.USE else None,
            product=data.get("product") if subject == Subject.UNLISTED else None,
            area=data.get("area") if subject == Subject.DISEASE else None,
            basis=Basis(data["basis"]) if data.get("basis") else None,
            themes=tuple(data.get("themes", ())),
            shared=data.get("shared", ""),
            heard=data.get("heard", ""),
            documents=data.get("documents", {}),
        )


class PersonSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    function = serializers.CharField(max_length=200, required=False, allow_blank=True)
    audience = serializers.ChoiceField(choices=words_of(Audience), required=False)


class SideEffectSerializer(serializers.Serializer[Any]):
    what_happened = serializers.CharField(max_length=10000)
    product_words = serializers.CharField(max_length=200, required=False, allow_blank=True)
    who_told = serializers.CharField(max_length=200, required=False, allow_blank=True)
    may_call_back = serializers.BooleanField(required=False)
    learned_at = serializers.DateTimeField(required=False)


class InteractionSerializer(serializers.Serializer[Any]):
    """What took place, or with `planned` what will. A mentioned side effect brings its report along."""

    id = serializers.UUIDField(read_only=True)
    status = serializers.CharField(read_only=True)
    missing = serializers.ListField(child=serializers.CharField(), read_only=True)
    client_ref = serializers.UUIDField(required=False, allow_null=True)
    planned = serializers.BooleanField(required=False, write_only=True, default=False)
    kind = serializers.ChoiceField(choices=words_of(Kind))
    channel = serializers.ChoiceField(choices=words_of(Channel))
    market = serializers.SlugRelatedField(slug_field="code", queryset=Market.objects.filter(active=True))
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    note = serializers.CharField(max_length=10000, required=False, allow_blank=True)
    late_reason = serializers.CharField(max_length=200, required=False, allow_blank=True)
    words_reason = serializers.CharField(max_length=300, required=False, allow_blank=True, write_only=True)
    kols = Visible(KOL, many=True, required=False, write_only=True)
    people = PersonSerializer(many=True, required=False, write_only=True)
    beside = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        write_only=True,
        max_length=20,
        help_text="Colleagues of the other side who were there too, by id (R-061).",
    )
    joint_request = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        help_text="How the expert asked for both, in writing; kept only with `beside`.",
    )
    topics = TopicSerializer(many=True, required=False)
    side_effect = serializers.BooleanField(required=False, allow_null=True)
    side_effect_report = SideEffectSerializer(required=False, write_only=True)
    no_side_effect_because = serializers.CharField(
        max_length=300, required=False, allow_blank=True, write_only=True
    )
    safety_report = serializers.UUIDField(source="safety_report_id", read_only=True)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["ends_at"] < data["starts_at"]:
            raise serializers.ValidationError({"ends_at": "It ends before it starts."})
        if not data["planned"] and data.get("side_effect") is None:
            raise serializers.ValidationError(
                {"side_effect": "Say whether a side effect was mentioned (R-126)."}
            )
        if data.get("side_effect") and not data.get("side_effect_report"):
            raise serializers.ValidationError({"side_effect_report": "What was mentioned? (R-127)"})
        data["beside"] = self._beside(data)
        return data

    def _beside(self, data: dict[str, Any]) -> list[User]:
        """Whom the page offers, and nobody else: hidden and unknown are the same answer."""
        asked, kols = set(data.get("beside", ())), data.get("kols", ())
        user = self.context["request"].user
        offered = companions(user, kols[0], data["market"]) if asked and kols else User.objects.none()
        found = list(offered.filter(pk__in=asked))
        if len(found) != len(asked):
            raise serializers.ValidationError({"beside": "Nobody of the other side who may be named here."})
        return found

    def to_representation(self, record: Any) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(record)
        said["kols"] = [str(one.kol_id) for one in record.attendees.all() if one.kol_id]
        said["people"] = [
            {"name": one.name, "function": one.function} for one in record.attendees.all() if one.name
        ]
        said["beside"] = [str(one.colleague_id) for one in record.attendees.all() if one.colleague_id]
        said["author"] = str(record.author_id)
        return said

    def save_for(self, user: User, report: SafetyReport | None) -> Interaction:
        """Hand it to the action. Raises `Refused`, which the API turns into a 409."""
        data = self.validated_data
        event = Event(
            kind=Kind(data["kind"]),
            channel=Channel(data["channel"]),
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            market=data["market"],
            late_reason=data.get("late_reason", ""),
            joint_request=data.get("joint_request", "").strip() if data["beside"] else "",
        )
        people = [Present(kol=kol, main=place == 0) for place, kol in enumerate(data.get("kols", ()))]
        people += [
            Present(
                name=one["name"],
                function=one.get("function", ""),
                audience=Audience(one.get("audience") or Audience.PROFESSIONAL),
            )
            for one in data.get("people", ())
        ]
        people += [Present(colleague=colleague) for colleague in data["beside"]]
        more = {name: data.get(name, "") for name in ("title", "place", "note")}
        topics = [TopicSerializer().spoken(topic) for topic in data.get("topics", ())]
        if data["planned"]:
            return actions.plan_interaction(by=user, event=event, topics=topics, people=people, **more)
        return actions.log_interaction(
            by=user,
            event=event,
            topics=topics,
            people=people,
            side_effect=bool(data["side_effect"]),
            safety_report=report,
            client_ref=data.get("client_ref"),
            words_reason=data.get("words_reason", ""),
            **more,
        )


def take_report(data: Any, user: User, key: str = "") -> SafetyReport | None:
    """Report a mentioned side effect before the rest is looked at: nothing else can stop it (R-127).

    Sent again under the same key with the same words it is the same report.
    """
    told = SideEffectSerializer(data=data.get("side_effect_report") if isinstance(data, dict) else None)
    if not isinstance(data, dict):
        return None
    if not data.get("side_effect_report") or not told.is_valid():
        return _told_in_passing(data, user)
    facts = dict(told.validated_data)
    start = _instant(data.get("starts_at"))
    facts.setdefault("learned_at", start)
    ref = serializers.UUIDField(required=False)
    try:
        client_ref = ref.run_validation(data["client_ref"]) if data.get("client_ref") else None
    except serializers.ValidationError:
        client_ref = None
    if client_ref is None and key:
        client_ref = uuid5(NAMESPACE_OID, f"{key} {facts['what_happened']}")
    return report_side_effect(by=user, client_ref=client_ref, **facts)


def _told_in_passing(data: dict[str, Any], user: User) -> SafetyReport | None:
    """What the texts tell though nobody said so, reported unless rebutted (R-127)."""
    topics = [topic for topic in _list(data.get("topics")) if isinstance(topic, dict)]
    texts = [
        data.get("title"),
        data.get("note"),
        *(topic.get(name) for topic in topics for name in ("shared", "heard")),
    ]
    base = as_uuid(str(data.get("client_ref") or "")) or uuid5(user.pk, str(data.get("starts_at"))[:40])
    written = [text for text in texts if isinstance(text, str)]
    why = str(data.get("no_side_effect_because") or "")
    return best(
        lambda: listen(
            by=user, texts=written, source="visit", base=base, rebuttal=why, learned_at=_instant(data.get("starts_at")),
        ),
        None,
    )  # fmt: skip


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _instant(value: Any) -> datetime | None:
    try:
        found: datetime = serializers.DateTimeField().run_validation(value)
    except serializers.ValidationError:
        return None
    return found


class ByStart(KeysetPagination):
    ordering = ("-starts_at", "-id")


class _Creates(mixins.CreateModelMixin):
    pass


@extend_schema_view(
    create=extend_schema(
        parameters=[KEY_HEADER], responses={201: InteractionSerializer, 409: RefusalSerializer}
    )
)
class InteractionViewSet(
    Strict,
    Idempotent,
    _Creates,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    GenericViewSet[Interaction],
):
    """Contacts this person may know about. Filters: `kol`, `author`, `status`, `kind`."""

    serializer_class = InteractionSerializer
    pagination_class = ByStart
    access = roles(MEDICAL, FIELD, READERS)
    filters: ClassVar[tuple[str, ...]] = ("kol", "author", "status", "kind")
    queryset = Interaction.objects.none()

    def get_queryset(self) -> QuerySet[Interaction]:
        rows = Interaction.objects.visible_to(person(self.request))
        rows = rows.select_related("market").prefetch_related("topics__themes", "attendees")
        asked = self.request.query_params
        for name, column in (("kol", "attendees__kol"), ("author", "author")):
            if name in asked:
                rows = rows.filter(**{column: read_parameter(serializers.UUIDField(), asked[name], name)})
        for name, known in (("status", Interaction.Status.values), ("kind", words_of(Kind))):
            if name in asked:
                if asked[name] not in known:
                    raise serializers.ValidationError({name: "Not a usable value."})
                rows = rows.filter(**{name: asked[name]})
        return rows

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        self.report = take_report(request.data, person(request), key)
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = serializer.save_for(self.request.user, self.report)

    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, pk: str | None = None) -> Response:
        """Take a draft of one's own back."""
        record = actions.withdraw_interaction(self.get_object(), by=person(request))
        return Response(self.get_serializer(record).data)


class FollowUpSerializer(serializers.ModelSerializer[FollowUp]):
    kol = Visible(KOL, required=False, allow_null=True)
    market = serializers.SlugRelatedField(slug_field="code", queryset=Market.objects.filter(active=True))

    class Meta:
        model = FollowUp
        fields = ("id", "kol", "what", "promised", "due_on", "market", "created_at", "done_at")
        read_only_fields = ("id", "created_at", "done_at")


class ByDay(KeysetPagination):
    ordering = ("due_on", "id")


@extend_schema_view(
    create=extend_schema(parameters=[KEY_HEADER], responses={201: FollowUpSerializer, 409: RefusalSerializer})
)
class FollowUpViewSet(
    Strict, Idempotent, _Creates, mixins.RetrieveModelMixin, mixins.ListModelMixin, GenericViewSet[FollowUp]
):
    """What is still to do. Filter: `open` (`true`)."""

    serializer_class = FollowUpSerializer
    pagination_class = ByDay
    access = roles(MEDICAL, FIELD, READERS)
    filters: ClassVar[tuple[str, ...]] = ("open",)
    queryset = FollowUp.objects.none()

    def get_queryset(self) -> QuerySet[FollowUp]:
        rows = FollowUp.objects.visible_to(person(self.request)).select_related("market")
        return rows.open() if self.request.query_params.get("open") == "true" else rows

    def perform_create(self, serializer: Any) -> None:
        user, data = person(self.request), serializer.validated_data
        base = uuid5(user.pk, f"follow-up {now():%Y-%m-%d}")
        told = {"texts": [data["what"]], "source": "follow-up", "base": base, "market": data["market"]}
        best(lambda: listen(by=user, **told), None)
        serializer.instance = actions.add_follow_up(by=user, **data)

    @action(detail=True, methods=["post"])
    def completion(self, request: Request, pk: str | None = None) -> Response:
        row = actions.complete_follow_up(self.get_object(), by=person(request))
        return Response(self.get_serializer(row).data)
