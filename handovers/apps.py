from django.apps import AppConfig


class HandoversConfig(AppConfig):
    name = "handovers"

    def ready(self) -> None:
        """Register the numbers beside the places in the side bar, and the step that is taken with many."""
        from handovers import counts, long  # noqa: F401
