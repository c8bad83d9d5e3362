"""The table of contents of the site."""

from importlib.util import find_spec

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
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("search/", kols_views.search, name="search"),
]
# Transitional: each app is included from the commit on that brings its pages.
for prefix, app in [
    ("", "accounts"),
    ("compliance/", "compliance"),
    ("products/", "products"),
    ("kols/", "kols"),
    ("safety/", "safety"),
    ("interactions/", "interactions"),
    ("handovers/", "handovers"),
    ("imports/", "imports"),
    ("reports/", "reports"),
]:
    if find_spec(f"{app}.urls") and (app != "products" or find_spec("handovers.rehearsal")):
        urlpatterns.append(path(prefix, include(f"{app}.urls")))
if all(find_spec(f"{app}.api") for app in ("products", "kols", "interactions", "handovers", "accounts")):
    from msl_crm.api import api_urls

    urlpatterns.append(path("api/", include(api_urls())))
