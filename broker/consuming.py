"""Consumers that read a whole topic without a consumer group: readers do not disturb each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from broker.clients import kafka_python_options
from broker.header_names import read_any_header_name
from broker.settings import Settings
from broker.topics import BOOTSTRAP_TIMEOUT_MS, BrokerError


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


@contextmanager
def consumer(settings: Settings, **more: Any) -> Iterator[Any]:
    """A kafka-python consumer that neither joins a group, nor commits, nor makes topics. more: its options."""
    client = KafkaConsumer(
        **kafka_python_options(settings),
        group_id=None,
        enable_auto_commit=False,
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
