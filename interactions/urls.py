"""Contacts: what took place, what is planned, what follows."""

from django.urls import path

from interactions import views

app_name = "interactions"
urlpatterns = [
    path("", views.interaction_list, name="list"),
    path("new/", views.interaction_new, name="new"),
    path("plan/", views.interaction_plan, name="plan"),
    path("question/", views.question_new, name="question"),
    path("follow-ups/", views.follow_up_list, name="follow_ups"),
    path("follow-ups/<uuid:pk>/completion/", views.follow_up_completion, name="follow_up_completion"),
    path("follow-ups/<uuid:pk>/reopening/", views.follow_up_reopening, name="follow_up_reopening"),
    path("<uuid:pk>/", views.interaction_detail, name="detail"),
    path("<uuid:pk>/edit/", views.interaction_edit, name="edit"),
    path("<uuid:pk>/withdrawal/", views.interaction_withdrawal, name="withdrawal"),
    path("<uuid:pk>/restoration/", views.interaction_restoration, name="restoration"),
    path("<uuid:pk>/cancellation/", views.plan_cancellation, name="cancellation"),
    path("<uuid:pk>/reinstatement/", views.plan_reinstatement, name="reinstatement"),
]
