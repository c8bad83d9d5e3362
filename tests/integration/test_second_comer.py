"""Two people press at one instant: one is done, the other is shown what stands now, on the page and on the wire."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.acting import acting_as, system
from products.models import LifecycleEntry
from tests.integration.test_concurrency import assigned, look, suspension  # noqa: F401
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def pressing(client, url, data=None, **more):
    return lambda: client.post(url, data or {}, **more)


def test_of_two_confirmations_one_counts_and_the_other_sees_the_entry_confirmed(
    authorise,
    novastat_hf,
    suspension,  # noqa: F811
    ralf,
    client_of,
):
    authorise(novastat_hf)
    url = reverse("products:confirmation", args=[suspension.pk])
    answers = at_once(*[pressing(client_of(ralf), url) for _ in range(2)])
    done, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (done.status_code, second.status_code) == (302, 409)
    html = second.content.decode()
    assert "Confirmed" in html
    assert "Ralf Winter" in html
    with acting_as(system("look")):
        assert (
            LifecycleEntry.objects.filter(use=novastat_hf, state="SUSPENDED")
            .exclude(confirmed_at=None)
            .count()
            == 1
        )


def test_of_two_acceptances_on_the_wire_one_counts_and_the_other_hears_the_state(assigned, felix, client_of):  # noqa: F811
    url = f"/api/handovers/{assigned.pk}/acceptance/"
    press = [
        pressing(client_of(felix), url, {"version": assigned.version}, content_type="application/json")
        for _ in "12"
    ]
    done, second = sorted(at_once(*press), key=lambda answer: answer.status_code)
    assert (done.status_code, second.status_code) == (200, 409)
    assert second.json()["handover"]["state"] == "ACCEPTED"
    assert look(assigned).state == "ACCEPTED"


def test_whoever_declines_what_was_accepted_in_another_window_sees_it_accepted(assigned, felix, client_of):  # noqa: F811
    browser = client_of(felix)
    assert browser.post(reverse("handovers:acceptance", args=[assigned.pk])).status_code == 302
    second = browser.post(reverse("handovers:acceptance", args=[assigned.pk]))
    declined = browser.post(reverse("handovers:refusal", args=[assigned.pk]), {"reason": "CAPACITY"})
    for answer in (second, declined):
        assert answer.status_code == 409
        assert "Accepted" in answer.content.decode()
    assert look(assigned).state == "ACCEPTED"


def test_whoever_sends_back_what_was_sent_back_sees_where_it_stands(assigned, felix, lena, client_of):  # noqa: F811
    client_of(felix).post(reverse("handovers:acceptance", args=[assigned.pk]))
    url, browser = reverse("handovers:send_back", args=[assigned.pk]), client_of(lena)
    answers = [browser.post(url, {"reason": "TERRITORY"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "waits for a rep to be named" in answers[1].content.decode()


def test_whoever_ticks_what_waits_no_longer_sees_where_it_stands(assigned, felix, frieda, mara, client_of):  # noqa: F811
    ticked = {"item": [str(assigned.pk)], f"rep-{assigned.pk}": str(felix.pk)}
    press = [pressing(client_of(felix), reverse("handovers:acceptances"), ticked) for _ in "12"]
    done, second = sorted(at_once(*press), key=lambda answer: answer.status_code)
    named = client_of(frieda).post(reverse("handovers:assignments"), ticked)
    signed = client_of(mara).post(reverse("handovers:preparation"), ticked)

    assert done.status_code == 302
    assert [answer.status_code for answer in (second, named, signed)] == [409, 409, 409]
    for answer in (second, signed):
        assert "Accepted" in answer.content.decode()
    assert "None of them waits for this step any more." in named.content.decode()
    assert look(assigned).state == "ACCEPTED"


def test_nothing_ticked_is_no_conflict(assigned, felix, client_of):  # noqa: F811
    assert client_of(felix).post(reverse("handovers:acceptances")).status_code == 302
