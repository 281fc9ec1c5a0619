"""Apache Kafka in a container, for the tests: the same image as in docker-compose.yml."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from testcontainers.core.container import DockerContainer

from broker.embedded.lock import KAFKA_VERSION
from broker.embedded.ports import free_port
from broker.embedded.properties import server_properties
from broker.topics import BrokerUnavailable, check_broker
from settings import Settings

IMAGE = f"apache/kafka:{KAFKA_VERSION}"
START_TIMEOUT_SECONDS = 60.0
_CONTROLLER_PORT = 9093
_DATA = "/var/lib/kafka/data"


@contextmanager
def kafka_container(settings: Settings) -> Iterator[Settings]:
    """A broker with the properties of the embedded one; settings that reach it."""
    # Clients are sent to the port that the broker advertises, so it is chosen before the container is there.
    port = free_port()
    properties = server_properties(
        settings=settings,
        port=port,
        controller_port=_CONTROLLER_PORT,
        log_dir=_DATA,
        extra={"listeners": f"CLIENT://:{port},CONTROLLER://127.0.0.1:{_CONTROLLER_PORT}"},
    )
    container = DockerContainer(IMAGE).with_bind_ports(port, port)
    for name, value in properties.items():
        container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    with container:
        reached = settings.model_copy(update={"broker": f"127.0.0.1:{port}"})
        _wait_until_it_answers(reached)
        yield reached


def _wait_until_it_answers(settings: Settings) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        try:
            check_broker(settings)
            return
        except BrokerUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
