"""What Medical writes about an expert: the directory entry, science, places, numbers, and who answers."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kols.models import KOL, Identifier, ScientificProfile

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LANGUAGES = [
    ("de", _("German")),
    ("en", _("English")),
    ("fr", _("French")),
    ("it", _("Italian")),
    ("es", _("Spanish")),
    ("pl", _("Polish")),
    ("tr", _("Turkish")),
    ("nl", _("Dutch")),
]
CHANNELS = [
    ("", _("not said")), ("IN_PERSON", _("In person")), ("PHONE", _("Phone")), ("VIDEO", _("Video")),
    ("EMAIL", _("E-mail")),
]  # fmt: skip


class Clean:
    """Text without control characters; a NUL byte or a lone surrogate is an error, not a crash."""

    def __call__(self, value: str) -> None:
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", value):
            raise ValidationError(_("This text holds characters that cannot be kept."))


def checked_number(scheme: str, value: str) -> str:
    """A number as its register writes it. Raises ValidationError when its check digit says it cannot be."""
    value = value.strip().upper()
    digits = re.sub(r"[\s-]", "", value)
    match scheme:
        case Identifier.Scheme.NPI:
            if not re.fullmatch(r"\d{10}", digits) or not _luhn("80840" + digits):
                raise ValidationError(
                    _("An NPI has ten digits, the last one checks the others. This one does not fit.")
                )
            return digits
        case Identifier.Scheme.ORCID:
            digits = digits.removeprefix("HTTPS://ORCID.ORG/")
            if not re.fullmatch(r"\d{15}[\dX]", digits) or _orcid_check(digits[:15]) != digits[15]:
                raise ValidationError(
                    _("An ORCID has sixteen places, the last one checks the others. This one does not fit.")
                )
            return "-".join(digits[i : i + 4] for i in range(0, 16, 4))
        case Identifier.Scheme.LANR:
            if not re.fullmatch(r"\d{9}", digits):
                raise ValidationError(_("A LANR has nine digits."))
            return digits
    return value


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _orcid_check(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


class KOLForm(forms.ModelForm):
    """The directory entry."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        required=False,
        choices=LANGUAGES,
        widget=forms.CheckboxSelectMultiple(attrs={"data-as": "chips"}),
    )
    preferred_channel = forms.ChoiceField(label=_("Preferred channel"), required=False, choices=CHANNELS)

    class Meta:
        model = KOL
        fields = [
            "title", "given_name", "family_name", "suffix", "specialty", "languages", "email", "phone",
            "preferred_channel", "preferred_times", "licence", "formulary_member",
            "paid_services_need_approval", "do_not_contact",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = [(code, code) for code in self.instance.languages or [] if code not in dict(LANGUAGES)]
        self.fields["languages"].choices = [*LANGUAGES, *kept]  # type: ignore[attr-defined]
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(Clean())
        self.fields["family_name"].widget.attrs["autocomplete"] = "off"

    def facts(self) -> dict[str, Any]:
        """The columns of the directory that this form asks for."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}


class NewKOLForm(KOLForm):
    """A new entry: a name and a place will do."""

    institution = forms.CharField(label=_("Works at"), max_length=250, required=False, validators=[Clean()])
    city = forms.CharField(label=_("City"), max_length=120, required=False, validators=[Clean()])
    function = forms.CharField(label=_("Function"), max_length=200, required=False, validators=[Clean()])
    main_market: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Practises in"), queryset=None, empty_label=None
    )
    SHOWN = (
        "title", "given_name", "family_name", "specialty", "institution", "city", "function", "main_market",
    )  # fmt: skip
    somebody_else = forms.BooleanField(
        label=_("This is somebody else"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, markets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["main_market"].queryset = markets  # type: ignore[attr-defined]
        self.initial.setdefault("main_market", markets.first())
        self.fields = {name: self.fields[name] for name in (*self.SHOWN, "somebody_else")}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("city") and not data.get("institution"):
            self.add_error("institution", _("Name the place in this city."))
        return data


class ScienceForm(forms.ModelForm):
    """How Medical regards the expert. The tier needs its scientific reason in words."""

    interests = forms.CharField(
        label=_("Cares about"),
        required=False,
        max_length=1500,
        validators=[Clean()],
        help_text=_("Topics, one per line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = ScientificProfile
        fields = ["tier", "rationale", "interests", "goals"]
        widgets = {
            "tier": forms.RadioSelect(attrs={"data-as": "segmented"}),
            "rationale": forms.Textarea(attrs={"rows": 4}),
            "goals": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "rationale": _("Publications, guideline work, trials, teaching. Never prescribing or sales.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = ScientificProfile.Tier.choices  # type: ignore[attr-defined]
        self.initial["interests"] = "\n".join(self.instance.interests or [])
        for name in ("rationale", "goals"):
            self.fields[name].validators.append(Clean())
            self.fields[name].max_length = 4000  # type: ignore[attr-defined]

    def clean_interests(self) -> list[str]:
        topics = [line.strip() for line in self.cleaned_data["interests"].splitlines() if line.strip()]
        if any(len(topic) > 120 for topic in topics):
            raise ValidationError(_("A topic is at most 120 letters long."))
        return topics


class AffiliationForm(forms.Form):
    """Where the expert works, or worked from some day on."""

    institution = forms.CharField(label=_("Works at"), max_length=250, validators=[Clean()])
    city = forms.CharField(label=_("City"), max_length=120, required=False, validators=[Clean()])
    function = forms.CharField(label=_("Function"), max_length=200, required=False, validators=[Clean()])
    since = forms.DateField(label=_("Since"), required=False, widget=DAY)
    main = forms.BooleanField(label=_("This is the main place"), required=False)


class IdentifierForm(forms.Form):
    """The number by which a register knows the expert."""

    scheme = forms.ChoiceField(label=_("Register"), choices=Identifier.Scheme.choices)
    value = forms.CharField(label=_("Number"), max_length=80, validators=[Clean()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("scheme") and data.get("value"):
            try:
                data["value"] = checked_number(data["scheme"], data["value"])
            except ValidationError as error:
                self.add_error("value", error)
        return data


class MarketsForm(forms.Form):
    """In which of one's markets the expert practises."""

    main: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Main market"), queryset=None, empty_label=None
    )
    markets: forms.ModelMultipleChoiceField[Any] = forms.ModelMultipleChoiceField(
        label=_("Also in"), queryset=None, required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"data-as": "checkboxes"}),
    )  # fmt: skip

    def __init__(self, *args: Any, markets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["main"].queryset = self.fields["markets"].queryset = markets  # type: ignore[attr-defined]


class UseName(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.indication.product.name}, {obj.indication.name}, {obj.market.name}"


class RelationForm(forms.Form):
    """For which use the expert is taken over, and by whom."""

    use = UseName(label=_("Product and use"), queryset=None, empty_label=_("Choose"))
    owner: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Who answers"), queryset=None, empty_label=None
    )

    def __init__(self, *args: Any, uses: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["use"].queryset = uses  # type: ignore[attr-defined]
        if people is None:
            del self.fields["owner"]
        else:
            self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class OwnerForm(forms.Form):
    """Which colleague of Medical answers from now on."""

    owner: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Who answers from now on"), queryset=None, empty_label=_("Choose")
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class SeatForm(forms.Form):
    """A body that decides on use, and the expert's part in it."""

    name = forms.CharField(label=_("Committee"), max_length=250, validators=[Clean()])
    kind = forms.CharField(
        label=_("What it decides on"),
        max_length=60,
        required=False,
        validators=[Clean()],
        help_text=_("Guideline, formulary, payer, ethics."),
    )
    role = forms.CharField(label=_("Role"), max_length=80, required=False, validators=[Clean()])
    since = forms.DateField(label=_("Since"), required=False, widget=DAY)


class GoalForm(forms.Form):
    """How many visits Medical plans with the expert in a year."""

    market: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        label=_("Market"), queryset=None, empty_label=None
    )
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)
    visits = forms.IntegerField(label=_("Visits"), min_value=0, max_value=99)

    def __init__(self, *args: Any, markets: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = markets  # type: ignore[attr-defined]
        self.fields["year"].choices = [(year, year), (year + 1, year + 1)]  # type: ignore[attr-defined]
