"""Addresses of handovers. Nouns; the verbs are HTTP's."""

from django.urls import path

from handovers.views import accounts, batches, boards, field, item

app_name = "handovers"
urlpatterns = [
    path("", boards.campaign_list, name="list"),
    path("campaigns/<uuid:pk>/", boards.campaign_board, name="board"),
    path("campaigns/<uuid:pk>/release/", boards.campaign_release, name="release"),
    path("campaigns/<uuid:pk>/record/", boards.campaign_record, name="record"),
    path("account-requests/", accounts.accounts_asked, name="accounts_asked"),
    path("account-requests/<uuid:pk>/answer/", accounts.account_answer, name="account_answer"),
    path("mine/", batches.mine, name="mine"),
    path("preparation/", batches.preparation, name="preparation"),
    path("approval/", batches.approval, name="approval"),
    path("assignments/", field.assignments, name="assignments"),
    path("inbox/", field.inbox, name="inbox"),
    path("acceptance/", field.acceptance, name="acceptances"),
    path("<uuid:pk>/", item.dossier, name="dossier"),
    path("<uuid:pk>/preview/", item.preview, name="preview"),
    path("<uuid:pk>/acceptance/", field.acceptance, name="acceptance"),
    path("<uuid:pk>/refusal/", field.refusal, name="refusal"),
    path("<uuid:pk>/no-field/", field.no_field, name="no_field"),
    path("<uuid:pk>/return/", item.send_back, name="send_back"),
    path("<uuid:pk>/exemption/", item.exemption, name="exemption"),
    path("<uuid:pk>/exit/", item.exit_decision, name="exit"),
    path("<uuid:pk>/resumption/", item.resumption, name="resumption"),
    path("<uuid:pk>/reversal/", item.reversal, name="reversal"),
    path("<uuid:pk>/hold/", item.hold, name="hold"),
    path("<uuid:pk>/hold/end/", item.release_hold, name="release_hold"),
    path("<uuid:pk>/clearance/", item.clearance, name="clearance"),
]
