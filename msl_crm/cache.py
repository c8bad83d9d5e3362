"""The cache client: a broker that is away costs a page nothing but the cached value."""

from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry


class PatientRedisCache(RedisCache):
    """Redis without the three seconds of retries that its client adds when the server is down."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("retry", Retry(NoBackoff(), 0))
        super().__init__(server, params)
