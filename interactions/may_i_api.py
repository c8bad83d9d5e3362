"""May I? on the wire: the page's question, and its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.acting import now
from accounts.models import Market, User
from compliance import reading
from compliance.policy import Basis, Channel, Kind
from interactions.api import Visible, words_of
from interactions.may_i import Question, answer, as_json, people, whole_day
from interactions.may_i_form import FURTHEST, kind_of, place_of
from kols.models import KOL
from msl_crm.access import FIELD, MEDICAL, READERS, roles
from msl_crm.api import Strict, person
from products.models import Use


class Colleague(serializers.PrimaryKeyRelatedField[Any]):
    """Somebody about whom one may ask; anybody else does not exist."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), **kwargs)

    def get_queryset(self) -> Any:
        return people(person(self.context["request"]))


class MayIQuestion(serializers.Serializer[Any]):
    """A contact that nobody has, as a question. `at` is an instant with its offset; without it, now.

    `on` is a local day instead, which is judged as a whole, by its strictest moment.
    """

    kol = Visible(KOL)
    use = Visible(Use, required=False, allow_null=True)
    person = Colleague(required=False)
    kind = serializers.ChoiceField(choices=words_of(Kind), required=False)
    channel = serializers.ChoiceField(choices=words_of(Channel), required=False)
    basis = serializers.ChoiceField(choices=words_of(Basis), required=False, allow_blank=True)
    at = serializers.DateTimeField(required=False)
    on = serializers.DateField(required=False)
    market = serializers.SlugRelatedField(
        slug_field="code", queryset=Market.objects.filter(active=True), required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "at" in attrs and "on" in attrs:
            raise serializers.ValidationError({"on": "Give an instant or a day, not both."})
        for name, value in (("at", attrs.get("at")), ("on", attrs.get("on"))):
            day = value.date() if isinstance(value, datetime) else value
            if day is not None and abs(day - now().date()) > FURTHEST:
                raise serializers.ValidationError({name: "Within five years."})
        return attrs


class FactSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()


class MayIAnswer(serializers.Serializer[Any]):
    """What the boundary says. `documents` must be there; `reasons` say why not, with the way on."""

    outcome = serializers.ChoiceField(choices=["ALLOWED", "WITH_DOCUMENTS", "NOT_ALLOWED"])
    rules = serializers.ListField(child=serializers.CharField())
    documents = serializers.ListField(child=serializers.CharField())
    documents_in_words = serializers.ListField(child=serializers.CharField())
    reasons = serializers.ListField(child=serializers.CharField())
    facts = FactSerializer(many=True)
    known_at = serializers.DateTimeField(allow_null=True)
    policy_version = serializers.CharField()


class MayIAnswers(serializers.Serializer[Any]):
    """`now` by what is known now; `then`, of the past alone, by what was known at that instant."""

    now = MayIAnswer()
    then = MayIAnswer(allow_null=True)


class MayIViewSet(Strict, GenericViewSet[Any]):
    """May I? The boundary's answer to a contact that nobody has yet, or had."""

    access = roles(MEDICAL, FIELD, READERS)
    serializer_class = MayIQuestion
    pagination_class = None
    filters = ("kol", "use", "person", "kind", "channel", "basis", "at", "on", "market")

    @extend_schema(parameters=[MayIQuestion], responses=MayIAnswers, filters=False)
    def list(self, request: Request) -> Response:
        """Ask. Nothing is written; a refusal here is an answer and no event."""
        asked = self.get_serializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        asker, data = person(request), asked.validated_data
        who, market = data.get("person") or asker, data.get("market") or place_of(asker, data["kol"])
        question = Question(
            person=who,
            kol=data["kol"],
            market=market,
            use=data.get("use"),
            kind=Kind(data.get("kind") or kind_of(who)),
            channel=Channel(data.get("channel") or Channel.IN_PERSON),
            basis=Basis(data["basis"]) if data.get("basis") else None,
            **(whole_day(market, data["on"]) if "on" in data else {"at": data.get("at") or now()}),
        )
        reading.note(asker, question.kol, words=f"{question.kol}, May I?")
        then = answer(question, asker=asker, known_at=question.known) if question.at < now() else None
        return Response({
            "now": as_json(answer(question, asker=asker), _), "then": as_json(then, _) if then else None,
        })  # fmt: skip
