"""What is done with files from outside: they land as they are, and propose; people decide."""

from imports.actions.adoption import adopt_record
from imports.actions.authorisations import Preview, import_authorisations, preview_authorisations
from imports.actions.people import PeoplePreview, import_people, preview_people
from imports.actions.uploads import finish_upload, keep_upload

__all__ = [
    "PeoplePreview",
    "Preview",
    "adopt_record",
    "finish_upload",
    "import_authorisations",
    "import_people",
    "keep_upload",
    "preview_authorisations",
    "preview_people",
]
