"""What a file breaks of `safety/e2b_like.xsd`: the part of XML Schema that it uses, read with the standard library."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from django.conf import settings

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMA = Path(settings.BASE_DIR) / "safety" / "e2b_like.xsd"


def read(document: str | bytes) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - written by ourselves a line above


def faults(root: ET.Element) -> list[str]:
    """Each as a sentence; none: the file keeps to the schema."""
    schema = read(SCHEMA.read_text(encoding="utf-8"))
    space = schema.get("targetNamespace")
    types = {each.get("name"): each for each in schema if each.tag in (f"{XS}simpleType", f"{XS}complexType")}
    [top] = schema.findall(f"{XS}element")
    return list(_element(root, top, types, f"{{{space}}}"))


def _element(found, wanted, types, space):
    name = wanted.get("name")
    if found.tag != space + name:
        yield f"{found.tag} where {name} belongs"
        return
    kind = wanted.find(f"{XS}complexType")
    kind = kind if kind is not None else types[wanted.get("type")]
    sequence = kind.find(f"{XS}sequence")
    yield from _attributes(found, kind)
    if sequence is None:
        yield from _text(found, kind, types)
        return
    children = list(sequence)
    if len(children) != len(found):
        yield f"{name} has {len(found)} parts, not {len(children)}"
    for one, other in zip(found, children, strict=False):
        yield from _element(one, other, types, space)


def _attributes(found, kind):
    known = {each.get("name"): each for each in kind.iter(f"{XS}attribute")}
    for name in set(found.attrib) - set(known):
        yield f"{found.tag} says {name}"
    for name, each in known.items():
        fixed = each.get("fixed")
        if each.get("use") == "required" and name not in found.attrib:
            yield f"{found.tag} does not say {name}"
        if fixed and found.get(name, fixed) != fixed:
            yield f"{name} of {found.tag} is not {fixed}"


def _text(found, kind, types):
    if len(found):
        yield f"{found.tag} has parts"
    if found.get("nullFlavor"):
        if found.text:
            yield f"{found.tag} is not known and says something"
        return
    base = kind.find(f"{XS}simpleContent/{XS}extension").get("base")
    rule = types[base].find(f"{XS}restriction")
    pattern, longest = rule.find(f"{XS}pattern"), rule.find(f"{XS}maxLength")
    text = found.text or ""
    if pattern is not None and not re.fullmatch(pattern.get("value"), text):
        yield f"{found.tag}: {text!r} is not {pattern.get('value')}"
    if longest is not None and len(text) > int(longest.get("value")):
        yield f"{found.tag} is too long"
