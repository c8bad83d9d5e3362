# ruff: noqa: E501 - a pattern is read whole
"""What can tell who a patient is: names, birth, numbers, places. English and German in one pass.

Patterns run on the original spelling, because capitals carry the meaning. Every repetition is bounded, so
that no text takes more than a fixed number of steps for each of its characters.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from .facts import Kind
from .persons import PATTERNS as OF_ONE_PERSON
from .text import Word

_I = re.IGNORECASE
_LISTS = tomllib.loads((Path(__file__).parent / "lists" / "patients.toml").read_text(encoding="utf-8"))


def _any(of: str) -> str:
    """One of the words of a list."""
    return "(?:" + "|".join(map(re.escape, _LISTS[of])) + ")"


_NOT_A_NAME = rf"{_any('no_names')}\b"
_STAY = _any("stays")
_CAP = r"[A-ZÄÖÜ][^\W\d_]{1,30}(?:[-'’][^\W\d_]{1,30})?"
_DOCTOR = r"(?:Dr|Prof|PD|Priv|Professor|Doctor|Doktor|Schwester|Sister)\b"
_PATIENT = r"\b(?:[Pp]atient(?:in)?|PATIENT|[Pp]at\.|[Pp]t\.?|[Kk]rank[er]{1,2})"
_TITLE = r"\b(?:Mr|Mrs|Ms|Miss|Herrn?|Frau|Hr|Fr)\.?[ \u00a0]{1,2}"
_TITLED = rf"{_TITLE}(?!{_DOCTOR}){_CAP}(?: {_CAP}){{0,2}}"
_INITIALS = r"[A-ZÄÖÜ]\. ?[A-ZÄÖÜ]\.?(?: ?[A-ZÄÖÜ]\.)?"
_YEARS = r"(?:years?|yrs?|y/?o|y|J\.|J\b|Jahren?|Lj)"
_AGE = r"(?:1[01]\d|[1-9]?\d)"
_OLD = rf"{_AGE}(?:[- ]years?[- ]old|[- ]?j(?:ä|ae)hrige?[rnms]?|[- ]?y/?o)"
_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|m(?:ä|ae)rz|apr(?:il)?|may|mai|june?|juni|july?|juli"
    r"|aug(?:ust)?|sep(?:t(?:ember)?)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)\.?"
)
_DATE = (
    r"(?:\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}-\d\d?-\d\d?"
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th)? {_MONTH},? \d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}})"
)
_NUMBER = r"[A-Z]{0,3}[-/ ]?\d[\dA-Z/-]{1,15}"
_STREET = (
    r"(?:[A-ZÄÖÜ][^\W\d_]{1,30}(?:-[^\W\d_]{1,30})?(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ring|damm|ufer)"
    r" ?\d{1,4} ?[a-z]?\b"
    r"|[A-ZÄÖÜ][^\W\d_]{1,30} (?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer) \d{1,4} ?[a-z]?\b"
    rf"|\d{{1,4}}[a-z]? (?:{_CAP} ){{1,3}}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Way|Terrace|Gardens)\b)"
)
_LIVES = r"(?:liv(?:es|ed|ing)|resid(?:es|ing)|(?:home |private )?address|wohn(?:t|te|haft)|Adresse(?! der)|Anschrift)"

_KIN = rf"(?:{_any('kin')})"
_CALLED = r"(?:called|named|namens|mit Namen|hei(?:ß|ss)t)"

_NOBODY = r"(?:This|That|She|He|It|There|Here|Who|Each|Every|One|Das|Dies|Er|Sie|Es|Hier|Wer|Jeder|Jede|Dieser|Diese)\b"
_OWN = r"(?:[Hh]is|[Hh]er|[Mm]y|[Tt]heir|[Ss]eine?|[Ii]hre?|[Mm]eine?|[Uu]nsere?)[rnms]?"
_OLDER = rf"(?:{_OLD} )?"

# What each pattern marks: its group 1 if it has one, else all of it.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "birth",
        re.compile(
            rf"(?:\b(?:dob|d\.o\.b|date of birth|born|geb|geboren|geburtsdatum|geburtstag)\b|\*)"
            rf"[.:, ]{{0,3}}(?:on |am |the )?{_DATE}",
            _I,
        ),
    ),
    ("birth", re.compile(rf"\b({_DATE})[^.;\n\d]{{0,20}}\b(?:birthday|geburtstag)\b", _I)),
    ("initials", re.compile(rf"(?<![\w.])({_INITIALS}[ ,(]{{1,3}}{_AGE} ?{_YEARS})")),
    ("initials", re.compile(rf"(?<![\w.])({_INITIALS} ?\({_AGE}\))")),
    ("initials", re.compile(rf"(?<!\d)({_OLD}[^.,;\n\d]{{0,30}}[ ,]{{1,2}}{_INITIALS})(?! ?{_CAP})")),
    ("initials", re.compile(rf"{_PATIENT}[ :,]{{1,3}}({_INITIALS})(?! ?{_CAP})")),
    ("initials", re.compile(rf"(?<![\w.])({_INITIALS}, ?(?:m|f|w|male|female), ?{_AGE} ?{_YEARS})")),
    ("initials", re.compile(rf"\b([A-ZÄÖÜ]{{2}},? {_AGE} ?(?:{_YEARS},? ?)?[mfwMFW])\b")),
    ("name", re.compile(rf"{_PATIENT}[ :,]{{1,3}}({_TITLED})")),
    ("name", re.compile(rf"({_TITLE}[A-ZÄÖÜ]\.)(?! ?[A-ZÄÖÜ])")),
    (
        "name",
        re.compile(
            r"(?:\b(?:patient|pat|pt)(?:'s|’s)? name(?: is)?|\bname of (?:the|my|his|her|a) patient(?: is)?"
            r"|\bname (?:der|des|seine[rs]|ihre[rs]|meine[rs]) patient(?:in|en)?s?(?: ist)?)[ :]{1,2}"
            rf"((?-i:{_CAP}(?: {_CAP})?))",
            _I,
        ),
    ),
    (
        "name",
        re.compile(
            rf"((?:[A-ZÄÖÜ]\. ?)?{_CAP}),? (?:born|geb\.|geboren|Jg\.|Jahrgang)(?: in)? ?(?:19|20)\d\d\b"
        ),
    ),
    ("name", re.compile(rf"({_TITLED}[, ]{{1,2}}\(?{_AGE})(?=\)|[,.;]|$| ?{_YEARS})", re.MULTILINE)),
    ("name", re.compile(rf"({_TITLED})[^.;\n]{{0,80}}?\b(?:{_STAY})\b")),
    ("name", re.compile(rf"\b(?:treats|treated|treating|behandelt|behandelte) ({_TITLED})")),
    ("name", re.compile(rf"{_PATIENT}[ :]{{1,2}}((?!{_NOT_A_NAME})[A-ZÄÖÜ][a-zäöüß]{{2,30}}(?: {_CAP})?)")),
    (
        "name",
        re.compile(
            rf"\b(?:[Hh]is|[Hh]er|[Mm]y|[Tt]heir|[Ss]ein|[Ii]hr|[Mm]ein|[Dd]eren|[Dd]essen)(?:e[rnms]?)? {_OLDER}{_KIN} ((?!{_NOT_A_NAME}){_CAP}(?: {_CAP})?)"
        ),
    ),
    ("name", re.compile(rf"{_PATIENT},? {_CALLED} ({_CAP}(?: {_CAP})?)")),
    (
        "name",
        re.compile(
            rf"\b(?:[Bb]oy|[Gg]irl|[Bb]aby|[Cc]hild|Junge|Mädchen|Kind),? (?:{_CALLED} )?((?!{_NOT_A_NAME}){_CAP})\b(?=[ ,.;)]|$)(?! ?{_CAP})"
        ),
    ),
    ("name", re.compile(rf"(?<![\w.])({_CAP}, {_CAP},? \(?{_AGE}\)?)(?= ?{_YEARS}| ?[mfwMFW]\b)")),
    (
        "initials",
        re.compile(
            r"\b(?:[Ii]nitials?|[Ii]nitialen|Kürzel)(?: of the patient| des Patienten)?(?: are| is| sind)?[ :]{1,2}([A-ZÄÖÜ]\. ?[A-ZÄÖÜ]\.?|[A-ZÄÖÜ]{2,3}\b)"
        ),
    ),
    ("initials", re.compile(r"(?<![\w.])([A-ZÄÖÜ]\.? ?[A-ZÄÖÜ]\.?,? (?:fe)?male,? (?:aged )?\d{2})\b")),
    (
        "address",
        re.compile(
            rf"\b(?:aged? {_AGE}|{_OLD}|{_AGE}-[Jj]ährige[rnms]?)(?: [a-zäöüß]{{2,20}}){{0,2}} (?:from|of|in|aus) ((?!{_NOT_A_NAME}){_CAP}(?: {_CAP})?)"
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:lives|living|resid(?:es|ing)|wohnt|wohnhaft|lebt) (?:alone |now |allein |jetzt )?(?:in|at|near|bei) ((?:\d{1,4} )?[A-ZÄÖÜ][^\W\d_]{1,30}(?:[ -][A-ZÄÖÜ][^\W\d_]{1,30}){0,2})"
        ),
    ),
    ("name", re.compile(rf"{_OWN} [Pp]atient(?:s|in|en|innen)?, ({_CAP})(?=[,.;)]|$)", re.MULTILINE)),
    ("name", re.compile(rf"\b[Pp]atients?(?:in|en|innen)?, ({_CAP}), (?:s?he|sie|er|who|die|der)\b")),
    (
        "name",
        re.compile(
            rf"((?!{_NOBODY}){_CAP}(?: {_CAP})?),? (?:is|was|ist|war|sei) (?:also |auch |selbst |herself |himself )?"
            r"(?:one of )?(?:a|(?:my|his|her|our|their|mein|sein|ihr|unser|ein)e?r?) patient(?:s|in)?\b"
        ),
    ),
    (
        "name",
        re.compile(
            r"\b((?:photo|picture|scan|letter|report|chart|foto|bild|befund|arztbrief|akte)\b[^.;\n]{0,30}"
            r"\b(?:with (?:the |her |his )?(?:full )?name|(?:showing|of) (?:her|his) face|mit (?:dem |ihrem |seinem |vollem )?namen))",
            _I,
        ),
    ),
    ("birth", re.compile(rf"\b(?:turns?|turned|wird|wurde) {_AGE} (?:on|am) {_DATE}", _I)),
    (
        "day",
        re.compile(
            r"\b(?:admitted|discharged|operated(?: on)?|died|delivered|hospitali[sz]ed|transplanted|aufgenommen|entlassen"
            rf"|operiert|verstorben|gestorben|entbunden|eingewiesen|verstarb)(?: on| am| vom)? ({_DATE})",
            _I,
        ),
    ),
    (
        "day",
        re.compile(
            rf"\b(?:am|on) ({_DATE}) (?:admitted|operated|died|aufgenommen|entlassen|operiert|verstorben|gestorben|eingewiesen)",
            _I,
        ),
    ),
    (
        "role",
        re.compile(
            rf"\b((?:the|our|der|die|unser|unsere|a|eine?) {_any('known_by')}\b(?:'s wife| of [A-Z]\w+)?)[^.;\n]{{0,40}}\b(?:patient|{_any('ill')})",
            _I,
        ),
    ),
    (
        "role",
        re.compile(
            rf"\bpatient(?:in)?\b[^.;\n]{{0,25}}\b((?:the|our|der|die|unser|unsere|a|eine?) {_any('known_by')})\b",
            _I,
        ),
    ),
    (
        "role",
        re.compile(
            r"\b((?:the )?only (?:patient|case|child|woman|man|girl|boy) (?:in|from|with)\b"
            r"|(?:die |der |das )?einzige[rnms]? (?:patient(?:in)?|fall|kind|frau|mann) (?:in|aus|mit)\b)",
            _I,
        ),
    ),
    (
        "record",
        re.compile(
            rf"{_PATIENT}[ :]{{1,2}}((?:#|[Nn]o\.?|[Nn]r\.?|[Nn]umber|[Nn]ummer)? ?\d[\d/-]{{2,12}}\d)\b(?! ?(?:mg|ml|%|J|y))"
        ),
    ),
    (
        "email",
        re.compile(
            r"\b[\w.+-]{1,64} ?(?:\(at\)|\[at\]| at ) ?[\w-]{2,63} ?(?:\(dot\)|\[dot\]|\.| dot ) ?(?:com|org|net|de|uk|ch|at|fr|example)\b",
            _I,
        ),
    ),
    ("phone", re.compile(r"(?<![\w.])0\d{2,4}\.\d{3}\.\d{3,5}(?![\w.])")),
    (
        "record",
        re.compile(
            r"\b(?:MRN|(?:case|hosp|hospital|patient|chart|file|record|admission|subject|screening)\.?[ -]"
            r"(?:number|no\.?|nr\.?|id)|subject|pt id"
            r"|(?:Fall|KH|Patienten|Akten|Aufnahme|Probanden|Kranken|Krankenakten|Screening)[- ]?"
            r"(?:nummer|nr\.?|id|kennung)|Proband(?:in)?(?: nr\.?)?)"
            rf"[ :#.]{{0,3}}(?=[^\n ]{{0,3}}\d[\d/-]{{2}}){_NUMBER}",
            _I,
        ),
    ),
    (
        "room",
        re.compile(
            r"\b((?:(?:side |single |private )?room|(?:[a-zäöü]{2,12})?zimmer|zi\.|cubicle|bay|kabine|koje) ?(?:no\.? ?|nr\.? ?)?\d{1,4}[a-z]?)"
            r"[:,]? [^.;\n]{0,20}?\b(?:patient(?:in)?|pat|pt|lady|gentleman|dame|refused|lehnte|died|verstarb)\b",
            _I,
        ),
    ),
    (
        "room",
        re.compile(
            r"\b(?:patient(?:in)?|pat|pt)\b\.?[^.;\n]{0,40}?\b((?:cubicle|bay|kabine|koje|ward|station|(?:single|side|private) room|einzelzimmer|doppelzimmer) ?(?:no\.? ?|nr\.? ?)?\d{1,4}[a-z]?)\b",
            _I,
        ),
    ),
    ("room", re.compile(r"\b(?:bed|bett|bettplatz) ?(?:no\.? ?|nr\.? ?)?\d{1,4}[a-z]?\b", _I)),
    (
        "room",
        re.compile(
            r"\b(?:patient(?:in)?|pat|pt|lady|woman|man|gentleman|dame|liegt|lies|ward)\b[^.;\n]{0,40}?"
            r"\b((?:(?:side )?room|(?:[a-zäöü]{2,12})?zimmer|zi\.) ?(?:no\.? ?|nr\.? ?)?\d{1,4}[a-z]?)\b",
            _I,
        ),
    ),
    (
        "phone",
        re.compile(
            r"(?<![\w./+-])(?:\+\d{1,3}[ /-]?(?:\(0\) ?)?|00\d{2}[ /-]?|\(0\d{2,5}\)[ /-]?|0\d{2,5}[ /-])"
            r"\d[\d /-]{4,13}\d(?![\w/-])"
        ),
    ),
    ("phone", re.compile(r"(?<![\w./+-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\w/-])")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    (
        "insurance",
        re.compile(
            r"\b(?:(?:insurance|policy|nhs|medicare|medicaid|member|versicherten|versicherungs|krankenkassen|kv|ahv)[- ]?"
            r"(?:number|no\.?|id|nummer|nr\.?)|kvnr|ssn|nhs)[ :.]{0,3}[A-Z]?\d[\d .-]{4,14}\d",
            _I,
        ),
    ),
    ("insurance", re.compile(r"\b\d{3}-\d{2}-\d{4}\b|\b756\.\d{4}\.\d{4}\.\d{2}\b")),
    ("address", re.compile(rf"\b{_LIVES}\b[^.;\n]{{0,30}}?\b{_STREET}")),
)
_OF_A_CLINIC = re.compile(r"clinic|hospital|practice|office|klinik|praxis|haus", _I)
_SICK = re.compile(rf"{_any('ill')}|\b(?:day|tag|bett?) \d", _I)
_COLLEAGUE = re.compile(_any("colleagues"), _I)
_WITH_TITLE = re.compile(_TITLED)
_INSURED = re.compile(r"\b[A-Z]\d{9}\b")
_NHS = re.compile(r"\b\d{3} \d{3} \d{4}\b")


def patients(text: str, read: list[Word]) -> Iterable[tuple[int, int, Kind, str]]:
    """Where the text may tell who somebody is."""
    for reason, pattern in (*_PATTERNS, *OF_ONE_PERSON):
        group = pattern.groups and 1
        for match in pattern.finditer(text):
            if reason != "address" or not _OF_A_CLINIC.search(
                text, max(0, match.start() - 12), match.start()
            ):
                yield match.start(group), match.end(group), Kind.PATIENT, reason
    for match in _WITH_TITLE.finditer(text):
        start, end = _sentence_around(text, match.start(), match.end())
        said = text[start : match.start()] + " " + text[match.end() : end]
        if _SICK.search(said) and not _COLLEAGUE.search(said):
            yield match.start(), match.end(), Kind.PATIENT, "name"
    checks: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
        (_INSURED, _german),
        (_NHS, _british),
    )
    for pattern, valid in checks:
        for match in pattern.finditer(text):
            if valid(match[0]):
                yield match.start(), match.end(), Kind.PATIENT, "insurance"


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """From the sentence's begin to its end, at most a hundred characters on either side."""
    before = max(text.rfind(stop, max(0, start - 100), start) for stop in (". ", ";", "\n"))
    after = [at for stop in (". ", ";", "\n") if (at := text.find(stop, end, end + 100)) >= 0]
    return max(before + 1, start - 100, 0), min([*after, end + 100, len(text)])


def _german(number: str) -> bool:
    """Whether the last digit of a German number of the insured checks (SGB V § 290)."""
    digits = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    weighed = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(one // 10 + one % 10 for one in weighed) % 10 == int(number[9])


def _british(number: str) -> bool:
    """Whether the last digit of an NHS number checks."""
    digits = [int(one) for one in number if one.isdecimal()]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return digits[9] == check % 11
