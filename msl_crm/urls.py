"""The table of contents of the site."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from kols import views as kols_views
from msl_crm import styleguide, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("readyz", views.ready, name="ready"),
    path("account/", include("allauth.account.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("search/", kols_views.search, name="search"),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("accounts.urls")),
    path("compliance/", include("compliance.urls")),
    path("products/", include("products.urls")),
    path("kols/", include("kols.urls")),
    path("safety/", include("safety.urls")),
    path("interactions/", include("interactions.urls")),
    path("handovers/", include("handovers.urls")),
    path("imports/", include("imports.urls")),
    path("reports/", include("reports.urls")),
    path("api/", include("msl_crm.routes")),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
