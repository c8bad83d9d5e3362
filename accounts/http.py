"""The request every view receives: the sign-in middleware has let nobody else through."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request by a person with an account."""

    user: User
