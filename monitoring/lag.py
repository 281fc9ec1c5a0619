"""How far a consumer group is behind, asked from Kafka with a client of our own.

The worker's own idea of its lag freezes when the worker does.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from broker.clients import kafka_python_options
from broker.settings import Settings

COORDINATOR_TIMEOUT_SECONDS = 10

# A new broker first has to create the topic that it keeps groups and their offsets in.
_PATIENT = retry(
    retry=retry_if_exception_type((CoordinatorNotAvailableError, CoordinatorLoadInProgressError)),
    stop=stop_after_delay(COORDINATOR_TIMEOUT_SECONDS),
    wait=wait_fixed(0.2),
    reraise=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """Records of one partition that the group has not committed.

    committed: next offset that the group would read, or None where it never committed.
    beginning, end: first and next offset that the partition holds.
    """

    partition: int
    committed: int | None
    beginning: int
    end: int

    @property
    def records(self) -> int:
        # What retention deleted is no longer waiting, whatever the group had committed.
        return self.end - max(self.committed or 0, self.beginning)


class LagReader:
    """Reads a group's lag on one topic. Keeps its connections; close it."""

    def __init__(self, settings: Settings, *, group: str, topic: str) -> None:
        options = kafka_python_options(settings)
        self._admin = KafkaAdminClient(**options)
        self._consumer = KafkaConsumer(**options)
        self._group = group
        self._topic = topic

    def read(self) -> tuple[PartitionLag, ...]:
        """Lag of each partition, in their order; empty where the topic does not exist."""
        numbers = self._consumer.partitions_for_topic(self._topic) or set()
        partitions = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        if not partitions:
            return ()
        committed = self._committed(partitions)
        beginnings = self._consumer.beginning_offsets(partitions)
        ends = self._consumer.end_offsets(partitions)
        return tuple(
            PartitionLag(
                partition=partition.partition,
                committed=_known(committed.get(partition)),
                beginning=beginnings[partition],
                end=ends[partition],
            )
            for partition in partitions
        )

    def members(self) -> int:
        """Members of the group that have their partitions; 0 while these are being shared out."""
        group = self._described()
        return len(group["members"]) if group["group_state"] == "Stable" else 0

    @_PATIENT
    def _described(self) -> dict[str, Any]:
        return dict(self._admin.describe_groups([self._group])[self._group])

    @_PATIENT
    def _committed(self, partitions: list[TopicPartition]) -> dict[TopicPartition, object]:
        return dict(self._admin.list_group_offsets({self._group: partitions})[self._group])

    def close(self) -> None:
        self._admin.close()
        self._consumer.close()

    def __enter__(self) -> LagReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _known(committed: object) -> int | None:
    offset = getattr(committed, "offset", -1)
    return offset if isinstance(offset, int) and offset >= 0 else None
