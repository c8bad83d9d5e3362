"""The table of contents of the site."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver
from django.views.i18n import set_language

from interactions.views.device import visit_from_device
from kols import views as kols_views
from msl_crm import styleguide, views
from msl_crm.offline import device, shell

handler500 = "msl_crm.views.broken"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("readyz", views.ready, name="ready"),
    path("sw.js", shell.worker, name="worker"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("offline/<str:language>/", shell.page, name="shell"),
    path("device/", device.device_page, name="device"),
    path("device/key/", device.device_key, name="device_key"),
    path("device/data/", device.device_data, name="device_data"),
    path("device/visits/", visit_from_device, name="device_visits"),
    path("account/", include("allauth.account.urls")),
    path("account/mfa/", include("accounts.factor_urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("search/", kols_views.search, name="search"),
    path("search/index/", kols_views.search_index, name="search_index"),
    path("search/hits/", kols_views.search_hits, name="search_hits"),
    # Chosen before signing in as well.
    path("language/setlang/", login_not_required(set_language), name="set_language"),
    path("", include("accounts.urls")),
    path("compliance/", include("compliance.urls")),
    path("products/", include("products.urls")),
    path("kols/", include("kols.urls")),
    path("safety/", include("safety.urls")),
    path("interactions/", include("interactions.urls")),
    path("handovers/", include("handovers.urls")),
    path("imports/", include("imports.urls")),
    path("reports/", include("reports.urls")),
    path("calendar/", include("calendars.urls")),
    path("reviews/", include("reviews.urls")),
    path("jobs/", include("jobs.urls")),
    path("api/", include("msl_crm.routes")),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
