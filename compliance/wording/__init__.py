"""What free text says beside the answers of a form: names, praise and patients. Plain Python, no Django.

``Reader(facts).marks(text)`` gives the places a person should look at once more. It suggests and never
closes a question: what it misses is measured (``measure``), not assumed away.
"""

from .facts import Facts, Kind, Level, Mark, Name, NameSort
from .levels import level_of
from .reader import Reader
from .text import LONGEST, first_keys
from .words import sentence

__all__ = [
    "LONGEST",
    "Facts",
    "Kind",
    "Level",
    "Mark",
    "Name",
    "NameSort",
    "Reader",
    "first_keys",
    "level_of",
    "sentence",
]
