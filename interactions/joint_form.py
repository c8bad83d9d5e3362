"""Medical and field service before the same expert: who of the other side was there, and whether it was asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.acting import now
from accounts.models import Market, User
from compliance.policy import Role, Side
from interactions.facts import Present
from interactions.models import Interaction
from kols.models import KOL

LABELS: dict[Side | None, Any] = {
    Side.MEDICAL: gettext_lazy("Field service was there too"),
    Side.COMMERCIAL: gettext_lazy("An MSL was there too"),
}


def companions(user: User, kol: KOL, market: Market) -> QuerySet[User]:
    """For Medical who of field service answers to the expert; for field service the MSLs of the market.

    The second is a list of staff and nothing else: it tells of no expert (decision 12).
    """
    people = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if user.side == Side.MEDICAL:
        return people.filter(
            ownerships__relation__kol=kol, ownerships__side=Side.COMMERCIAL,
            ownerships__during__contains=now(),
        ).distinct()  # fmt: skip
    return people.filter(
        appointments__role__in=[Role.MSL, Role.MSL_LEAD], appointments__markets=market,
        appointments__during__contains=now(),
    ).distinct()  # fmt: skip


class JointForm(forms.Form):
    """Each side writes its own record, with its own times (R-062)."""

    beside = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    joint_request = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("How the expert asked for both of you, in writing"),
        help_text=gettext_lazy("Empty for the one introduction after a handover."),
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[ProhibitNullCharactersValidator()],
    )

    def __init__(
        self, data: Any = None, *, user: User, kol: KOL, market: Market, source: Interaction | None = None
    ) -> None:
        self.user = user
        super().__init__(data, initial=self._as(source) if source else {}, auto_id="id_%s")
        field: Any = self.fields["beside"]
        field.label = LABELS.get(user.side, "")
        field.queryset = companions(user, kol, market)

    @staticmethod
    def _as(source: Interaction) -> dict[str, Any]:
        rows = source.attendees.filter(colleague__isnull=False).values_list("colleague", flat=True)
        return {"beside": list(rows), "joint_request": source.joint_request}

    @property
    def chosen(self) -> bool:
        return bool(self["beside"].value())

    def present(self) -> list[Present]:
        return [Present(colleague=user) for user in self.cleaned_data["beside"]]

    @property
    def request(self) -> str:
        """The expert's own words, where somebody of the other side was there."""
        return str(self.cleaned_data["joint_request"]).strip() if self.cleaned_data["beside"] else ""
