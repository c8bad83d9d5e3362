"""What the scripts say, in the language of whoever reads it."""

from __future__ import annotations

import json

from django.utils.translation import gettext as _


def words() -> str:
    """Sentences that any page may need, by name, as JSON for an attribute. `%s` is filled in by the script."""
    return _json(
        {
            "saved": _("All saved"),
            "waiting": _("%s waiting"),
            "offline": _("Offline, %s waiting"),
            "nothing": _("Offline"),
            "sending": _("Sending %s"),
            "needs": _("%s needs you"),
            "draft": _("Draft kept on this device"),
            "unkept": _("Not kept on this device"),
            "signin": _("Sign in to send %s"),
            "waits": _("Entries that wait on this device until their author signs in: %s."),
            "kept": _("Visit kept on this device. It sends itself once you are online."),
            "back": _("Your draft is back, as it stood."),
            "afresh": _("Start afresh"),
            "topic": _("Choose at least one topic."),
            "basis": _("Say how it came up."),
            "when": _("Say when it was."),
            "effect": _("Write down what happened."),
            "discard": _("discard"),
            "send_failed": _("Not everything could be sent. Keep it here, or try again."),
            "gone": _("Discarded."),
            "none": _("Nothing."),
        }
    )


def page_words() -> str:
    """Sentences of the page "On this device" and of the pages without network."""
    return _json(
        {
            "title": _("Offline"),
            "show": _("Show"),
            "sure": _("Really discard?"),
            "locked": _("Locked"),
            "absent": _("This page is not on your device. It opens once you are online."),
            "as_of": _("Offline. As of %s."),
            "aged": _("Kept since %s"),
            "sent": _("Sent %s"),
            "bytes": _("%s kB"),
            "copied": _("Copied."),
            "pin_short": _("At least six digits, twice the same."),
            "pin_set": _("The PIN opens your pages on this device while you are offline."),
            "pin_wrong": _("That is not the PIN. After five wrong ones it is forgotten."),
            "pin_online": _("Setting a PIN needs the network."),
            "persisted": _("The browser keeps it until you remove it."),
            "passing": _("The browser may remove it when space is short."),
            "used": _("%s used on this device"),
            "installed": _("Installed on this device"),
            "removed": _("Removed. Unsent entries stay."),
            "days": _("Days until Safari may remove what waits: %s."),
        }
    )


def _json(said: dict[str, str]) -> str:
    return json.dumps(said, ensure_ascii=False)
