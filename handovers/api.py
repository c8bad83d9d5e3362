"""Handovers on the wire: the same rows, the same actions, the same refusals as on the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.http import as_uuid
from accounts.models import User
from accounts.reauthentication import NotProved, proof_of
from compliance.policy import DeclineReason, HandoverState, Refused, Role
from handovers import actions, board, words
from handovers.models import Handover
from msl_crm.access import FIELD, MSLS, READERS, roles
from msl_crm.api import KeysetPagination, RefusalSerializer, Strict, person


class HandoverPages(KeysetPagination):
    """Newest in their state first, in a total order; for field service, who may not know since when, by id."""

    ordering: tuple[str, ...] = ("-state_since", "id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        if person(request).role in FIELD:
            self.ordering = ("id",)
        return super().paginate_queryset(queryset, request, view)


class HandoverSerializer(serializers.ModelSerializer[Handover]):
    """A handover as its reader may know it.

    What left the line is "WITHDRAWN" to field service, and what was accepted stays so until it has moved.
    """

    state = serializers.SerializerMethodField()
    package = serializers.SerializerMethodField()

    class Meta:
        model = Handover
        fields = (
            "id",
            "state",
            "state_since",
            "version",
            "effective_at",
            "decline_reason",
            "package",
            "package_hash",
        )
        read_only_fields = fields

    def _withdrawn(self, row: Handover) -> bool:
        user = self.context["request"].user
        return user.role in FIELD and row.state not in board.TO_FIELD

    def get_state(self, row: Handover) -> str:
        return "WITHDRAWN" if self._withdrawn(row) else str(row.told_to(self.context["request"].user))

    def get_package(self, row: Handover) -> dict[str, Any]:
        return {} if self._withdrawn(row) else row.package

    def to_representation(self, row: Handover) -> dict[str, Any]:
        shown = super().to_representation(row)
        if self._withdrawn(row):
            shown.update(
                effective_at=None, decline_reason="", package_hash="", version=None, state_since=None
            )
        elif self.context["request"].user.role in FIELD and shown["state"] == HandoverState.ACCEPTED:
            shown.update(effective_at=None, version=None, state_since=None)
        return shown


class VersionSerializer(serializers.Serializer[Any]):
    """The version the caller saw; the step is refused with 409 when another one stands."""

    version = serializers.IntegerField(required=False, min_value=1)


class SignedSerializer(VersionSerializer):
    """A signature: the password once more."""

    password = serializers.CharField(write_only=True)
    code = serializers.CharField(write_only=True, required=False)
    previewed = serializers.BooleanField(default=False)
    drafts_listed = serializers.BooleanField(default=False)


class ApprovalSerializer(VersionSerializer):
    password = serializers.CharField(write_only=True)


class AssignmentSerializer(VersionSerializer):
    """Who takes over."""

    recipient = serializers.UUIDField()


class DeclineSerializer(VersionSerializer):
    """The coded reason."""

    reason = serializers.ChoiceField(choices=[str(code) for code in words.DECLINE])


class HandoverViewSet(Strict, ReadOnlyModelViewSet[Handover]):
    """List and retrieve, and the steps as POST: preparation, assignment, acceptance, refusal, approval."""

    access = roles(FIELD, MSLS, READERS)
    serializer_class = HandoverSerializer
    pagination_class = HandoverPages
    filters = ("campaign", "state")
    queryset = Handover.objects.none()

    def get_queryset(self) -> Any:
        user = person(self.request)
        rows = Handover.objects.visible_to(user)
        if self.action == "list" and user.role in FIELD:
            rows = rows.filter(state__in=board.TO_FIELD)
        if self.action != "list":
            # On a single row a filter would tell field service where one that left the line now stands.
            return rows
        if (campaign := self.request.query_params.get("campaign")) is not None:
            rows = rows.filter(campaign=pk) if (pk := as_uuid(campaign)) else rows.none()
        if (state := self.request.query_params.get("state")) is not None:
            among = [state[:10]]
            if user.role in FIELD:
                among = {"ACCEPTED": ["ACCEPTED", "APPROVED"], "APPROVED": []}.get(state, among)
            rows = rows.filter(state__in=among)
        return rows

    def _step(self, request: Request, serializer: type[VersionSerializer], do: Any) -> Response:
        asked = serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = self.get_object()
        try:
            done = do(row, person(request), asked.validated_data)
        except Refused as refusal:
            now = self.get_queryset().filter(pk=row.pk).first()
            body = {"detail": str(refusal), "rules": list(refusal.decision.rules), "missing": [],
                    "policy_version": refusal.decision.version}  # fmt: skip
            if now is not None:
                body["handover"] = self.get_serializer(now).data
            return Response(body, status=409)
        return Response(self.get_serializer(done).data)

    @extend_schema(request=SignedSerializer, responses={200: HandoverSerializer, 409: RefusalSerializer})
    @action(detail=True, methods=["post"])
    def preparation(self, request: Request, pk: str | None = None) -> Response:
        """T-02, signed."""
        return self._step(
            request,
            SignedSerializer,
            lambda row, by, data: actions.prepare_handover(
                row, by=by, signature=_sign(request, data), previewed=data["previewed"],
                drafts_listed=data["drafts_listed"], version=data.get("version"),
            ),
        )  # fmt: skip

    @extend_schema(request=AssignmentSerializer, responses={200: HandoverSerializer, 409: RefusalSerializer})
    @action(detail=True, methods=["post"])
    def assignment(self, request: Request, pk: str | None = None) -> Response:
        """T-03 by the field lead."""

        def assign(row: Handover, by: User, data: dict[str, Any]) -> Handover:
            found = User.objects.filter(pk=data["recipient"], is_active=True, role__in=_FIELD).first()
            if found is None:
                raise serializers.ValidationError({"recipient": ["Not somebody of field service."]})
            return actions.assign_handover(row, recipient=found, by=by, version=data.get("version"))

        return self._step(request, AssignmentSerializer, assign)

    @extend_schema(request=VersionSerializer, responses={200: HandoverSerializer, 409: RefusalSerializer})
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, pk: str | None = None) -> Response:
        """T-04 by the recipient."""
        return self._step(
            request,
            VersionSerializer,
            lambda row, by, data: actions.accept_handover(row, by=by, version=data.get("version")),
        )

    @extend_schema(request=DeclineSerializer, responses={200: HandoverSerializer, 409: RefusalSerializer})
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, pk: str | None = None) -> Response:
        """T-08 by the recipient, with a code."""
        return self._step(
            request,
            DeclineSerializer,
            lambda row, by, data: actions.decline_handover(
                row, reason=DeclineReason(data["reason"]), by=by, version=data.get("version")
            ),
        )

    @extend_schema(request=ApprovalSerializer, responses={200: HandoverSerializer, 409: RefusalSerializer})
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, pk: str | None = None) -> Response:
        """T-05, signed by the MSL lead."""
        return self._step(
            request,
            ApprovalSerializer,
            lambda row, by, data: actions.approve_handover(
                row, by=by, signature=_sign(request, data), version=data.get("version")
            ),
        )


_FIELD = [Role.FIELD_SERVICE, Role.FIELD_LEAD]


def _sign(request: Request, data: dict[str, Any]) -> actions.Signature:
    """Signed in again by password and code in the body; a wrong one is a 400 and counts like a wrong sign-in."""
    signer = person(request)
    try:
        proof = proof_of(request._request, data["password"], data.get("code", ""))
    except NotProved as missing:
        raise serializers.ValidationError({missing.field: missing.messages}) from missing
    return actions.Signature(signer, proof.how)
