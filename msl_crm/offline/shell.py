"""The shell that works without network: manifest, service worker, one page per language. Nobody's data."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from msl_crm.access import PUBLIC, allowed
from msl_crm.offline.words import page_words, words

FILES = re.compile(r'(?:src|href)="(/[^"#?]+)')
ICONS = ((192, "img/icon-192.png"), (512, "img/icon-512.png"))


@allowed(PUBLIC)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of what it keeps in front. Another list is another version."""
    answer = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@allowed(PUBLIC)
def manifest(request: HttpRequest) -> HttpResponse:
    """What a device needs in order to install the product."""
    icons = [
        {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size, name in ICONS
    ]
    said = {
        "id": "/",
        "name": _("MSL CRM"),
        "short_name": _("MSL CRM"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f6f8",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return JsonResponse(said, content_type="application/manifest+json")


@allowed(PUBLIC)
def page(request: HttpRequest, language: str) -> HttpResponse:
    """The page that stands in for any other while there is no network: the same bytes for everybody."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return HttpResponse(_page(language))


def _page(language: str) -> str:
    return (_rendered if settings.DEBUG else _kept)(language)


def _rendered(language: str) -> str:
    """Without a request no person, session or token can come into it."""
    with translation.override(language):
        said = {"shell": True, "device_words": words(), "device_more": page_words(), "theme": "system"}
        return render_to_string("offline/shell.html", said)


_kept = cache(_rendered)


def _worker() -> str:
    pages = {reverse("shell", args=[code]): _page(code) for code, _name in settings.LANGUAGES}
    files = {address for html in pages.values() for address in FILES.findall(html)}
    files = {address for address in files if address.startswith(settings.STATIC_URL)}
    source = (Path(settings.BASE_DIR) / "static" / "js" / "sw.js").read_text(encoding="utf-8")
    whole = "".join([*pages.values(), *sorted(files), source])
    shell: dict[str, Any] = {
        "version": hashlib.sha256(whole.encode()).hexdigest()[:16],
        "languages": [code for code, _name in settings.LANGUAGES],
        "urls": [*pages, *sorted(files)],
    }
    return f"const SHELL = {json.dumps(shell)};\n{source}"
