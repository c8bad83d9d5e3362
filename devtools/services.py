"""The pair of private servers, once for the demo and once for the tests."""

from __future__ import annotations

from dataclasses import dataclass

from devtools.postgres import Cluster
from devtools.valkey import Valkey


@dataclass(frozen=True)
class Services:
    """PostgreSQL and Valkey that belong together."""

    name: str
    durable: bool

    @property
    def postgres(self) -> Cluster:
        return Cluster(self.name, self.durable)

    @property
    def valkey(self) -> Valkey:
        return Valkey(self.name, self.durable)

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()

    def addresses(self) -> dict[str, str]:
        """What the settings read, and the owner's address for migrate and seed_demo."""
        return {
            "DATABASE_URL": self.postgres.url("crm_web"),
            "OWNER_DATABASE_URL": self.postgres.url("crm_owner"),
            "REDIS_URL": self.valkey.url(),
        }


DEMO = Services("demo", durable=True)
TEST = Services("test", durable=False)
