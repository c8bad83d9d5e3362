"""Copies the third-party front-end files out of installed, pinned packages into static/vendor/."""

from __future__ import annotations

import importlib.util
import re
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from msl_crm.icons import ICONS

SOURCE_MAP = re.compile(r"\s*/\*#\s*sourceMappingURL=[^*]*\*/\s*")
INNER_SVG = re.compile(r"<svg[^>]*>(?P<inner>.*)</svg>", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
AROUND = re.compile(r"\s*([{};,])\s*")
BLANKS = re.compile(r">\s+<")
LICENCES = """Third-party files in this folder

styles.css          Bootstrap 5.3, https://getbootstrap.com/, MIT licence, copyright The Bootstrap Authors; then ours
icons.svg           Tabler Icons, https://tabler.io/icons, MIT licence, copyright Pawel Kuna
"""


class Command(BaseCommand):
    help = "Build static/vendor/ from the installed packages: Bootstrap's stylesheet with our own, and one icon sprite."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        vendor = Path(settings.BASE_DIR) / "static" / "vendor"
        vendor.mkdir(parents=True, exist_ok=True)
        written = [
            _write(vendor / "styles.css", _bootstrap() + ours()),
            _write(vendor / "icons.svg", _sprite()),
            _write(vendor / "LICENSES.txt", LICENCES),
        ]
        changed = sum(written)
        self.stdout.write(
            f"Front-end files are in place: {len(written)} files, {changed} changed, {len(ICONS)} icons."
        )


def _folder(package: str, pin: str) -> Path:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CommandError(f"The package {pin} is not installed. Run: pip install -r requirements.txt")
    return Path(next(iter(spec.submodule_search_locations)))


def _bootstrap() -> str:
    """Bootstrap's stylesheet without its source map, which we do not serve."""
    folder = _folder("bootstrap_wrapper", "bootstrap-wrapper").parent / "bootstrap"
    return SOURCE_MAP.sub("\n", (folder / "css" / "bootstrap.min.css").read_text(encoding="utf-8"))


def ours() -> str:
    """Our tokens and our parts, in one file with what they stand on: two requests less on every first visit."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    css = "".join((folder / name).read_text(encoding="utf-8") for name in ("tokens.css", "app.css"))
    return SPACE.sub(" ", AROUND.sub(r"\1", SPACE.sub(" ", COMMENT.sub("", css)))).replace(": ", ":")


def _sprite() -> str:
    """One file of symbols, drawn in the text's colour; the stroke's width is set by our own stylesheet."""
    archive = _folder("tablericons", "tablericons2") / "tablericons.zip"
    with zipfile.ZipFile(archive) as icons:
        try:
            symbols = [_symbol(name, icons.read(f"outline/{name}.svg").decode()) for name in ICONS]
        except KeyError as missing:
            raise CommandError(f"The icon package has no such icon: {missing}") from missing
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def _symbol(name: str, svg: str) -> str:
    match = INNER_SVG.search(svg)
    if match is None:
        raise CommandError(f"The icon {name} is not a drawing we can read.")
    inner = BLANKS.sub("><", match["inner"]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def _write(path: Path, text: str) -> bool:
    """Write only what differs, so that a second run leaves the files' dates alone."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True
