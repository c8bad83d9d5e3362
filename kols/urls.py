"""Experts: the list, each one's page, and what may be written there."""

from django.urls import path

from kols import views

app_name = "kols"
urlpatterns = [
    path("", views.kol_list, name="list"),
    path("views/new/", views.view_new, name="view_new"),
    path("views/<uuid:pk>/", views.view_change, name="view_change"),
    path("views/<uuid:pk>/removal/", views.view_removal, name="view_removal"),
    path("views/<uuid:pk>/restoration/", views.view_restoration, name="view_restoration"),
    path("export/", views.kol_export, name="export"),
    path("new/", views.kol_new, name="new"),
    path("<uuid:pk>/", views.kol_detail, name="detail"),
    path("<uuid:pk>/brief/", views.kol_brief, name="brief"),
    path("<uuid:pk>/network/", views.kol_network, name="network"),
    path("<uuid:pk>/edit/", views.kol_edit, name="edit"),
    path("<uuid:pk>/status/", views.kol_status, name="status"),
    path("<uuid:pk>/merge/", views.kol_merge, name="merge"),
    path("<uuid:pk>/science/", views.kol_science, name="science"),
    path("<uuid:pk>/affiliations/", views.kol_affiliations, name="affiliations"),
    path("<uuid:pk>/identifiers/", views.kol_identifiers, name="identifiers"),
    path("<uuid:pk>/seats/", views.kol_seats, name="seats"),
    path("seats/<uuid:pk>/end/", views.seat_end, name="seat_end"),
    path("<uuid:pk>/goal/", views.kol_goal, name="goal"),
    path("<uuid:pk>/markets/", views.kol_markets, name="markets"),
    path("<uuid:pk>/consents/", views.kol_consents, name="consents"),
    path("consents/<uuid:pk>/withdrawal/", views.consent_withdrawal, name="withdrawal"),
    path("objections/<uuid:pk>/lifting/", views.objection_lifting, name="lifting"),
    path("<uuid:pk>/relations/", views.kol_relations, name="relations"),
    path("relations/<uuid:pk>/owner/", views.relation_owner, name="owner"),
    path("relations/<uuid:pk>/end/", views.relation_end, name="end"),
]
