"""Side effects: reported by anybody, acknowledged by Safety."""

from django.urls import path

from safety import reconciliation_pages, views

app_name = "safety"
urlpatterns = [
    path("", views.report_list, name="list"),
    path("new/", views.report_new, name="new"),
    path("told-in-passing/", views.cue_list, name="cues"),
    path("reconciliation/", reconciliation_pages.reconciliation_list, name="reconciliations"),
    path("reconciliation/<uuid:pk>/", reconciliation_pages.reconciliation_detail, name="reconciliation"),
    path("desks/", views.desk_list, name="desks"),
    path("desks/<uuid:market>/<str:route>/", views.desk_edit, name="desk"),
    path("<uuid:pk>/", views.report_detail, name="detail"),
    path("<uuid:pk>/acknowledgement/", views.report_acknowledgement, name="acknowledgement"),
    path("<uuid:pk>/completion/", views.report_completion, name="completion"),
    path("<uuid:pk>/rebuttal/", views.report_rebuttal, name="rebuttal"),
    path("<uuid:pk>/file/", views.report_file, name="file"),
]
