from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    name = "compliance"

    def ready(self) -> None:
        # `migrate` applies everything before the first of these signals, so once is enough.
        post_migrate.connect(_apply_grants, sender=self)
        from compliance import verification  # noqa: F401 - how the trail is checked as a job is registered


def _apply_grants(using: str, **_: object) -> None:
    from compliance import grants

    grants.apply(using)
