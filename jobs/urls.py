"""One's own long work."""

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:pk>/", views.job_detail, name="detail"),
    path("<uuid:pk>/stop/", views.job_stop, name="stop"),
    path("<uuid:pk>/result/", views.job_result, name="result"),
]
