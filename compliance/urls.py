"""Pages of the compliance desk."""

from django.urls import path

from compliance import views

app_name = "compliance"
urlpatterns = [
    path("", views.search, name="desk"),
    path("trail/", views.trail, name="trail"),
    path("trail/export.csv", views.trail_export, name="trail_export"),
    path("trail/<uuid:pk>/", views.entry, name="entry"),
    path("deviations/", views.deviations, name="deviations"),
    path("deviations/<uuid:pk>/", views.deviation, name="deviation"),
    path("measures/<uuid:pk>/", views.measure, name="measure"),
    path("boundary/", views.boundary, name="boundary"),
]
