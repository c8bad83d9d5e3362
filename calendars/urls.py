"""The calendar, what goes out of it and what comes in."""

from django.urls import path

from calendars import views

app_name = "calendars"
urlpatterns = [path("", views.calendar, name="calendar")]
