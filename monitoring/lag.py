"""How far consumer groups are behind, asked from Kafka with clients of our own.

The worker's own idea of its lag freezes when the worker does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from monitoring.cluster import STABLE, Bounds, Partition
from monitoring.kafka_cluster import KafkaCluster
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """Records of one partition that the group has not committed.

    committed: next offset that the group would read, or None where it never committed.
    beginning, end: first and next offset that the partition holds.
    seconds: age of the oldest of these records, 0 where there is none; None where it is not known or was not asked.
    """

    topic: str
    partition: int
    committed: int | None
    beginning: int
    end: int
    seconds: float | None = None

    @property
    def next_offset(self) -> int:
        """Offset of the oldest record that waits. A group that never committed begins with what there is."""
        # What retention deleted is no longer waiting, whatever the group had committed.
        return max(self.committed or 0, self.beginning)

    @property
    def records(self) -> int:
        # A topic that was deleted and made anew may end before what the group had committed.
        return max(0, self.end - self.next_offset)


def partition_lags(
    topic: str, *, committed: Mapping[Partition, int], bounds: Mapping[Partition, Bounds]
) -> tuple[PartitionLag, ...]:
    """Lag of each partition of the topic, in their order. committed: of one group."""
    return tuple(
        PartitionLag(
            topic=topic,
            partition=partition.number,
            committed=committed.get(partition),
            beginning=held.beginning,
            end=held.end,
        )
        for partition, held in sorted(bounds.items(), key=lambda item: item[0])
        if partition.topic == topic
    )


class LagReader:
    """Reads a group's lag on one topic, in records. Keeps its connections; close it."""

    def __init__(self, settings: Settings, *, group: str, topic: str) -> None:
        self._cluster = KafkaCluster(settings)
        self._group = group
        self._topic = topic

    def read(self) -> tuple[PartitionLag, ...]:
        """Lag of each partition, in their order; empty where the topic does not exist."""
        # First what was committed: asked after the ends, it could lie beyond them.
        committed = self._cluster.committed([self._group])[self._group]
        return partition_lags(self._topic, committed=committed, bounds=self._cluster.bounds([self._topic]))

    def members(self) -> int:
        """Members of the group that have their partitions; 0 while these are being shared out."""
        group = self._cluster.group_states([self._group])[self._group]
        return group.members or 0 if group.state == STABLE else 0

    def close(self) -> None:
        self._cluster.close()

    def __enter__(self) -> LagReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
