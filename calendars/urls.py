"""The calendar, what goes out of it and what comes in."""

from django.urls import path

from calendars import sharing, views

app_name = "calendars"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("sharing/", sharing.sharing, name="sharing"),
    path("feeds/", sharing.feed_new, name="feed_new"),
    path("feeds/<uuid:pk>/revocation/", sharing.feed_revoke, name="feed_revoke"),
    # The one address that opens without signing in: the secret in it says who asks.
    path("feed/<str:secret>.ics", sharing.feed, name="feed"),
    path("sources/", sharing.source_new, name="source_new"),
    path("sources/<uuid:pk>/removal/", sharing.source_remove, name="source_remove"),
    path("file/", sharing.file_in, name="file_in"),
    path("suggestions/<uuid:pk>/plan/", sharing.suggestion_plan, name="suggestion_plan"),
    path("suggestions/<uuid:pk>/dismissal/", sharing.suggestion_dismiss, name="suggestion_dismiss"),
]
