"""What is done with files from outside: they land as they are, and propose; people decide."""

from imports.actions.adoption import adopt_record
from imports.actions.authorisations import Preview, import_authorisations, preview_authorisations
from imports.actions.people import PeoplePreview, chosen, import_people, import_some, preview_people
from imports.actions.uploads import finish_upload, keep_upload

__all__ = [
    "PeoplePreview",
    "Preview",
    "adopt_record",
    "chosen",
    "finish_upload",
    "import_authorisations",
    "import_people",
    "import_some",
    "keep_upload",
    "preview_authorisations",
    "preview_people",
]
