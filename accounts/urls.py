"""Pages of the account."""

app_name = "accounts"
urlpatterns: list[object] = []
