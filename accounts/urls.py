"""Pages of the account and of the administration."""

from django.urls import path

from accounts import certificate_pages, covers, organisation, views

app_name = "accounts"
urlpatterns = [
    path("notices/", views.notice_list, name="notices"),
    path("notices/read/", views.notice_read_all, name="notice_read_all"),
    path("notices/<uuid:pk>/read/", views.notice_read, name="notice_read"),
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", views.token_new, name="token_new"),
    path("profile/tokens/<uuid:pk>/revocation/", views.token_revoke, name="token_revoke"),
    path("people/", organisation.user_list, name="users"),
    path("people/new/", organisation.user_new, name="user_new"),
    path("people/<uuid:pk>/", organisation.user_detail, name="user"),
    path("people/<uuid:pk>/appointments/", organisation.user_appoint, name="user_appoint"),
    path("people/<uuid:pk>/posts/", organisation.user_post, name="user_post"),
    path("people/<uuid:pk>/custodies/", organisation.user_custodian, name="user_custodian"),
    path("people/<uuid:pk>/closing/", organisation.user_close, name="user_close"),
    path("posts/<uuid:pk>/end/", organisation.post_end, name="post_end"),
    path("covers/", covers.cover_list, name="covers"),
    path("covers/<uuid:pk>/end/", covers.cover_end, name="cover_end"),
    path("certificates/", certificate_pages.certificate_list, name="certificates"),
    path(
        "certificates/<uuid:pk>/revocation/",
        certificate_pages.certificate_revocation,
        name="certificate_revocation",
    ),
    path("organisation/markets/new/", organisation.market_new, name="market_new"),
    path("organisation/markets/<uuid:pk>/", organisation.market_edit, name="market"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/territories/new/", organisation.territory_new, name="territory_new"),
    path(
        "organisation/territories/<uuid:pk>/regions/", organisation.territory_region, name="territory_region"
    ),
]
