"""A signature stands on a fresh proof: the password and, where an app is enrolled, its code (R-141, 11.200, 11.300)."""

from __future__ import annotations

import pytest
from allauth.core import context
from django.core.cache import cache
from django.test import RequestFactory

from accounts.acting import acting_as, system
from accounts.models import Notice
from accounts.reauthentication import NotProved, SignForm, proof_of, prove, signed_by
from accounts.sign_in import locked
from compliance.models import AuditEntry
from tests.integration.factor_stage import PASSWORD, code_of, enrol

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_memory():
    cache.clear()


def asked_of(person, **data):
    request = RequestFactory().post("/sign/", data)
    request.user, request.session, request.by_token = person, {}, False  # type: ignore[assignment, attr-defined]
    return request


def proved(person, password=PASSWORD, code=""):
    request = asked_of(person)
    with acting_as(person), context.request_context(request):
        return proof_of(request, password, code)


def refused(person, password=PASSWORD, code=""):
    """The field that was wrong. Caught inside: what was counted is committed, as a form does it."""
    request = asked_of(person)
    with acting_as(person), context.request_context(request), pytest.raises(NotProved) as missing:
        proof_of(request, password, code)
    return missing.value.field


def entries(verb):
    with acting_as(system("look")):
        rows = AuditEntry.objects.filter(verb=verb).order_by("sequence")
        return [(e.subject_words, e.refused, e.facts["factor"]) for e in rows]


def test_the_password_alone_proves_who_has_enrolled_nothing(mara):
    proof = proved(mara)
    assert (proof.person, proof.how, proof.spent) == (mara, "password", False)


def test_who_has_an_app_proves_herself_with_both_and_with_each_code_once(mara):
    factor = enrol(mara)
    assert refused(mara, PASSWORD) == "code"
    code = code_of(factor)
    assert proved(mara, PASSWORD, code).how == "password+totp"
    assert refused(mara, PASSWORD, code) == "code"
    cache.clear()
    assert refused(mara, PASSWORD, code) == "code"
    assert proved(mara, PASSWORD, code_of(factor, steps=1)).how == "password+totp"


def test_a_recovery_code_stands_in_for_the_app_once_and_is_in_the_trail(mara):
    enrol(mara, codes=True)
    with acting_as(mara):
        code = mara.authenticator_set.get(type="recovery_codes").wrap().get_unused_codes()[3]
    assert proved(mara, PASSWORD, code).how == "password+recovery code"
    assert refused(mara, PASSWORD, code) == "code"


def test_a_wrong_try_is_in_the_trail_and_five_lock_the_account_here_and_raise_an_alarm(mara, anton, clara):
    factor = enrol(mara)
    assert [refused(mara, "wrong", code_of(factor)) for _ in range(3)] == ["password"] * 3
    assert [refused(mara, PASSWORD, "000000") for _ in range(2)] == ["code"] * 2
    assert refused(mara, PASSWORD, code_of(factor)) == "password"

    assert (
        entries("refused a new proof of")
        == [("Mara Lindqvist", True, "password")] * 3 + [("Mara Lindqvist", True, "code")] * 2
    )
    with acting_as(system("look")):
        assert AuditEntry.objects.filter(verb="locked the account of").count() == 1
        told = Notice.objects.filter(kind__in=("account_locked", "account_of_locked"), urgent=True)
        assert sorted(told.values_list("person__given_name", flat=True)) == ["Anton", "Clara", "Mara"]
    request = asked_of(mara)
    with acting_as(mara):
        assert "Try again at" in locked(request).content.decode()


def test_nobody_proves_that_she_is_somebody_else(mara, felix):
    request = asked_of(mara)
    with acting_as(felix), context.request_context(request):
        mara.set_password("quite another horse")
        mara.save()
    assert refused(mara, PASSWORD) == "password"
    assert proved(felix).person == felix
    request = asked_of(felix)
    with acting_as(felix), context.request_context(request):
        assert prove(request, {"password": "wrong"}) is None


def test_the_form_asks_for_the_code_only_where_there_is_an_app_and_uses_it_up_only_when_all_is_there(
    mara, felix
):
    factor = enrol(mara)
    with acting_as(felix):
        assert list(SignForm(request=asked_of(felix)).fields) == ["password"]
    request = asked_of(mara)
    with acting_as(mara), context.request_context(request):
        empty = SignForm({"code": code_of(factor)}, request=request)
        assert not empty.is_valid()
        assert list(empty.errors) == ["password"]
        with pytest.raises(AttributeError):
            signed_by(request)
        whole = SignForm({"password": PASSWORD, "code": code_of(factor)}, request=request)
        assert whole.is_valid(), whole.errors
        assert (signed_by(request), whole.proof.person) == ("password+totp", mara)


def test_a_secret_sealed_under_another_key_proves_nothing(mara, settings):
    factor = enrol(mara)
    code = code_of(factor)
    settings.SECRET_KEY = "another key altogether"
    assert refused(mara, PASSWORD, code) == "code"
    # The first code of an empty secret.
    assert refused(mara, PASSWORD, "755224") == "code"


def test_the_secret_is_in_no_column_no_history_and_no_line_of_the_trail(mara):
    from django.db import connection

    from compliance.models import RowChange

    factor = enrol(mara)
    from accounts import sealing
    from accounts.second_factor import PURPOSE

    secret = sealing.unseal(PURPOSE, factor.data["secret"])
    with acting_as(system("look")), connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        assert secret not in cursor.fetchone()[0]
        assert not RowChange.objects.filter(table="mfa_authenticator").exists()
        trail = str(list(AuditEntry.objects.filter(verb="added to the sign-in").values()))
    assert "an app for codes" in trail
    assert secret not in trail
    assert factor.data["secret"] not in trail
