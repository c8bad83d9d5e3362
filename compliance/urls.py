"""Pages of the compliance desk."""

from django.urls import path

from compliance import finding_pages, pack_pages, trail_pages, views

app_name = "compliance"
urlpatterns = [
    path("", views.search, name="desk"),
    path("trail/", views.trail, name="trail"),
    path("trail/print/", views.trail_print, name="trail_print"),
    path("trail/export.csv", views.trail_export, name="trail_export"),
    path("trail/verification/", trail_pages.trail_verification, name="trail_verification"),
    path("trail/of/<uuid:pk>/", trail_pages.record_trail, name="record_trail"),
    path("trail/<uuid:pk>/", views.entry, name="entry"),
    path("deviations/", views.deviations, name="deviations"),
    path("deviations/<uuid:pk>/", views.deviation, name="deviation"),
    path("findings/", finding_pages.findings, name="findings"),
    path("findings/<uuid:pk>/", finding_pages.finding, name="finding"),
    path("findings/<uuid:pk>/measures/", finding_pages.finding_measure, name="finding_measure"),
    path("findings/<uuid:pk>/hearing/", finding_pages.finding_hearing, name="finding_hearing"),
    path("hearings/<uuid:pk>/", finding_pages.hearing, name="hearing"),
    path("measures/<uuid:pk>/", views.measure, name="measure"),
    path("boundary/", views.boundary, name="boundary"),
    path("rules/", pack_pages.pack_list, name="packs"),
    path("rules/<str:market>/<str:version>/", pack_pages.pack, name="pack"),
    path("rules/proposals/<uuid:pk>/confirmation/", pack_pages.pack_confirmation, name="pack_confirmation"),
    path("rules/proposals/<uuid:pk>/rejection/", pack_pages.pack_rejection, name="pack_rejection"),
]
