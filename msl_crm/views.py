"""The home of each role, and the probes."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from msl_crm.access import ANYONE_SIGNED_IN, PUBLIC, allowed


@allowed(ANYONE_SIGNED_IN)
def home(request: HttpRequest) -> HttpResponse:
    """Where a person's day begins."""
    return render(request, "home.html")


@allowed(PUBLIC)
def ready(request: HttpRequest) -> HttpResponse:
    """Answers once the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long: nothing is lost, the page says what to do."""
    return render(request, "403.html", {"csrf": True}, status=403)
