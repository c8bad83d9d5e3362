from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    name = "interactions"

    def ready(self) -> None:
        from interactions import exports  # noqa: F401 - names the list that may be taken along
