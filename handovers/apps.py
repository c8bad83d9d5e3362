from django.apps import AppConfig


class HandoversConfig(AppConfig):
    name = "handovers"

    def ready(self) -> None:
        """Register the numbers beside the places in the side bar."""
        from handovers import counts  # noqa: F401
