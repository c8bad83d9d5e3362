# ruff: noqa: E501 - a pattern is read whole
"""One person told by what she is: age and sex, whose kin, where she lies, the only one far and wide.

These join the patterns of ``patients``. Each needs two things that together speak of one person; an age alone, a range
or a group is a statement about a study.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_I = re.IGNORECASE
_LISTS = tomllib.loads((Path(__file__).parent / "lists" / "persons.toml").read_text(encoding="utf-8"))


def _any(of: str) -> str:
    return "(?:" + "|".join(map(re.escape, _LISTS[of])) + ")"


_AGE = r"(?:1[01]\d|[1-9]?\d)"
_CAP = r"[A-ZÄÖÜ][^\W\d_]{1,30}"
_SOMEBODY = _any("persons")
_KIN = _any("kin")
_ONE = r"(?:a|an|one|his|her|my|this|that|another|the|old|young|elderly)"
_EINE = r"(?:(?:k?ein|sein|ihr|mein|unser|dies)(?:e[nmrs]?)?|d(?:er|ie|en|em|as)|alte[nmr]?|junge[nmr]?)"
_OLD = rf"{_AGE}(?:[- ]years?[- ]old|[- ]?y\.?[/ ]?o\.?\b|[- ]?months?[- ]old)"
_ALT = rf"{_AGE}[- ]?j(?:ä|ae)hrige[rnms]?\b"
_ILL = _any("happens")
_NEAR = r"[^.;\n]{0,60}?"
_DECADE = (
    r"(?:in (?:his|her|their) (?:early |mid |late |mid-)?(?:[2-9]0s|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)"
    r"|(?:Anfang|Mitte|Ende|um die) (?:[2-9]0|zwanzig|dreißig|vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig)\b)"
)
_SEX = r"(?:female|male|weiblich|männlich|fem\.|masc\.|[mfwMFW])"
_YEARS = r"(?:years?|yrs?|y/?o|y|J\.?|Jahren?|Lj\.?)"
_LIES = r"(?:room|zimmer|zi\.|cubicle|bay|koje|kabine|bed|bett)"

_WORK = _any("work")
_HIS = r"(?:his|her|my|our|their|this|that|old)"
_SEIN = r"(?:(?:sein|ihr|mein|unser|dies)(?:e[nmrs]?)?|d(?:er|ie|en|em|as) alte[nr]?)"
_MORE = (
    r"(?:,? with (?:[a-z]+ )?(?:kids|children|sons|daughters|twins)|,? (?:second|third|fourth) pregnan[a-z]+"
    r"|,? mit (?:[a-zäöü]+ )?(?:Kindern|Söhnen|Töchtern|Zwillingen)|,? (?:zweite|dritte|vierte) Schwangerschaft)"
)
_DAY = rf"\d{{1,2}}(?:\.|st|nd|rd|th)? ?{_any('months')}\b|{_any('months')} \d{{1,2}}(?:st|nd|rd|th)?\b|\d{{1,2}}\.\d{{1,2}}\.(?!\d)"
_EVENT = _any("events")
_NO_PLACE = rf"(?:{_any('no_places')})\b"

PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # One person of a given age who is somebody's, or of whom more is told. An age alone is a statement of a study.
    (
        "age",
        re.compile(
            rf"\b({_HIS} (?:[a-z]{{3,12}} )?{_OLD}(?: [a-z-]{{3,20}})?)(?!-)(?! {_any('things')})", _I
        ),
    ),
    ("age", re.compile(rf"\b({_ONE} {_OLD}(?: [a-z]{{3,12}})? {_WORK})\b", _I)),
    ("age", re.compile(rf"\b({_ONE} {_OLD}(?: [a-z]{{3,12}})?{_MORE})\b", _I)),
    (
        "age",
        re.compile(
            rf"\b({_SEIN} (?:[a-zäöüß]{{3,14}} )?{_ALT}(?: [A-ZÄÖÜ][a-zäöüß]{{2,20}})?)(?! {_any('things')})",
            _I,
        ),
    ),
    ("age", re.compile(rf"\b({_EINE} {_ALT} {_WORK})\b", _I)),
    ("age", re.compile(rf"\b({_EINE} {_ALT}(?: [A-ZÄÖÜ][a-zäöüß]{{2,20}})?{_MORE})\b", _I)),
    ("age", re.compile(rf"\b({_SOMEBODY}, {_AGE}, [^\W\d_]{{3,20}}(?:, [^\W\d_]{{3,20}})?)", _I)),
    (
        "age",
        re.compile(
            rf"\b({_WORK},? (?:aged |of |von )?{_AGE})\b(?! (?:to|bis|or|oder|per|%|-|–))(?!-)(?!\.\d)", _I
        ),
    ),
    ("age", re.compile(rf"\b((?:{_SOMEBODY}|{_WORK})[, ]{{1,2}}{_DECADE})", _I)),
    (
        "age",
        re.compile(
            rf"\b((?:twins?|triplets|zwillinge?n?|drillinge?n?),? (?:aged |of |von |im Alter von )?{_AGE})\b",
            _I,
        ),
    ),
    # Sex and age in the short hand of a chart.
    ("age", re.compile(rf"(?<![\w/.-])([mfwMFW] ?/ ?{_AGE})(?![\w/%])")),
    ("age", re.compile(rf"(?<![\w/.-])({_AGE} ?/ ?[mfwMFW])(?![\w/%])")),
    ("age", re.compile(rf"(?<![\w/.-])([MFWmfw], ?{_AGE} ?{_YEARS})(?![\w])")),
    ("age", re.compile(rf"(?<![\w/.-])({_AGE} ?(?:y|yo|y/o|J\.) ?[/,]? ?[mfwMFW])(?![\w])")),
    ("age", re.compile(rf"(?<![\w.])({_AGE}[MFW])(?= (?:with|mit|on|unter|after|nach|who|came|kam)\b)")),
    ("initials", re.compile(rf"(?<![\w.])([A-ZÄÖÜ]\. ?[A-ZÄÖÜ]\.?, ?{_SEX}, ?{_AGE})\b")),
    ("initials", re.compile(rf"\b(?:[Pp]atient(?:in)?|[Pp]at\.|[Pp]t\.?) ([A-ZÄÖÜ]\.)(?! ?{_CAP})(?! ?\d)")),
    ("name", re.compile(r"\b((?:Frau|Herrn?|Mrs?|Ms|Hr\.|Fr\.)\.? [A-ZÄÖÜ](?:['’]s)?)(?![\w.'’])")),
    # Names without a title.
    ("name", re.compile(rf"\b((?:[Ll]ittle|[Bb]aby) {_CAP})\b(?! {_CAP})")),
    ("name", re.compile(rf"\b(Familie {_CAP}|[Tt]he {_CAP} family)\b")),
    (
        "name",
        re.compile(
            rf"\b((?!Alzheimer|Parkinson|Crohn|Hodgkin|Today|Let|What|That|It|Here|There){_CAP}['’]s (?:{_KIN}))\b"
        ),
    ),
    # Where somebody comes from, works, or is known from.
    ("address", re.compile(rf"\b[Pp]atient(?:in)? (?:from|aus) ((?!{_NO_PLACE}){_CAP}(?:[- ]{_CAP})?)")),
    (
        "role",
        re.compile(
            r"\b(?:patient(?:in)?|pat\.)\b[^.;\n]{0,40}?\b((?:works|worked|arbeitet|arbeitete) (?:at|for|as|in|bei|beim|als|im) [^.,;\n]{3,40})",
            _I,
        ),
    ),
    (
        "role",
        re.compile(
            r"\b((?:who|whose [a-z]+) (?:was|is|were) in the (?:news|newspapers?|papers|press|television|TV)|(?:der|die|das) in der (?:Zeitung|Presse) (?:stand|war)|aus dem Fernsehen)\b",
            _I,
        ),
    ),
    # Numbers of what belongs to one person, and where she is found on the net.
    (
        "record",
        re.compile(
            r"\b((?:serial|device|implant|pacemaker|licen[cs]e|account|Serien|Geräte|Implantat|Ausweis|Konto)[- ]?(?:number|no\.?|nummer|nr\.?)[ :#]{0,3}[A-Z]{0,4}-?\d{3,14})\b",
            _I,
        ),
    ),
    ("record", re.compile(r"(?<![\w-])([A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4})(?![\w-])(?= |[.,;)]|$)")),
    (
        "email",
        re.compile(r"\b((?:facebook|instagram|linkedin|tiktok|xing)(?:\.com)?(?:/|: ?@?)[\w.]{3,40})", _I),
    ),
    # The day on which something happened to her, without its year.
    ("day", re.compile(rf"\b{_EVENT}(?: on| am| vom)?(?: the)? ({_DAY})", _I)),
    ("day", re.compile(rf"\b(?:am|on|vom) ({_DAY})[^.;\n]{{0,25}}? {_EVENT}\b", _I)),
    (
        "birth",
        re.compile(
            r"\b((?:his|her) \d{1,3}(?:th|st|nd|rd) birthday|(?:seine|ihre)[nm]? \d{1,3}\. Geburtstag)\b", _I
        ),
    ),
    # Born in a year.
    ("birth", re.compile(r"(?<!\w)((?:Jg\.|Jahrgang|born in|geb\.(?: in)?|geboren) ?(?:19|20)\d\d)\b")),
    # Whose kin.
    (
        "kin",
        re.compile(
            rf"\b((?:my|his|her|our|their) (?:own |late )?(?:[a-z]{{3,12}}'s )?{_KIN})\b(?= [^.;\n]{{0,40}}?\b{_any('takes')})",
            _I,
        ),
    ),
    (
        "kin",
        re.compile(
            rf"\b((?:mein|sein|ihr|unser|dessen|deren)(?:e[nmrs]?)? (?:eigene[nmrs]? )?{_KIN})\b(?= [^.;\n]{{0,40}}?\b{_any('takes')})",
            _I,
        ),
    ),
    (
        "kin",
        re.compile(rf"\b((?:my|his|her|our) {_KIN}['’]s (?:[a-z]{{3,10}} )?(?:{_KIN}|{_SOMEBODY}))\b", _I),
    ),
    (
        "kin",
        re.compile(
            rf"\b((?:the )?{_KIN} of (?:the|my|his|her|our) (?:former )?[a-z]{{3,20}})\b(?= [^.;\n]{{0,60}}?\b{_any('takes')})",
            _I,
        ),
    ),
    (
        "kin",
        re.compile(
            rf"\b((?:der|die|das|den|dem) (?:[a-zäöü]{{3,12}} )?(?:{_KIN}|{_SOMEBODY}|Frau|Mann) (?:mein|sein|ihr|unser)e[rs] {_KIN})\b",
            _I,
        ),
    ),
    (
        "kin",
        re.compile(
            rf"\b((?:der|die|den|dem) (?:Frau|Mann|{_KIN}) (?:vom|von|des|der) (?:[a-zäöüß]{{3,12}}n )?[A-ZÄÖÜ][a-zäöüß]{{2,20}})\b(?= [^.;\n]{{0,60}}?\b{_any('takes')})"
        ),
    ),
    # Where she lies.
    (
        "room",
        re.compile(
            rf"\b((?:the|that) (?:one|lady|man|woman|gentleman|girl|boy|chap) (?:in|from|of) {_LIES} ?\d{{1,4}} ?[a-z]?)\b",
            _I,
        ),
    ),
    (
        "room",
        re.compile(
            rf"\b((?:der|die|das|den|dem) (?:(?:Frau|Mann|Dame|Herr|Junge|Mädchen) )?(?:aus|auf|in|von) (?:{_LIES}|Station) ?\d{{1,4}} ?[a-z]?)\b(?={_NEAR}\b(?:{_ILL}|hat|ist|war)\b)",
            _I,
        ),
    ),
    ("room", re.compile(rf"\b({_LIES} ?\d{{1,4}} ?[a-z]?)\b(?={_NEAR}\b{_ILL})", _I)),
    # The only one far and wide.
    (
        "role",
        re.compile(
            rf"\b(only (?:[a-z]+ )?[a-z]{{3,20}} (?:in|of|from) (?:the|this|our|his|her) {_any('places')})\b",
            _I,
        ),
    ),
    (
        "role",
        re.compile(
            rf"\b(einzige[nrms]? [A-ZÄÖÜ]?[a-zäöüß]{{3,20}} (?:im|in|aus|auf|weit)(?: (?:der|dem|diesem|dieser|ganzen|unserer|unserem|seinem|ihrem))? {_any('places')})\b",
            _I,
        ),
    ),
    (
        "address",
        re.compile(
            rf"\b({_SOMEBODY} from (?:the|a|her|his) (?:next |neighbouring )?(?:village|farm|town|street|house)(?: next to (?:hers|his))?)\b",
            _I,
        ),
    ),
    (
        "address",
        re.compile(
            rf"\b({_SOMEBODY} (?:aus dem|vom|von nebenan|aus der) (?:Nachbar[a-z]{{2,8}}|Dorf|Ort|Hof|Straße)?)",
            _I,
        ),
    ),
    # A title and a name of somebody to whom something happened.
    (
        "name",
        re.compile(
            rf"\b((?:[Oo]ld|[Yy]oung|[Ll]ittle|[Aa]lte[rn]?|[Kk]leine[rn]?|[Jj]unge[rn]?) (?:Mr|Mrs|Ms|Herrn?|Frau|Fr\.|Hr\.)\.? {_CAP})\b"
        ),
    ),
)
