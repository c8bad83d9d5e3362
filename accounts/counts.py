"""The number on the bell. Imported when the app is ready."""

from django.http import HttpRequest

from accounts.notices import notices_of
from msl_crm.navigation import counted

MOST = 99


@counted("accounts:notices")
def unread(request: HttpRequest) -> int:
    """How many notices wait unread, up to 99; one statement by index."""
    if not request.user.is_authenticated:
        return 0
    return len(notices_of(request.user).filter(read_at=None).values_list("pk")[:MOST])
