"""Broker, topics and workers, up for the time of a block."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import requests

from broker.embedded.errors import AlreadyRunning, PortTaken
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import check_port, free_port
from broker.topics import check_broker, create_topics
from settings import Settings
from stream_app.cli import chosen, start_workers
from stream_app.process_group import ProcessGroup

READY_TIMEOUT_SECONDS = 1.0


@contextmanager
def running_broker(settings: Settings, *, ephemeral: bool) -> Iterator[Settings]:
    """Settings that reach a broker: the one that the user named, one that runs already, else an embedded one of ours.

    ephemeral: an embedded one keeps nothing, and takes another port where the usual one is taken.
    Raises BrokerError.
    """
    if settings.broker_is_named:
        check_broker(settings)
        yield settings
        return
    running = EmbeddedBroker(settings=settings)
    if not ephemeral:
        try:
            running.start()
        except AlreadyRunning:
            yield running.settings()
            return
        try:
            yield running.settings()
        finally:
            running.stop()
        return
    with EmbeddedBroker(settings=settings, ephemeral=True, port=_usual_port_or_any(settings)) as embedded:
        yield embedded.settings()


def start_stack(group: ProcessGroup, settings: Settings, *, metrics_ports: Sequence[int]) -> Mapping[str, str]:
    """Create the topics and start the workers; the environment that tells children where everything is.

    metrics_ports: of the workers, one each.
    """
    create_topics(settings)
    environment = {
        **os.environ,
        "HANDSTREAM_BROKER": settings.broker,
        **chosen(settings),
        # A live table shows what is going on; a child must not draw over it.
        "NO_COLOR": "1",
    }
    start_workers(group, metrics_ports=metrics_ports, threads=1, environment=environment)
    return environment


def start_gateway(group: ProcessGroup, environment: Mapping[str, str], *, port: int) -> None:
    group.start("gateway", "handstream.cli", "gateway", "--port", str(port), environment=environment)


def start_monitor(group: ProcessGroup, environment: Mapping[str, str], *, port: int) -> None:
    group.start("monitor", "handstream.cli", "monitor", "--port", str(port), environment=environment)


def worker_metrics_ports(settings: Settings, *, count: int) -> list[int]:
    """The ports that the settings name, each a free one where it is taken."""
    return [port_or_free(settings.metrics_port + index if settings.metrics_port else 0) for index in range(count)]


def port_or_free(port: int) -> int:
    """This port, or a free one where it is 0 or taken."""
    try:
        check_port(port)
    except PortTaken:
        return free_port()
    return port or free_port()


def gateway_address(settings: Settings, *, port: int) -> str:
    """Where a browser on this machine finds the live page."""
    host = "127.0.0.1" if settings.gateway_host in ("0.0.0.0", "::", "") else settings.gateway_host  # noqa: S104
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def gateway_is_ready(settings: Settings, *, port: int) -> bool:
    """Whether it has loaded its model and reached the broker."""
    try:
        return requests.get(gateway_address(settings, port=port) + "readyz", timeout=READY_TIMEOUT_SECONDS).ok
    except requests.RequestException:
        return False


def _usual_port_or_any(settings: Settings) -> int:
    port = int(settings.servers[0].rpartition(":")[2])
    try:
        check_port(port)
    except PortTaken:
        return 0
    return port
