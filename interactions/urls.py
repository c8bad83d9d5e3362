"""Contacts: what took place, what is planned, what follows."""

from django.urls import path

from interactions.views import (
    days,
    follow_ups,
    joint,
    left,
    may_i,
    mismatches,
    plans,
    preclear,
    questions,
    records,
    signing,
    solicitation,
    visits,
)
from interactions.views import words as word_views

app_name = "interactions"
urlpatterns = [
    path("", records.interaction_list, name="list"),
    path("export/", records.interaction_export, name="export"),
    path("new/", visits.interaction_new, name="new"),
    path("companions/", visits.companion_list, name="companions"),
    path("first-steps/<str:step>/", days.step_skip, name="step_skip"),
    path("plan/", plans.interaction_plan, name="plan"),
    path("may-i/", may_i.may_i, name="may_i"),
    path("signing/", signing.draft_signing, name="signing"),
    path("mismatches/", mismatches.mismatch_list, name="mismatches"),
    path("mismatches/<uuid:pk>/settlement/", mismatches.mismatch_settlement, name="mismatch_settlement"),
    path("question/", questions.question_new, name="question"),
    path("requests/", solicitation.request_shares, name="request_shares"),
    path("joint/", joint.joint_visits, name="joint_visits"),
    path("left/", left.left_drafts, name="left_drafts"),
    path("left/<uuid:pk>/", left.left_draft, name="left_draft"),
    path("pre-approval/", preclear.preclearances, name="preclearances"),
    path("pre-approval/new/", preclear.preclearance_new, name="preclearance_new"),
    path("pre-approval/<uuid:pk>/answer/", preclear.preclearance_answer, name="preclearance_answer"),
    path("words/", word_views.words_marked, name="words"),
    path("kept-words/", word_views.words_kept, name="kept_words"),
    path("follow-ups/", follow_ups.follow_up_list, name="follow_ups"),
    path("follow-ups/<uuid:pk>/completion/", follow_ups.follow_up_completion, name="follow_up_completion"),
    path("follow-ups/<uuid:pk>/reopening/", follow_ups.follow_up_reopening, name="follow_up_reopening"),
    path("<uuid:pk>/", records.interaction_detail, name="detail"),
    path("<uuid:pk>/attendance/", records.attendance_list, name="attendance"),
    path("<uuid:pk>/edit/", visits.interaction_edit, name="edit"),
    path("<uuid:pk>/withdrawal/", records.interaction_withdrawal, name="withdrawal"),
    path("<uuid:pk>/restoration/", records.interaction_restoration, name="restoration"),
    path("<uuid:pk>/date-approval/", preclear.date_approval, name="date_approval"),
    path("<uuid:pk>/move/", plans.plan_move, name="move"),
    path("<uuid:pk>/cancellation/", plans.plan_cancellation, name="cancellation"),
    path("<uuid:pk>/reinstatement/", plans.plan_reinstatement, name="reinstatement"),
]
