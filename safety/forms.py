"""What is asked about a side effect: whatever is known. One answer is enough."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from safety.desks import Desk
from safety.models import SafetyReport


class SideEffectForm(forms.Form):
    what_happened = forms.CharField(
        label=_("What happened"),
        max_length=10000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("No names of patients. Age and sex help."),
    )
    product_words = forms.CharField(label=_("Product"), max_length=200, required=False)
    patient = forms.CharField(
        label=_("Who is the patient"),
        max_length=200,
        required=False,
        help_text=_("Age, sex or age group; no name, no initials with a date of birth."),
    )
    who_told = forms.CharField(label=_("Who told you"), max_length=200, required=False)
    learned_at = forms.DateTimeField(
        label=_("When you learned of it"),
        required=False,
        help_text=_("Empty: just now, or at the visit."),
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "class": "x-short"}, format="%Y-%m-%dT%H:%M"
        ),
    )
    may_call_back = forms.BooleanField(label=_("Safety may call back"), required=False)

    # The questions are open because somebody just said that there is something to tell.
    asked = False
    SAYS = ("what_happened", "product_words", "patient", "who_told")

    def clean(self) -> dict[str, Any]:
        """Any one of the four is a report; an empty page is none yet."""
        data = super().clean() or {}
        if not any(data.get(name, "").strip() for name in self.SAYS) and not self.errors:
            self.add_error("what_happened", _("Write down what you know. One of the four is enough."))
        return data

    def facts(self, user: User) -> dict[str, Any]:
        """What `report_side_effect` takes."""
        return dict(self.cleaned_data)


class ReportForm(SideEffectForm):
    """The page of its own: also for another company's product, and for what comes late."""

    other_company = forms.BooleanField(label=_("It is another company's product"), required=False)
    pointed_to = forms.ChoiceField(
        label=_("For another company's product: where you pointed the reporter"),
        choices=[("", "—"), *SafetyReport.Pointed.choices],
        required=False,
    )
    late_reason = forms.CharField(
        label=_("If it comes late: why"),
        max_length=200,
        required=False,
        help_text=_("Nothing about the patient."),
    )


class CompleteForm(forms.Form):
    """What can still be said afterwards."""

    late_reason = forms.CharField(label=_("Why it comes late"), max_length=200, required=False)
    pointed_to = forms.ChoiceField(
        label=_("Where you pointed the reporter"),
        choices=[("", "—"), *SafetyReport.Pointed.choices],
        required=False,
    )

    def __init__(self, *args: Any, report: SafetyReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not report.late or report.late_reason:
            del self.fields["late_reason"]
        if report.route != "OTHER_COMPANY" or report.pointed_to:
            del self.fields["pointed_to"]


class CaseForm(forms.Form):
    case_id = forms.CharField(label=_("Case number"), max_length=60)


class DeskForm(forms.ModelForm):
    class Meta:
        model = Desk
        fields = ("name", "mailbox", "encrypted", "lead")

    def __init__(self, *args: Any, leads: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead = cast(forms.ModelChoiceField, self.fields["lead"])
        lead.queryset = User.objects.filter(pk__in=[person.pk for person in leads])
