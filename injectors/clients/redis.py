"""One short conversation with a Redis server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from injectors.addresses import require_private
from injectors.bound_services import BoundRedis, password_of
from injectors.disobedience import KnobError

PATIENCE_S = 5.0


@contextmanager
def conversation(bound: BoundRedis, name: str = "blackstart") -> Iterator[Redis]:
    """Raises KnobError where nobody answers in time, and for whatever the server refuses."""
    host, port = bound.address
    try:
        client = Redis(
            host=require_private(host),
            port=port,
            username=bound.user,
            password=password_of(bound),
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            decode_responses=True,
            client_name=name,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            yield client
        finally:
            client.close()
    except (OSError, RedisError) as error:
        raise KnobError(f"Redis at {host}:{port}: {error}") from None
