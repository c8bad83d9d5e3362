from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import counts, sign_in  # noqa: F401 - registers the bell's number, connects the signals
