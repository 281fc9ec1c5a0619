"""Consumers that read a whole topic without a consumer group: readers do not disturb each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from broker.clients import kafka_python_options
from broker.header_names import read_any_header_name
from broker.topics import BOOTSTRAP_TIMEOUT_MS, BrokerError
from settings import Settings

SILENCE_SECONDS = 10.0
ANSWER_SECONDS = 15.0


class TopicMissing(BrokerError):
    """There is no such topic."""


def partitions_of(consumer: Any, topic: str) -> list[TopicPartition]:
    """All partitions of a topic. Raises TopicMissing."""
    partitions = sorted(consumer.partitions_for_topic(topic) or ())
    if not partitions:
        raise TopicMissing(
            f"there is no topic {topic!r}: start a worker, which makes the topics, or check HANDSTREAM_TOPIC_PREFIX"
        )
    return [TopicPartition(topic, partition) for partition in partitions]


class _AskingConsumer(KafkaConsumer):  # type: ignore[misc]
    """kafka-python keeps quiet about a broker that went away while it waits for records; so this one asks."""

    def __init__(self, *, silence_seconds: float, answer_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._silence_seconds = silence_seconds
        self._answer_seconds = answer_seconds
        self._heard_at = time.monotonic()

    def poll(self, *arguments: Any, **options: Any) -> dict[TopicPartition, list[Any]]:
        polled: dict[TopicPartition, list[Any]] = super().poll(*arguments, **options)
        asks = not polled and time.monotonic() - self._heard_at > self._silence_seconds
        if asks:
            self.end_offsets(list(self.assignment()), timeout_ms=int(self._answer_seconds * 1000))
        if polled or asks:
            self._heard_at = time.monotonic()
        return polled


@contextmanager
def consumer(
    settings: Settings,
    *,
    silence_seconds: float = SILENCE_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    **more: Any,
) -> Iterator[Any]:
    """A kafka-python consumer that neither joins a group, nor commits, nor makes topics. more: its options.

    It reads committed records alone: no frame or prediction of a transaction that was aborted.

    Its poll() raises a KafkaError where nothing came for silence_seconds and then the broker, asked whether it is still
    there, gave no answer for answer_seconds.
    """
    client = _AskingConsumer(
        silence_seconds=silence_seconds,
        answer_seconds=answer_seconds,
        **kafka_python_options(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        # Only where the broker has meanwhile deleted what was to be read next: go on with the oldest that is left.
        auto_offset_reset="earliest",
        allow_auto_create_topics=False,
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        metrics_enabled=False,
        **more,
    )
    read_any_header_name(client)
    try:
        yield client
    finally:
        client.close(autocommit=False)
