"""The living style guide: every component with sample context, for staff and for the browser checks.

The people, places and numbers are invented and fixed, so that two renderings of one version are alike.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from msl_crm import charts
from msl_crm.geometry import Mark, Row, Segment

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


@login_not_required
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
        **_log_visit(),
        **_today(),
        **_territory(),
        **_handovers(),
        **_records(),
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


def _log_visit() -> dict[str, Any]:
    plum = {
        "tone": "plum",
        "icon": "flask",
        "title": "LX-204 has no authorisation in Germany",
        "rule": "You may answer a question the doctor asked first, or speak under an approved plan item.",
        "facts": [
            {"tone": "green", "market": "Switzerland", "text": "authorised 12 May 2026"},
            {"tone": "amber", "market": "Germany, EU", "text": "in review until Q2 2027"},
        ],
        "question": "How did it come up?",
        "name": "basis-lx204",
        "options": [
            {
                "value": "asked",
                "text": "The doctor asked, unprompted",
                "hint": "Logged as a medical inquiry too",
            },
            {"value": "study", "text": "Study conduct", "hint": "Prof. Albrecht is an investigator"},
            {"value": "board", "text": "Contracted advisory board"},
        ],
    }
    green = {
        "tone": "green",
        "icon": "rosette-discount-check",
        "title": "Authorised in Germany on 1 Oct 2026",
        "rule": "You handed Prof. Albrecht over on 10 Nov 2026. Jonas Weber covers the approved use, heart failure.",
        "lane": {
            "from_text": "You, until 10 Nov",
            "to_text": "Jonas, since 10 Nov",
            "parts": charts.parts(
                [
                    {"value": 46, "kind": "plum"},
                    {"value": 16, "kind": "hatch"},
                    {"value": 38, "kind": "green"},
                ]
            ),
        },
        "question": "If Cardelin came up, choose one",
        "links": [
            {
                "url": "#question",
                "text": "A scientific question came up",
                "hint": "Becomes a medical inquiry. Field service does not see it.",
                "icon": "message-2-question",
            },
            {
                "url": "#contact",
                "text": "Show Jonas' business contact to pass on",
                "hint": "Nothing is sent.",
                "icon": "id",
            },
        ],
        "source": "Rule R-021, Germany, set by Compliance.",
        "source_url": "#rule",
    }
    return {
        "person": {"name": "Prof. Dr. Miriam Albrecht", "text": "Cardiology, Nordstadt University Hospital"},
        "others": [{"name": "Dr. Sam Okafor", "value": "1"}],
        "suggestions": [{"name": "Dr. Ines Brandt", "value": "2"}],
        "time": {"text": "Today, 09:30 to 10:00", "hint": "from your calendar", "body": ""},
        "plum_block": {
            "label": "LX-204",
            "tone": "plum",
            "name": "topic-lx204",
            "tag": {"text": "Investigational in DE", "tone": "plum", "icon": "flask"},
            "chips": [
                {"value": "aurora", "text": "AURORA-HF", "checked": True},
                {"value": "mechanism", "text": "Mechanism"},
                {"value": "safety", "text": "Safety"},
            ],
            "panel": plum,
        },
        "area_block": {
            "label": "Heart failure",
            "name": "topic-hf",
            "tag": {"text": "Disease area, no product", "tone": "slate"},
            "chips": [
                {"value": "gap", "text": "Guideline gap", "checked": True},
                {"value": "diagnosis", "text": "Diagnosis"},
                {"value": "pathway", "text": "Pathway"},
            ],
        },
        "green_panel": green,
        "addons": [
            {"key": "inquiry", "name": "a1", "text": "Inquiry", "icon": "message-2-question", "tone": "plum"},
            {"key": "insight", "name": "a2", "text": "Insight", "icon": "bulb"},
            {"key": "follow_up", "name": "a3", "text": "Follow-up", "icon": "calendar-plus"},
        ],
        "may_discuss": [
            {"label": "Heart failure", "text": "Freely, no product", "tone": "slate", "tag": "Open"},
            {"label": "LX-204", "text": "Not authorised in DE", "tone": "plum", "tag": "If asked"},
            {
                "label": "Cardelin",
                "text": "Jonas Weber since 10 Nov",
                "tone": "green",
                "tag": "Field service",
            },
        ],
    }


def _today() -> dict[str, Any]:
    return {
        "events": [
            {
                "start": "09:30",
                "end": "10:00",
                "title": "Prof. Dr. Miriam Albrecht",
                "text": "Nordstadt University Hospital, ward 4B. Ended 4 min ago",
                "current": True,
                "actions": [{"url": "#log", "text": "Log visit", "icon": "pencil", "kind": "primary"}],
            },
            {
                "start": "10:40",
                "end": "11:10",
                "title": "Dr. Emre Yilmaz",
                "text": "Same building, cardiology outpatients",
                "tags": [
                    {"text": "LX-204 if asked", "tone": "plum", "icon": "flask"},
                    {"text": "Renavel: field service", "tone": "green", "icon": "rosette-discount-check"},
                ],
                "links": [{"url": "#brief", "text": "Read the visit brief"}],
            },
        ],
        "week": [
            {"label": "Mon", "count": 4, "tone": "green"},
            {"label": "Tue", "count": 3, "tone": "blue", "current": True},
            {"label": "Wed", "count": 5},
            {"label": "Thu", "count": 2},
            {"label": "Fri", "count": 3},
        ],
        "facts": [
            {"label": "Last contact", "value": "Today, 09:30", "text": "You, in person"},
            {"label": "This year's plan", "value": "7 of 8 visits", "meter": {"value": 88, "goal": 90}},
            {"label": "Open inquiries", "value": "1", "text": "Due Thu, 26 Nov"},
            {"label": "Next", "value": "Lecture, 9 Dec", "text": "Hamburg, as speaker"},
        ],
        "months": [
            {
                "title": "November 2026",
                "items": [
                    {
                        "icon": "map-pin",
                        "tone": "plum",
                        "title": "Visit, in person",
                        "url": "#visit",
                        "at": "24 Nov",
                        "text": "Asked whether the eGFR cut-off of 30 will hold.",
                        "tags": [
                            {"text": "LX-204, asked", "tone": "plum", "icon": "flask"},
                            {"text": "Inquiry", "tone": "line", "icon": "message-2-question"},
                        ],
                    },
                    {"icon": "certificate", "title": "Cardelin authorised in Germany", "at": "1 Oct"},
                ],
            }
        ],
        "nodes": [
            {"name": "Dr. Sam Okafor", "weight": 11, "note": "11 papers"},
            {"name": "Dr. Ines Brandt", "weight": 7, "note": "7 papers"},
            {"name": "Prof. Karl Jansen", "weight": 5, "note": "Guideline group"},
            {"name": "Dr. Paula Reis", "weight": 2, "note": "new co-author", "outside": True},
            {"name": "Dr. Emre Yilmaz", "weight": 3, "note": "3 papers"},
        ],
    }


def _territory() -> dict[str, Any]:
    down = "arrow-down-right"
    regions = [
        "SH",
        "84",
        "HH",
        "91",
        "MV",
        "71",
        "HB",
        "80",
        "NI",
        "82",
        "ST",
        "63",
        "BE",
        "58",
        "BB",
        "44",
        "NW",
        "93",
        "HE",
        "76",
        "TH",
        "57",
        "SN",
        "52",
        "RP",
        "72",
        "BW",
        "79",
        "BY",
        "81",
        "SL",
        "67",
    ]
    return {
        "kpis": [
            {
                "label": "Coverage",
                "value": "76",
                "unit": "%",
                "points": [60, 63, 62, 67, 68, 73, 76],
                "change": {"text": "4 pts", "tone": "green", "icon": "arrow-up-right"},
                "meter": {"value": 76, "goal": 85, "total": 100},
                "text": "Seen in 90 days. Goal 85",
            },
            {
                "label": "Since last contact",
                "value": "51",
                "unit": "days",
                "points": [60, 58, 59, 54, 55, 52, 51],
                "change": {"text": "6 days", "tone": "green", "icon": down},
                "meter": {"value": 51, "goal": 45, "total": 60, "tone": "amber"},
                "text": "Median. Goal 45 or less",
            },
            {
                "label": "Plan",
                "value": "61",
                "unit": "%",
                "points": [10, 20, 28, 37, 45, 52, 61],
                "change": {"text": "On pace", "tone": "green", "icon": "check"},
                "meter": {"value": 61, "goal": 60, "total": 100},
                "text": "60 % of the quarter is gone",
            },
            {
                "label": "Insights acted on",
                "value": "41",
                "unit": "%",
                "points": [41, 43, 45, 46, 45, 43, 41],
                "change": {"text": "3 pts", "tone": "amber", "icon": down},
                "meter": {"value": 41, "goal": 50, "total": 100},
                "text": "18 of 44. Goal 50",
            },
        ],
        "regions": {code: int(value) for code, value in zip(regions[::2], regions[1::2], strict=True)},
        "region_steps": [55, 65, 75, 85],
        "elsewhere": {"North": 12, "South": 31, "West": 22},
        "tiers": [
            {"label": "Tier 1", "note": "42 KOLs", "end": "4 over 90 days", "parts": [24, 9, 5, 4]},
            {"label": "Tier 2", "note": "96 KOLs", "end": "20 over 90 days", "parts": [36, 25, 15, 20]},
            {"label": "Tier 3", "note": "133 KOLs", "end": "41 over 90 days", "parts": [29, 33, 30, 41]},
        ],
        "tier_legend": [
            {"label": "under 30", "kind": "heat-3"},
            {"label": "30 to 60", "kind": "heat-2"},
            {"label": "60 to 90", "kind": "heat-1"},
            {"label": "over 90 days", "kind": "amber"},
        ],
        "topics": [
            {"label": "eGFR cut-offs", "value": 23, "change": "+14"},
            {"label": "Dosing over 80", "value": 17, "change": "+2"},
            {"label": "Guideline gap", "value": 12, "change": "+5"},
            {"label": "Hospital listing", "value": 8, "change": "−3"},
        ],
        "weeks": list(range(37, 49)),
        "heat_steps": [1, 4, 7, 10],
        "workload": [
            _load("Region North", "68 %", 68, [4, 6, 5, 7, 6, 8, 5, 4, 7, 6, 8, 3]),
            _load("Region East", "34 %", 34, [3, 2, 4, 2, 1, 3, 2, 2, 0, 1, 2, 1]),
            _load("Region West", "88 %", 88, [7, 8, 9, 8, 10, 9, 11, 9, 10, 12, 11, 6]),
        ],
    }


def _load(label: str, text: str, value: int, values: list[int]) -> dict[str, Any]:
    return {"label": label, "values": values, "plan": {"value": value, "goal": 60, "text": text}}


def _handovers() -> dict[str, Any]:
    lena, jonas = {"name": "L. Hoffmann"}, {"name": "J. Weber"}
    hospital = "Nordstadt Univ. Hospital"
    return {
        "parts": [
            {"label": "with field service", "value": 92, "kind": "green"},
            {"label": "waiting", "value": 31, "kind": "hatch-green"},
            {"label": "declined", "value": 6, "kind": "amber"},
            {"label": "to prepare", "value": 19, "kind": "idle"},
        ],
        "job": {
            "title": "Preparing 12 handovers",
            "text": "7 of 12, about 5 seconds. You can leave this page.",
            "done": 7,
            "total": 12,
        },
        "columns": [
            {
                "id": "prepare",
                "title": "To prepare",
                "tone": "idle",
                "count": "19",
                "select": True,
                "cards": [
                    {
                        "id": "1",
                        "name": "Dr. Ines Brandt",
                        "text": hospital,
                        "from": lena,
                        "to": jonas,
                        "selectable": True,
                    },
                    {
                        "id": "2",
                        "name": "Dr. Rolf Fink",
                        "text": "Heart Centre Elbtal",
                        "from": lena,
                        "selectable": True,
                    },
                ],
                "more": {"url": "#more", "text": "17 more"},
            },
            {
                "id": "waiting",
                "title": "Waiting for field service",
                "tone": "hatch-green",
                "count": "31",
                "cards": [
                    {
                        "id": "3",
                        "name": "Dr. Sam Okafor",
                        "text": hospital,
                        "from": lena,
                        "to": jonas,
                        "state": {"text": "Sent 5 days ago", "tone": "amber"},
                        "actions": [{"url": "#remind", "text": "Remind"}],
                    }
                ],
            },
            {
                "id": "declined",
                "title": "Declined",
                "tone": "amber",
                "count": "6",
                "cards": [
                    {
                        "id": "4",
                        "name": "Prof. Franz Thoma",
                        "text": "Heart Centre Isartal",
                        "from": lena,
                        "quote": "Not my area",
                        "actions": [{"url": "#choose", "text": "Prepare again", "kind": "primary"}],
                    }
                ],
            },
            {
                "id": "done",
                "title": "With field service",
                "tone": "green",
                "count": "92",
                "cards": [
                    {
                        "id": "5",
                        "name": "Prof. Dr. Miriam Albrecht",
                        "text": hospital,
                        "from": lena,
                        "to": jonas,
                        "state": {"text": "Since 10 Nov", "tone": "green"},
                    }
                ],
            },
        ],
        "bar_actions": [
            {"text": "Preview what they see", "icon": "eye"},
            {"text": "Prepare", "icon": "send", "kind": "primary", "name": "do", "value": "prepare"},
        ],
    }


def _records() -> dict[str, Any]:
    return {
        "crumbs": [{"url": "#kols", "text": "KOLs"}, {"text": "Germany North"}],
        "head_tags": [{"text": "Tier 1, national", "tone": "slate"}],
        "head_actions": [
            {"url": "#brief", "text": "Visit brief", "icon": "file-text"},
            {"url": "#log2", "text": "Log visit", "icon": "pencil", "kind": "primary"},
        ],
        "steps": [
            {"text": "File", "state": "done"},
            {"text": "Columns", "state": "current"},
            {"text": "Check"},
            {"text": "Import"},
        ],
        "changes": [
            {"field": "Topic", "before": "Dosing", "after": "Safety"},
            {"field": "Note", "before": "", "after": "Added"},
        ],
        "chain": {
            "ok": True,
            "title": "Unbroken from 3 Jan 2025 to 24 Nov 2026, 10:04",
            "text": "412,000 entries checked.",
            "fingerprint": "9f2c 1b7e 44a0 d3e8",
        },
        "chain_broken": {
            "ok": False,
            "title": "Broken at entry 884,120",
            "text": "The entry before it is intact.",
        },
        "tabs": [
            {"url": "#mine", "text": "Mine", "current": True},
            {"url": "#team", "text": "Team"},
            {"url": "#unseen", "text": "Unseen 90 days", "count": 7},
        ],
        "filters": [
            {
                "title": "Tier",
                "name": "tier",
                "set": True,
                "value_text": "1 or 2",
                "kind": "checkbox",
                "options": [
                    {"value": "1", "text": "Tier 1", "checked": True},
                    {"value": "2", "text": "Tier 2", "checked": True},
                ],
            }
        ],
        "queue": [
            {
                "url": "#q1",
                "current": True,
                "title": "Visit, 23 Nov",
                "text": "Word check",
                "icon": "eye",
                "tone": "amber",
            },
            {"url": "#q2", "title": "Visit, 22 Nov", "text": "Sampled", "icon": "eye"},
        ],
        "table_columns": [
            {"label": _("Name"), "url": "?sort=name", "direction": "ascending"},
            {"label": _("Last seen")},
        ],
        "table_rows": [
            {
                "url": "#a",
                "cells": [{"text": "Prof. Karl Jansen"}, {"label": _("Last seen"), "text": "96 days ago"}],
            },
            {"url": "#b", "cells": [{"text": "Dr. Paula Reis"}, {"label": _("Last seen"), "text": "never"}]},
        ],
        "mapping": {
            "field": "Family name",
            "name": "family",
            "required": True,
            "options": [{"value": "Nachname", "text": "Nachname", "selected": True}],
            "samples": ["Albrecht", "Okafor", "Brandt"],
        },
        "problem": {
            "number": 14,
            "field": "Date",
            "value": "31.02.2026",
            "why": "This day does not exist.",
            "name": "r14",
            "skip_name": "skip",
        },
    }
