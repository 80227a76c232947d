"""The broker of Celery's workers: RabbitMQ, with a queue of its own for every trial, gone afterwards."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from kombu import Connection

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["BROKER", "no_broker", "queue"]

BROKER: Final = os.environ.get("HAVN_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


@contextmanager
def queue() -> Generator[str]:
    """The name of a new queue."""
    name = f"havn_crash_{uuid.uuid4().hex[:12]}"
    try:
        yield name
    finally:
        with Connection(BROKER) as connection:
            channel: Any = connection.default_channel
            channel.queue_delete(name)
            channel.exchange_delete(name)


def no_broker() -> str | None:
    """Why the broker can't be had here; None when it can."""
    try:
        with Connection(BROKER, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1)
    except OSError as error:
        return f"no RabbitMQ at {Connection(BROKER).as_uri()}: {error}"
    return None
