"""Settings are saved section by section, take effect, and come back with one press."""

from __future__ import annotations

import re

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import notice_kinds, notices
from accounts.acting import acting_as, system
from accounts.models import Notice, NoticeChoice
from accounts.notices import deliver_due, send_digests, tell
from accounts.wording import SENTENCES
from tests.integration.test_notices import MORNING, told
from tests.integration.test_sign_in import sign_in

pytestmark = pytest.mark.django_db
READING = {
    "section": "reading",
    "language": "en-gb",
    "time_zone": "Europe/Berlin",
    "theme": "system",
    "phone": "",
}


def kept(person):
    with acting_as(person):
        person.refresh_from_db()
    return person


def test_each_section_saves_its_own_and_leaves_the_others_alone(mara, client_of):
    browser = client_of(mara)
    browser.post("/profile/", {**READING, "theme": "dark", "density": "compact"})
    browser.post("/profile/", {"section": "keyboard"})
    browser.post("/profile/", {"section": "start", "start_page": "kols:list"})

    person = kept(mara)
    assert (person.theme, person.density) == ("dark", "compact")
    assert (person.shortcuts, person.start_page) == (False, "kols:list")
    page = browser.get("/profile/").text
    assert 'data-density="compact"' in page
    assert 'data-shortcuts="off"' in page


def test_a_saving_is_undone_with_one_press(mara, client_of):
    browser = client_of(mara)
    page = browser.post("/profile/", {**READING, "theme": "dark"}, follow=True).text
    assert f'action="{reverse("accounts:settings_undo")}"' in page
    assert kept(mara).theme == "dark"

    browser.post(reverse("accounts:settings_undo"))
    assert kept(mara).theme == "system"
    browser.post(reverse("accounts:settings_undo"))
    assert kept(mara).theme == "system"


def test_a_start_page_of_another_role_is_not_offered(mara, client_of):
    page = client_of(mara).post("/profile/", {"section": "start", "start_page": "compliance:trail"})
    assert page.status_code == 200
    assert kept(mara).start_page == ""


def test_the_start_page_is_where_signing_in_leads(mara, client):
    def land() -> str:
        done = client.post("/account/login/", {"login": mara.email, "password": "correct horse battery"})
        client.post("/account/logout/")
        return done.url

    assert land() == "/"
    with acting_as(mara):
        type(mara).objects.filter(pk=mara.pk).update(start_page="kols:list")
    assert land() == "/kols/"
    with acting_as(mara):
        type(mara).objects.filter(pk=mara.pk).update(start_page="compliance:trail")
    assert land() == "/"


def test_the_theme_switches_from_anywhere_and_leads_nowhere_else(mara, client_of):
    browser = client_of(mara)
    here, elsewhere = "http://testserver/kols/?q=x", "https://elsewhere.example/"
    assert browser.post("/profile/theme/", headers={"Referer": here}).url == here
    assert kept(mara).theme == "dark"
    assert browser.post("/profile/theme/", headers={"Referer": elsewhere}).url == "/"
    assert kept(mara).theme == "light"


def test_a_device_is_signed_out_there_and_only_by_its_owner(mara, felix, client_of):
    here, there = Client(), Client()
    sign_in(here, mara.email)
    sign_in(there, mara.email)
    with acting_as(mara):
        device = UserSession.objects.get(session_key=there.session.session_key)
    address = reverse("accounts:device_end", args=[device.pk])

    assert client_of(felix).post(address).status_code == 404
    assert there.get("/profile/").status_code == 200
    here.post(address)
    assert there.get("/profile/").status_code == 302
    assert here.get("/profile/").status_code == 200


# The matrix ----------------------------------------------------------------------------------------


def switch(person, kind, **ways):
    with acting_as(person):
        row = {"inside": True, "mail": True, "digest": True, **ways}
        notice_kinds.choose(person, [[kind, row["inside"], row["mail"], row["digest"]]])


def test_every_kind_that_has_a_sentence_has_a_row_in_somebodys_matrix():
    assert set(SENTENCES) == set(notice_kinds.KINDS)
    assert all(sides for _name, sides in notice_kinds.KINDS.values())


def test_field_service_reads_no_word_of_what_medical_is_told(felix, mara, client_of):
    medical = [row.name for row in matrix(mara) if row.kind == "met_on_one_day"]
    assert str(medical[0]) in client_of(mara).get("/profile/").text
    page = client_of(felix).get("/profile/").text
    for kind, (name, sides) in notice_kinds.KINDS.items():
        assert (str(name) in page) == (felix.side in sides), kind


def matrix(person):
    with acting_as(person):
        return notice_kinds.matrix_of(person)


def test_who_wants_no_mail_of_a_kind_gets_none_and_sees_it_in_the_application(felix):
    switch(felix, "handover_assigned", mail=False)
    told(felix)
    assert deliver_due() == 0
    assert mail.outbox == []
    with acting_as(felix):
        assert notices.notices_of(felix).count() == 1
        assert not Notice.objects.filter(mailed_at=None).exists()


def test_who_wants_it_by_mail_alone_does_not_see_it_in_the_application(felix, client_of):
    told(felix)
    assert "is to become yours" in client_of(felix).get("/notices/").text
    switch(felix, "handover_assigned", inside=False)
    assert "is to become yours" not in client_of(felix).get("/notices/").text
    assert deliver_due() == 1


@pytest.mark.parametrize(("digest", "count"), [(True, 1), (False, 0)])
def test_the_digest_goes_out_for_what_one_wants_in_it(felix, digest, count):
    from datetime import timedelta

    told(felix, at=MORNING - timedelta(hours=2))
    switch(felix, "handover_assigned", digest=digest)
    with acting_as(system("a morning"), at=MORNING):
        assert send_digests() == count


def test_what_must_not_be_overlooked_cannot_be_switched_off(felix, client_of):
    with acting_as(system("tell")):
        tell(felix, "new_device", "one")
    browser = client_of(felix)
    browser.post("/profile/", {"section": "notices"})
    assert "new device" in browser.get("/notices/").text
    with acting_as(felix):
        assert NoticeChoice.objects.filter(person=felix, kind="handover_assigned", inside=False).exists()
    browser.post(reverse("accounts:notice_silence"), {"kind": "new_device"})
    assert "new device" in browser.get("/notices/").text


def test_a_kind_is_muted_in_place_and_comes_back(felix, client_of):
    told(felix)
    browser = client_of(felix)
    browser.post(reverse("accounts:notice_silence"), {"kind": "handover_assigned"})
    browser.get("/notices/")
    assert "Prof. Keller is to become yours" not in browser.get("/notices/").text
    browser.post(reverse("accounts:settings_undo"))
    assert "Prof. Keller is to become yours" in browser.get("/notices/").text


# The page of notices -------------------------------------------------------------------------------


def test_dismissed_is_gone_until_it_is_undone(felix, otto, client_of):
    told(felix)
    browser = client_of(felix)
    with acting_as(felix):
        notice = Notice.objects.get()
    client_of(otto).post(reverse("accounts:notice_dismissal"), {"ids": str(notice.pk)})
    assert "is to become yours" in browser.get("/notices/").text

    page = browser.post(reverse("accounts:notice_dismissal"), {"ids": str(notice.pk)}, follow=True).text
    assert "is to become yours" not in page
    undo = re.search(r'action="(/notices/dismissal/[^"]+)"', page)
    browser.post(undo[1].replace("&amp;", "&"))
    assert "is to become yours" in browser.get("/notices/").text


def test_what_is_about_one_object_stands_together_and_many_of_a_kind_too(felix, client_of):
    one, other = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "4fa85f64-5717-4562-b3fc-2c963f66afa6"
    told(felix, f"handover assigned {one} v1")
    page = client_of(felix).get("/notices/").text
    assert page.count("Prof. Keller is to become yours") >= 1
    assert f'action="/handovers/{one}/acceptance/"' in page

    told(felix, f"handover assigned {other} v1")
    page = client_of(felix).get("/notices/").text
    assert "An account is to become yours: 2" in page
    assert "/acceptance/" not in page


def test_a_fault_of_ours_names_a_reference_that_stands_in_the_log(client, caplog, settings):
    from django.test import RequestFactory

    from msl_crm.views import broken

    page = broken(RequestFactory().get("/kols/"))
    reference = re.search(r'x-hash">([0-9A-F]{8})<', page.content.decode())
    assert page.status_code == 500
    assert reference[1] in caplog.text


def test_a_setting_of_the_organisation_comes_back_with_one_press_too(anton, germany, client_of):
    from accounts.models import Market

    browser, address = client_of(anton), reverse("accounts:market", args=[germany.pk])
    browser.post(address, {"name": "Deutschland", "calendar": "DE", "active": "on"})
    with acting_as(anton):
        assert Market.objects.get(pk=germany.pk).name == "Deutschland"
    browser.post(reverse("accounts:market_undo", args=[germany.pk]))
    with acting_as(anton):
        assert Market.objects.get(pk=germany.pk).name == "Germany"
