"""Tables as files: CSV as a spreadsheet of the reader's country opens it, and XLSX.

A German Excel wants semicolons, decimal commas and a byte order mark. A cell that a spreadsheet would take for a
formula is quoted in CSV; in XLSX a text is marked as a text and nothing runs.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.translation import get_language

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MARK = b"\xef\xbb\xbf"
RISKY = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
Row = Sequence[object]


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(RISKY) else text


def in_csv(rows: Iterable[Row], *, iso: bool = False) -> bytes:
    """Lines of a CSV in the reader's language. `iso` keeps dates as 2026-11-24 whatever the language."""
    german = (get_language() or "").startswith("de")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if german else ",")
    writer.writerows([_written(value, german, iso) for value in row] for row in rows)
    return buffer.getvalue().encode()


def _written(value: object, german: bool, iso: bool) -> str:
    if isinstance(value, bool) or value is None:
        return safe("" if value is None else str(value))
    if isinstance(value, (int, float, Decimal)):
        return str(value).replace(".", ",") if german else str(value)
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{local:%d.%m.%Y %H:%M}" if german and not iso else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}" if german and not iso else value.isoformat()
    return safe(value)


# XLSX -------------------------------------------------------------------------------------------------------------


def in_xlsx(rows: Iterable[Row]) -> bytes:
    """Rows of a sheet, without what stands around them: `workbook` puts pieces of these together."""
    return "".join("<row>" + "".join(_cell(value) for value in row) + "</row>" for row in rows).encode()


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None)
        since = local - datetime(1899, 12, 30)  # noqa: DTZ001 - the first day of a spreadsheet
        return f'<c s="2"><v>{since.days + since.seconds / 86400:.10f}</v></c>'
    if isinstance(value, date):
        return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    text = _FORBIDDEN.sub("", "" if value is None else str(value))[:LONGEST_CELL]
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FILES = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="MSL CRM" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        '<fonts count="1"><font/></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
        '<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def workbook(parts: Iterable[bytes]) -> bytes:
    """A workbook of one sheet from the rows that `in_xlsx` wrote. The first row stays in sight."""
    buffer = io.BytesIO()
    # One date for all: the same rows are the same bytes.
    stamp = (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _FILES.items():
            archive.writestr(_info(name, stamp), _HEAD + text)
        with archive.open(_info("xl/worksheets/sheet1.xml", stamp), "w") as sheet:
            sheet.write(
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
                'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                "<sheetData>".encode()
            )
            for part in parts:
                sheet.write(part)
            sheet.write(b"</sheetData></worksheet>")
    return buffer.getvalue()


def _info(name: str, stamp: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
