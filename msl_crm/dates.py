"""Dates and times as a reader says them: in her zone and language, relative while that is shorter."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _


def within(words: str) -> str:
    """Words inside a sentence: English begins them small, other languages keep their nouns as they are."""
    english = (get_language() or "en").startswith("en")
    return words[:1].lower() + words[1:] if english else words


def date_in_words(value: date | datetime | None) -> str:
    """24 Nov 2026, or 24. Nov. 2026: the day as the viewer's zone has it."""
    return _date_in_words(local_day(value), get_language()) if value is not None else ""


@lru_cache(maxsize=4096)
def _date_in_words(day: date, language: str | None) -> str:
    return str(format_date(day, pgettext("date in words", "j M Y")))


def time_in_words(value: datetime | None) -> str:
    """14:00, in the viewer's zone."""
    return f"{_local(value):%H:%M}" if value else ""


def moment_in_words(value: datetime | None) -> str:
    """24 Nov 2026, 14:00, in the viewer's zone."""
    return f"{date_in_words(value)}, {time_in_words(value)}" if value else ""


def day_in_words(value: date | datetime | None) -> str:
    """Tuesday, 24 November: the heading of a day."""
    return format_date(_local(value), pgettext("heading of a day", "l, j F")) if value else ""


def weekday(value: date | datetime) -> str:
    """Tue: a day of the week at hand."""
    return str(format_date(_local(value), "D"))


def when(value: date | datetime | None, with_time: bool = False) -> SafeString | str:
    """A relative word under seven days, otherwise the date; the exact date stays for hover and readers."""
    if value is None:
        return ""
    day = date_in_words(value)
    at = time_in_words(value) if isinstance(value, datetime) else ""
    exact = f"{day}, {at}" if at else day
    shown = relative(value) or day
    if with_time and at:
        shown = f"{shown}, {at}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, shown)


def relative(value: date | datetime) -> str:
    """Today, Yesterday, 3 days ago, in 2 days; empty from a week on."""
    gap = -days_until(value)
    if gap == 0:
        return _("Today")
    if gap == 1:
        return _("Yesterday")
    if gap == -1:
        return _("Tomorrow")
    if 1 < gap < 7:
        return ngettext("%(n)d day ago", "%(n)d days ago", gap) % {"n": gap}
    if -7 < gap < -1:
        return ngettext("in %(n)d day", "in %(n)d days", -gap) % {"n": -gap}
    return ""


def days_until(value: date | datetime | None) -> int:
    """Whole days from today in the viewer's zone; negative when it has passed."""
    return (local_day(value) - timezone.localdate()).days if value else 0


def local_day(value: date | datetime) -> date:
    """The day as the viewer's zone has it."""
    local = _local(value)
    return local.date() if isinstance(local, datetime) else local


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
