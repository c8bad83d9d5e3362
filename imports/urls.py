from django.urls import path

from imports import views

app_name = "imports"
urlpatterns = [
    path("", views.import_list, name="list"),
    path("authorisations/new/", views.authorisations_new, name="new"),
    path("people/new/", views.people_new, name="people_new"),
    path("files/<uuid:pk>/", views.import_detail, name="detail"),
    path("files/<uuid:pk>/carrying-out/", views.carrying_out, name="carrying_out"),
    path("files/<uuid:pk>/rows-left-out/", views.problem_rows, name="problem_rows"),
    path("records/", views.record_list, name="records"),
    path("records/<uuid:pk>/", views.record_detail, name="record"),
    path("records/<uuid:pk>/adoption/", views.adoption, name="adoption"),
]
