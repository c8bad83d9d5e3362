from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "imports"

    def ready(self) -> None:
        from imports import long  # noqa: F401 - how a long list is registered
        from imports.names import others
        from interactions.words import OTHER_NAMES

        OTHER_NAMES.append(others)
