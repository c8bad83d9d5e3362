from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "imports"

    def ready(self) -> None:
        from imports.names import others
        from interactions.words import OTHER_NAMES

        OTHER_NAMES.append(others)
