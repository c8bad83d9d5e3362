"""The table of contents of the site."""

from django.contrib import admin
from django.urls import include, path

from msl_crm import views

urlpatterns = [
    path("", views.home, name="home"),
    path("readyz", views.ready, name="ready"),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
