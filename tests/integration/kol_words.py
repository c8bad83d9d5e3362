"""What the stories of the expert pages say and ask again and again."""

from __future__ import annotations

import csv
import io
import re

from django.urls import reverse

from accounts.acting import acting_as
from kols.actions import open_relation, register_kol

SECRET = "Her trial of the quokka subgroup"
HEARD = "Asked about the wombat cut-off"


def text(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def bare(answer):
    """The bytes of an answer without what is random in each."""
    return re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]+"', b"", answer.content)


def rows(client, **query):
    """The export as the person gets it, without its heading."""
    answer = client.get(reverse("kols:export"), query)
    assert answer.status_code == 200
    words = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(words)))


def more_kols(mara, germany, use, *names):
    with acting_as(mara):
        kols = [register_kol(by=mara, family_name=name, main_market=germany) for name in names]
        for kol in kols:
            open_relation(kol, use, by=mara)
    return kols
