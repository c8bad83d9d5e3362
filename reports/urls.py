from django.urls import path

from reports import rehearsal_pages, views

app_name = "reports"
urlpatterns = [
    path("territory/", views.territory, name="territory"),
    path("rehearsal/", rehearsal_pages.rehearsal, name="rehearsal"),
    path("topics/", views.topics, name="topics"),
]
