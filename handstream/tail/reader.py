"""Reads all partitions of a topic without a consumer group: readers do not disturb each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from kafka import TopicPartition

from broker.consuming import partitions_of
from handstream.tail.batch import BatchOf, Received, decode_batch
from handstream.tail.start import Edge, Start

R = TypeVar("R")


class Reader(Protocol[R]):
    """Where predictions, or gesture events, come from."""

    def read(self, *, timeout_seconds: float) -> BatchOf[R]:
        """What is there, at once; an empty batch when nothing came for that long."""


class RecordReader(Generic[R]):
    """A Reader of a topic; consumer: of broker.consuming. Faults of the broker come out as kafka.errors.KafkaError."""

    def __init__(self, consumer: Any, *, topic: str, decode: Callable[[Iterable[Any]], BatchOf[R]]) -> None:
        self._consumer = consumer
        self._decode = decode
        self._partitions = partitions_of(consumer, topic)
        consumer.assign(self._partitions)

    def start(self, start: Start) -> None:
        """Go to where reading starts. A partition that holds nothing so young is read from its end."""
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(self._partitions)
        found: dict[TopicPartition, Any] = {}
        if isinstance(start, datetime):
            milliseconds = int(start.timestamp() * 1000)
            found = self._consumer.offsets_for_times(dict.fromkeys(self._partitions, milliseconds))
        elif start is Edge.EARLIEST:
            ends = self._consumer.beginning_offsets(self._partitions)
        for partition in self._partitions:
            at = found.get(partition)
            self._consumer.seek(partition, ends[partition] if at is None else at.offset)

    def read(self, *, timeout_seconds: float) -> BatchOf[R]:
        polled = self._consumer.poll(timeout_ms=int(timeout_seconds * 1000))
        return self._decode(record for records in polled.values() for record in records)

    def ends(self) -> dict[TopicPartition, int]:
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(self._partitions)
        return ends

    def has_read(self, ends: dict[TopicPartition, int]) -> bool:
        return all(self._consumer.position(partition) >= end for partition, end in ends.items())


class TopicReader(RecordReader[Received]):
    """A Reader of predictions."""

    def __init__(self, consumer: Any, *, topic: str) -> None:
        super().__init__(consumer, topic=topic, decode=decode_batch)
