"""Pages of the account and of the administration."""

from django.urls import path

from accounts import (
    certificate_pages,
    covers,
    factor_pages,
    glass_pages,
    notice_pages,
    organisation,
    rights_pages,
    settings_pages,
)

app_name = "accounts"
urlpatterns = [
    path("notices/", notice_pages.notice_list, name="notices"),
    path("notices/read/", notice_pages.notice_read_all, name="notice_read_all"),
    path("notices/<uuid:pk>/read/", notice_pages.notice_read, name="notice_read"),
    path("notices/dismissal/", notice_pages.notice_dismissal, name="notice_dismissal"),
    path("notices/silence/", notice_pages.notice_silence, name="notice_silence"),
    path("profile/", settings_pages.profile, name="profile"),
    path("profile/tokens/", settings_pages.token_new, name="token_new"),
    path("profile/tokens/<uuid:pk>/revocation/", settings_pages.token_revoke, name="token_revoke"),
    path("profile/undo/", settings_pages.settings_undo, name="settings_undo"),
    path("profile/theme/", settings_pages.theme, name="theme"),
    path("profile/devices/<int:pk>/end/", settings_pages.device_end, name="device_end"),
    path("people/", organisation.user_list, name="users"),
    path("people/new/", organisation.user_new, name="user_new"),
    path("people/<uuid:pk>/", organisation.user_detail, name="user"),
    path("people/<uuid:pk>/appointments/", organisation.user_appoint, name="user_appoint"),
    path("people/<uuid:pk>/posts/", organisation.user_post, name="user_post"),
    path("people/<uuid:pk>/custodies/", organisation.user_custodian, name="user_custodian"),
    path("people/<uuid:pk>/closing/", organisation.user_close, name="user_close"),
    path("people/<uuid:pk>/factors/", factor_pages.factor_lost, name="factor_lost"),
    path("people/factors/<uuid:pk>/", factor_pages.factor_reset, name="factor_reset"),
    path("organisation/sign-in/", factor_pages.factor_rules, name="factor_rules"),
    path("people/rights/", rights_pages.rights, name="rights"),
    path("people/rights/file.csv", rights_pages.rights_file, name="rights_file"),
    path("break-glass/", glass_pages.glass, name="glass"),
    path("break-glass/<uuid:pk>/decision/", glass_pages.glass_decision, name="glass_decision"),
    path("break-glass/<uuid:pk>/end/", glass_pages.glass_end, name="glass_end"),
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
    path("organisation/markets/<uuid:pk>/undo/", organisation.market_undo, name="market_undo"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/territories/new/", organisation.territory_new, name="territory_new"),
    path(
        "organisation/territories/<uuid:pk>/regions/", organisation.territory_region, name="territory_region"
    ),
]
