from django.apps import AppConfig


class KolsConfig(AppConfig):
    name = "kols"

    def ready(self) -> None:
        from kols import exports  # noqa: F401 - names the list that may be taken along
