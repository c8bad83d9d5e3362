"""Numbers and words that identify people and places: check digits, codes, degrees, countries."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from .text import clean, digits_of, folded

_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/)?(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])/?", re.I
)
_EMAIL = re.compile(
    r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,63}"
)
# How a degree is shown; it is recognised in any case, with or without stops and spaces.
_DEGREE_NAMES = (
    "MD DO DPM DC DDS DMD OD PharmD PhD DPhil MBBS MBChB DNP NP FNP FNP-C FNP-BC APN APRN CRNP CRNA CNM CPNP "
    "RN MSN PA PA-C PT DPT MPT OT OTR AuD MA MS MSc BSc MPH MBA PsyD LCSW LICSW LPC LMFT RPh CCC-SP CCC-SLP "
    "FACP FACS FACC FACR FAAP FAAA FRCP DABCO CCSP LSATP PD"
)
_DEGREES = {name.upper(): name for name in _DEGREE_NAMES.split()} | {"PAC": "PA-C", "DRMED": "Dr. med."}
_DOCTORS = frozenset(
    {"MD", "DO", "DPM", "DDS", "DMD", "OD", "DC", "PhD", "PharmD", "DPhil", "AuD", "PsyD", "DNP", "DPT"}
)
_OTHER_COUNTRIES = {"usa": "US", "unitedstatesofamerica": "US", "uk": "GB", "england": "GB", "scotland": "GB",
                    "greatbritain": "GB", "wales": "GB", "czechrepublic": "CZ", "holland": "NL", "eu": "",
                    "ger": "DE", "deu": "DE", "fra": "FR", "ita": "IT", "esp": "ES", "aut": "AT", "che": "CH",
                    "gbr": "GB", "nld": "NL", "bel": "BE", "can": "CA", "swe": "SE", "dnk": "DK", "nor": "NO",
                    "fin": "FI", "pol": "PL", "prt": "PT", "irl": "IE", "grc": "GR", "jpn": "JP"}  # fmt: skip


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if position % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def npi(value: object) -> tuple[str, str]:
    """The ten digits of a US provider number, or what is wrong (prefix 80840 belongs to the check digit)."""
    digits = digits_of(value)
    if not digits:
        return "", ""
    if not re.fullmatch(r"[12][0-9]{9}", digits):
        return "", f"“{digits[:20]}” is not an NPI of ten digits"
    if not luhn_holds("80840" + digits):
        return "", f"the check digit of NPI {digits} is wrong"
    return digits, ""


def orcid(value: object) -> tuple[str, str]:
    """An ORCID iD as four groups, out of an address or bare, or what is wrong (check digit ISO 7064 11-2)."""
    text = clean(value)
    if not text:
        return "", ""
    match = _ORCID.fullmatch(text)
    if match is None:
        return "", f"“{text[:40]}” is not an ORCID iD"
    digits = "".join(match.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    expected = (12 - total % 11) % 11
    if digits[15] != ("X" if expected == 10 else str(expected)):
        return "", f"the check digit of ORCID iD {text[:40]} is wrong"
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4)), ""


def email(value: object) -> tuple[str, str]:
    """An address in lower case, or what is wrong."""
    text = clean(value).removeprefix("mailto:")
    if not text:
        return "", ""
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text:
        return "", f"“{text[:60]}” is not an e-mail address"
    return text.lower(), ""


def telephone(value: object, country: str = "") -> tuple[str, str]:
    """A number as it is written, US numbers as +1, or what is wrong.

    Digits that a spreadsheet rounded away are wrong.
    """
    text = digits_of(value)
    if not text:
        return "", ""
    digits = re.sub(r"\D", "", text)
    if (
        re.search(r"[eE]\+?\d", text)
        or not 5 <= len(digits) <= 20
        or re.search(r"[^\d\s()+./\-extEXT#]", text)
    ):
        return "", f"“{text[:30]}” is not a telephone number"
    if country == "US" and text == digits and len(digits) == 10:
        return f"+1 {digits[:3]} {digits[3:6]} {digits[6:]}", ""
    return text, ""


def postcode(value: object, country: str) -> tuple[str, str]:
    """A postal code; in the US with the leading zeros that a spreadsheet dropped, as 04416 or 04416-1234."""
    text = digits_of(value)
    if not text:
        return "", ""
    if country == "DE" and re.fullmatch(r"\d{4}", text):
        return f"0{text}", ""
    if country != "US":
        return (text.upper(), "") if len(text) <= 12 else ("", f"“{text[:20]}” is not a postal code")
    digits = text.replace("-", "").replace(" ", "")
    if not digits.isdecimal() or not 3 <= len(digits) <= 9 or len(digits) == 6:
        return "", f"“{text[:20]}” is not a US postal code"
    digits = digits.zfill(5) if len(digits) <= 5 else digits.zfill(9)
    return (digits if len(digits) == 5 else f"{digits[:5]}-{digits[5:]}"), ""


def credentials(value: object) -> tuple[str, ...]:
    """Degrees in one spelling each, in order: “M. D., F.A.C.P.” gives MD, FACP. Unknown ones stay."""
    found: list[str] = []
    for part in re.split(r"[,;/]", clean(value)):
        whole = _degree(part)
        if whole:
            found.append(whole)
            continue
        for word in part.split():
            shown = _degree(word) or word.strip(".")
            if len(shown) > 1:
                found.append(shown[:30])
    return tuple(dict.fromkeys(found))


def _degree(text: str) -> str:
    return _DEGREES.get(re.sub(r"[.\s\d]", "", text).upper().strip("-"), "")


def title(value: object, degrees: tuple[str, ...] = ()) -> str:
    """How to address a person: the title given, else Dr. for a doctor's degree. Mr and Mrs are no titles."""
    text = clean(value)
    key = re.sub(r"[.\s]", "", text).casefold()
    if key in ("dr", "doctor"):
        return "Dr."
    if key in ("mr", "mrs", "ms", "miss", "mx", "herr", "frau", "m", "mme"):
        text = ""
    return text[:60] or ("Dr." if _DOCTORS.intersection(degrees) else "")


def name_case(value: object) -> str:
    """A name in mixed case where the register prints capitals only; mixed spelling is left alone."""
    text = clean(value)
    if not text.isupper() or len(text) < 2:
        return text
    words = []
    for word in text.split(" "):
        shown = re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), word)
        shown = re.sub(r"\bMc(\w)(?=\w{2})", lambda match: "Mc" + match[1].upper(), shown)
        shown = re.sub(r"(?<=[A-Za-z]{2})'S\b", "'s", shown)
        words.append(word if word.strip(".") in ("II", "III", "IV", "VI") else shown)
    return " ".join(words)


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in ("fr", "de", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"):
                found[folded(name)] = code
                found[code.casefold()] = code
    return found | _OTHER_COUNTRIES


def country(value: object) -> tuple[str, str]:
    """A country as two letters, out of a code or an English, German or French name."""
    text = clean(value)
    if not text:
        return "", ""
    code = _countries().get(folded(text), "")
    return (code, "") if code else ("", f"“{text[:40]}” is not a country")


@cache
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for shown_in in ("fr", "de", "en"):
        for code, name in Locale(shown_in).languages.items():
            if len(code) == 2:
                found[folded(name)] = code
                found[code] = code
    return found


def languages(value: object) -> tuple[tuple[str, ...], str]:
    """Languages as two-letter codes, out of codes or English, German or French names."""
    codes: list[str] = []
    for part in re.split(r"[;,/|]", clean(value)):
        if not part.strip():
            continue
        code = _languages().get(folded(part))
        if code is None:
            return (), f"“{part.strip()[:40]}” is not a language"
        codes.append(code)
    return tuple(dict.fromkeys(codes)), ""
