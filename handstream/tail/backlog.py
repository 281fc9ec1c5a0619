"""The frames that the workers had still to process when reading began."""

from __future__ import annotations

from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import partitions_of


class Backlog:
    """Compares what the workers have committed with the ends that `frames` had at first.

    consumer, admin: kafka-python clients; their KafkaErrors come out, but for those that pass by themselves.
    """

    def __init__(self, *, consumer: Any, admin: Any, topic: str, group: str) -> None:
        self._consumer = consumer
        self._admin = admin
        self._group = group
        self._ends: dict[TopicPartition, int] = consumer.end_offsets(partitions_of(consumer, topic))

    def frames(self) -> int:
        """How many of them are not yet processed."""
        # What has outlived its retention unprocessed is gone: nobody will commit it.
        done: dict[TopicPartition, int] = self._consumer.beginning_offsets(list(self._ends))
        if self._missing(done) == 0:
            return 0
        for partition, offset in self._committed().items():
            done[partition] = max(done[partition], offset)
        return self._missing(done)

    def _missing(self, done: dict[TopicPartition, int]) -> int:
        return sum(max(end - done[partition], 0) for partition, end in self._ends.items())

    def _committed(self) -> dict[TopicPartition, int]:
        try:
            offsets = self._admin.list_group_offsets({self._group: list(self._ends)})[self._group]
        except KafkaError as error:
            # A broker that has never had a group, or has just started, has no coordinator for a moment.
            if not error.retriable:
                raise
            return {}
        return {partition: found.offset for partition, found in offsets.items()}
