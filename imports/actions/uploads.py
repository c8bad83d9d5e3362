"""Files as they were handed in. Looking at one writes nothing elsewhere."""

from __future__ import annotations

import hashlib

from accounts.acting import now
from accounts.models import User
from compliance import audit
from compliance.policy import Deed
from imports.models import Upload

DEEDS = {Upload.Kind.AUTHORISATIONS: Deed.IMPORT_AUTHORISATIONS, Upload.Kind.PEOPLE: Deed.IMPORT_KOLS}


@audit.action
def keep_upload(
    *, kind: Upload.Kind, filename: str, content: bytes, by: User, options: dict[str, str] | None = None
) -> Upload:
    """Keep a file until somebody has looked at what it would do."""
    audit.permit(DEEDS[kind], on=None, by=by, words=filename)
    upload = Upload.objects.create(
        kind=kind,
        filename=filename[-200:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        options=options or {},
        by=by,
        uploaded_at=now(),
    )
    audit.record("uploaded", upload, by=by, sha256=upload.sha256, size=len(content))
    return upload


def finish_upload(upload: Upload, counts: dict[str, int]) -> None:
    """Note that a file was carried out, and what came of it. Part of the import's own transaction."""
    upload.carried_out_at, upload.counts = now(), counts
    upload.save(update_fields=["carried_out_at", "counts"])
