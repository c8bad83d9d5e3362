"""What Compliance fills in at each step of a finding."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.acting import now
from accounts.models import User
from compliance.finding_actions import side_for
from compliance.finding_steps import Step
from compliance.forms import DAY
from compliance.models import Finding
from compliance.policy import Role

# What each step is called on its button, and what the reason is asked with.
NAMES: dict[Step, tuple[Any, Any]] = {
    Step.TRIAGE: (_("Triage"), _("Why it weighs so much")),
    Step.INVESTIGATE: (_("Look into it"), _("What is to be looked into")),
    Step.CONFIRM: (_("Confirm"), _("What was found")),
    Step.REJECT: (_("Unfounded"), _("Why there is nothing to it")),
    Step.PLAN: (_("The plan is complete"), _("Why these measures are enough")),
    Step.DONE: (_("The measures are done"), _("What the evidence shows")),
    Step.CHECK: (_("Check the effect"), _("How the effect is checked")),
    Step.CLOSE: (_("Close"), _("Conclusion")),
    Step.REOPEN: (_("Open again"), _("Why it is opened again")),
}
FIELDS: dict[Step, tuple[str, ...]] = {
    Step.TRIAGE: ("grade",),
    Step.INVESTIGATE: ("investigator",),
    Step.CONFIRM: ("evidence",),
    Step.REJECT: ("evidence",),
    Step.CLOSE: ("told",),
}


class StepForm(forms.Form):
    """One step: the reason, and what this step needs besides."""

    grade = forms.ChoiceField(
        label=_("How much it weighs"), choices=[("", _("Choose")), *Finding.Grade.choices]
    )
    investigator: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        User.objects.none(), label=_("Who looks into it"), empty_label=_("Choose")
    )
    words = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    evidence = forms.CharField(label=_("Evidence"), max_length=500)
    told = forms.CharField(
        label=_("What the people concerned are told"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whoever told of it, and the person it is about, read this sentence and not the conclusion."),
    )  # fmt: skip
    use_required_attribute = False

    def __init__(self, *args: Any, finding: Finding, step: Step, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"{step.lower()}_%s"
        super().__init__(*args, **kwargs)
        self.step, self.name = step, NAMES[step][0]
        self.fields["words"].label = NAMES[step][1]
        for name in set(self.fields) - {"words", *FIELDS.get(step, ())}:
            del self.fields[name]
        if "investigator" in self.fields:
            there = User.objects.filter(
                is_active=True, appointments__role=Role.COMPLIANCE, appointments__during__contains=now()
            )
            others = there if finding.subject is None else there.exclude(pk=finding.subject.pk)
            self.fields["investigator"].queryset = others.distinct()  # type: ignore[attr-defined]


class HearForm(forms.Form):
    told = forms.CharField(
        label=_("What the person is told"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("She reads this and nothing else: no name of who told of it, and nothing the other side must not know."),
    )  # fmt: skip
    use_required_attribute = False


class StatementForm(forms.Form):
    statement = forms.CharField(
        label=_("What you say to it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    use_required_attribute = False


class MeasureForm(forms.Form):
    """What follows, who sees to it, by when."""

    what = forms.CharField(
        label=_("What is to be done"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The person reads this sentence and nothing else of the finding."),
    )  # fmt: skip
    owner: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        User.objects.none(), label=_("Who sees to it"), empty_label=_("Choose")
    )
    due_on = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    use_required_attribute = False

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = Q(appointments__side=side_for(finding)) | Q(appointments__role=Role.COMPLIANCE)
        people = User.objects.filter(there, is_active=True, appointments__during__contains=now())
        self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]
