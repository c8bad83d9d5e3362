"""One page that says how many people there are."""

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import path


def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def groups(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(Group.objects.count()))


urlpatterns = [path("healthz", health), path("groups", groups)]
