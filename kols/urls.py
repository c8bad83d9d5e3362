"""Experts: the list, each one's page, and what may be written there."""

from django.urls import path

from kols import views

app_name = "kols"
urlpatterns = [
    path("", views.kol_list, name="list"),
    path("export/", views.kol_export, name="export"),
    path("<uuid:pk>/", views.kol_detail, name="detail"),
    path("<uuid:pk>/edit/", views.kol_detail, name="edit"),
    path("<uuid:pk>/science/", views.kol_detail, name="science"),
    path("<uuid:pk>/affiliations/", views.kol_detail, name="affiliations"),
    path("<uuid:pk>/identifiers/", views.kol_detail, name="identifiers"),
    path("<uuid:pk>/markets/", views.kol_detail, name="markets"),
    path("<uuid:pk>/relations/", views.kol_detail, name="relations"),
    path("relations/<uuid:pk>/owner/", views.kol_detail, name="owner"),
    path("relations/<uuid:pk>/end/", views.kol_detail, name="end"),
]
