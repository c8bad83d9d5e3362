"""Side effects: reported by anybody, acknowledged by Safety."""

from django.urls import path

from safety import views

app_name = "safety"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("new/", views.report_new, name="new"),
    path("<uuid:pk>/", views.report_detail, name="detail"),
    path("<uuid:pk>/acknowledgement/", views.report_acknowledgement, name="acknowledgement"),
]
