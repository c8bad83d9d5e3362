"""A report as a structured file, built when it is asked for and kept nowhere.

It carries data elements of ICH E2B(R3) under their numbers in a plain XML of our own (`e2b_like.xsd`); it is no
ICSR message of HL7, has no acknowledgement of its own, and no authority takes it. A safety system maps it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from safety.models import Route, SafetyReport

NAMESPACE = "urn:msl-crm:e2b-like:1"
# What XML 1.0 cannot hold in any spelling.
_UNFIT = re.compile("[^\\u0009\\u000a\\u000d\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
UNKNOWN = "NI"


def document(report: SafetyReport) -> bytes:
    """The report as UTF-8 XML. What nobody said stands there as not known, never as empty."""
    said = report.said
    root = ET.Element("safetyReport", {"xmlns": NAMESPACE, "version": "1"})
    about = ET.SubElement(root, "identification")
    _say(about, "C.1.1", "senderReportId", f"{report.pk}")
    _say(about, "C.1.2", "createdAt", _instant(report.recorded_at))
    _say(about, "C.1.3", "reportType", "1")
    _say(about, "C.1.4", "firstReceived", _instant(report.learned_at))
    _say(about, "C.1.9.1", "number", report.number)
    _say(about, "C.2.r.3", "country", report.market.code if report.market else "")
    source = ET.SubElement(root, "primarySource")
    _say(source, "C.2.r", "toldBy", said.get("who_told", ""))
    _say(source, "C.3.3", "receivedBy", report.reporter.name)
    _say(source, "", "mayCallBack", "true" if report.may_call_back else "false")
    patient = ET.SubElement(root, "patient")
    _say(patient, "D.1", "description", said.get("patient", ""))
    reaction = ET.SubElement(root, "reaction")
    _say(reaction, "E.i.1.1a", "asReported", said.get("what_happened", ""))
    drug = ET.SubElement(root, "drug")
    _say(drug, "G.k.1", "role", "1")
    _say(drug, "G.k.2.2", "asReported", said.get("product_words", ""))
    _say(drug, "G.k.2.3.r.1", "product", report.product.name if report.product else "")
    _say(drug, "", "standing", _standing(report))
    _say(root, "H.1", "narrative", said.get("what_happened", ""))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _standing(report: SafetyReport) -> str:
    if report.product is None:
        return "unknown"
    return "investigational" if report.route == Route.SPONSOR else "authorised"


def _say(parent: ET.Element, number: str, name: str, text: str) -> None:
    child = ET.SubElement(parent, name, {"e2b": number} if number else {})
    fit = _UNFIT.sub("\ufffd", text).strip()
    if fit:
        child.text = fit
    else:
        child.set("nullFlavor", UNKNOWN)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
