"""The addresses of the second factor: allauth's own views, those of them that the product uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path

from accounts import second_factor

View = Callable[..., HttpResponseBase]


def with_one(type_: str, view: View) -> View:
    """The page where the person has such a factor; without one, the page where she adds it."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not second_factor.factors_of(request.user, type_):  # type: ignore[arg-type]
            return redirect("mfa_index")
        return view(request, *args, **kwargs)

    return page


urlpatterns = [
    path("", base.index, name="mfa_index"),
    # Asked of somebody who has given her password, or nothing yet, and is not signed in.
    path("authenticate/", login_not_required(base.authenticate), name="mfa_authenticate"),
    path("webauthn/login/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("webauthn/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("totp/activate/", app.activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", with_one(second_factor.APP, app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "recovery-codes/",
        with_one(second_factor.CODES, codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path("recovery-codes/generate/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("webauthn/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("webauthn/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
]
