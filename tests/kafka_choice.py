"""External broker when the settings name one, else testcontainers' Kafka, else the embedded broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from testcontainers.core.docker_client import DockerClient

from broker.embedded.node import EmbeddedBroker
from settings import Settings
from tests.kafka_container import kafka_container

DOCKER_TIMEOUT_SECONDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaChoice:
    """Where the tests' Kafka comes from, why, and how to start it. Nothing is started before a test asks for it."""

    description: str
    start: Callable[[], AbstractContextManager[Settings]]


def choose_kafka(settings: Settings, *, docker_answers: Callable[[], bool]) -> KafkaChoice:
    if settings.broker_is_named:
        return KafkaChoice(
            description=f"external, HANDSTREAM_BROKER names {settings.broker}", start=lambda: _external(settings)
        )
    if docker_answers():
        return KafkaChoice(
            description="testcontainers, a Docker engine answers and HANDSTREAM_BROKER names no broker",
            start=lambda: kafka_container(settings),
        )
    return KafkaChoice(
        description="embedded, HANDSTREAM_BROKER names no broker and no Docker engine answers",
        start=lambda: _embedded(settings),
    )


def docker_engine_answers() -> bool:
    # Without an engine the client raises errors of its own, of requests and of the socket: all say the same.
    try:
        return bool(DockerClient(timeout=DOCKER_TIMEOUT_SECONDS).client.ping())
    except Exception:
        return False


@contextmanager
def _external(settings: Settings) -> Iterator[Settings]:
    yield settings


@contextmanager
def _embedded(settings: Settings) -> Iterator[Settings]:
    with EmbeddedBroker(settings=settings, ephemeral=True) as broker:
        yield broker.settings()
