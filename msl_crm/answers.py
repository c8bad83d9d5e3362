"""Answers that several doors give in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpResponse

from accounts.http import SignedInRequest

P = ParamSpec("P")
CONFLICT = 409


def stands_now(
    request: SignedInRequest,
    why: object,
    page: Callable[Concatenate[SignedInRequest, P], HttpResponse],
    *args: P.args,
    **kwargs: P.kwargs,
) -> HttpResponse:
    """What stands now, with the reason why nothing was done: a 409, as on the wire.

    Whoever was second sees what the first has made of it. `page` shows it, and asks no method. Without a
    reason it was told already.
    """
    if why:
        messages.error(request, str(why))
    response = page(request, *args, **kwargs)
    if response.status_code == 200:
        response.status_code = CONFLICT
    return response
