"""The living style guide: every component with sample context, for staff and for the browser checks.

The people, places and numbers are invented and fixed, so that two renderings of one version are alike.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from msl_crm import charts
from msl_crm.access import PUBLIC, allowed
from msl_crm.geometry import Mark, Row, Segment

SAMPLES = Path(__file__).with_name("styleguide.json")
TODAY = date(2026, 11, 24)


class SampleForm(forms.Form):
    """One field of each sort that the form pack draws."""

    name = forms.CharField(label="Name", help_text="As the doctor writes it.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    tier = forms.ChoiceField(label="Tier", choices=[("1", "Tier 1"), ("2", "Tier 2")])
    on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date", "class": "x-short"}))
    consent = forms.BooleanField(
        label="Mail consent was given", help_text="Keep the signed form.", required=False
    )
    channel = forms.ChoiceField(
        label="How",
        choices=[("in_person", "In person"), ("video", "Video"), ("phone", "Phone"), ("mail", "Mail")],
        widget=forms.RadioSelect(attrs={"data-as": "segmented"}),
        initial="in_person",
    )
    themes = forms.MultipleChoiceField(
        label="Themes",
        choices=[("gap", "Guideline gap"), ("diagnosis", "Diagnosis"), ("pathway", "Pathway")],
        widget=forms.CheckboxSelectMultiple(attrs={"data-as": "chips"}),
        required=False,
    )
    reason = forms.ChoiceField(
        label="Reason",
        choices=[("area", "Not my area"), ("duplicate", "Duplicate"), ("more", "More information needed")],
        widget=forms.RadioSelect(attrs={"data-as": "cards"}),
    )


@allowed(PUBLIC)
def styleguide(request: HttpRequest) -> HttpResponse:
    """Staff and local work only; for anybody else the page does not exist."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    return render(request, "styleguide.html", samples())


def samples() -> dict[str, Any]:
    wrong = SampleForm(
        {"name": "", "tier": "1", "channel": "video", "themes": ["gap"]}, prefix="wrong", auto_id="w_%s"
    )
    return {
        "form": SampleForm(auto_id="s_%s"),
        "wrong": wrong,
        "topbar_title": "Style guide",
        **_bands(),
        **_plain(),
    }


def _bands() -> dict[str, Any]:
    day = date
    return {
        "band_start": day(2024, 12, 31),
        "band_end": day(2027, 6, 30),
        "today": TODAY,
        "band_rows": [
            Row(
                "Cardelin",
                "Heart failure",
                (
                    Segment(day(2025, 3, 1), day(2026, 10, 1), "msl", "Lena Hoffmann, MSL"),
                    Segment(day(2026, 10, 1), day(2026, 11, 10), "handover", "Handover"),
                    Segment(day(2026, 11, 10), None, "field", "Jonas Weber, rep"),
                ),
                (Mark(day(2026, 10, 1), "Authorised 1 Oct 2026"),),
            ),
            Row(
                "LX-204",
                "Heart failure",
                (
                    Segment(day(2026, 1, 1), day(2027, 5, 1), "msl", "Lena Hoffmann, MSL"),
                    Segment(day(2027, 5, 1), None, "field", "", planned=True),
                ),
                (Mark(day(2027, 5, 1), "Decision due Q2 2027", expected=True),),
            ),
            Row(
                "Renavel",
                "Kidney disease",
                (Segment(day(2023, 1, 1), None, "field", "Mia Sommer, rep since 2023"),),
            ),
            Row("Renavel", "HFpEF, new use", (Segment(day(2026, 6, 1), None, "msl", "Lena Hoffmann, MSL"),)),
        ],
        "lifecycle_rows": [
            Row(
                "Switzerland",
                "Heart failure",
                (
                    Segment(day(2024, 1, 1), day(2025, 9, 1), "investigational", "Investigational"),
                    Segment(day(2025, 9, 1), day(2026, 5, 12), "in_review", "In review"),
                    Segment(day(2026, 5, 12), None, "authorised", "Authorised 12 May 2026"),
                ),
            ),
            Row(
                "Germany",
                "Heart failure",
                (
                    Segment(day(2024, 6, 1), day(2026, 4, 1), "investigational", "Investigational"),
                    Segment(day(2026, 4, 1), None, "in_review", "In review"),
                ),
                (Mark(day(2027, 5, 1), "Expected Q2 2027", expected=True),),
            ),
            Row(
                "Japan",
                "Kidney disease",
                (
                    Segment(day(2024, 1, 1), day(2026, 2, 1), "authorised", "Authorised"),
                    Segment(day(2026, 2, 1), day(2026, 9, 1), "suspended", "Suspended"),
                    Segment(day(2026, 9, 1), None, "withdrawn", "Withdrawn"),
                ),
            ),
        ],
    }


def _plain() -> dict[str, Any]:
    """Sample context that needs no Python, read from the file beside this one."""
    plain: dict[str, Any] = json.loads(SAMPLES.read_text(encoding="utf-8"))
    lane = plain["green_panel"]["lane"]
    lane["parts"] = charts.parts(lane["parts"])
    return plain
