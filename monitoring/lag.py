"""How far consumer groups are behind, asked from Kafka with clients of our own.

The worker's own idea of its lag freezes when the worker does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from monitoring.cluster import STABLE, Cluster, OffsetRange, Partition
from monitoring.kafka_cluster import KafkaCluster
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionLag:
    """Records of one partition that the group has not committed.

    committed: next offset that the group would read, or None where it never committed.
    beginning, end: first and next offset that the partition holds.
    oldest: offset of the oldest record that waits, the end where none does; None where that was not looked for.
    seconds: age of that record, 0 where there is none; None where it is not known or was not asked.
    """

    topic: str
    partition: int
    committed: int | None
    beginning: int
    end: int
    oldest: int | None = None
    seconds: float | None = None

    @property
    def next_offset(self) -> int:
        """Offset of the oldest record that waits. A group that never committed begins with what there is."""
        # What retention deleted is no longer waiting, whatever the group had committed.
        return max(self.committed or 0, self.beginning, self.oldest or 0)

    @property
    def records(self) -> int:
        """An upper bound where offsets without a record lie behind the oldest one."""
        # A topic that was deleted and made anew may end before what the group had committed.
        return max(0, self.end - self.next_offset)


def partition_lags(
    topic: str, *, committed: Mapping[Partition, int], bounds: Mapping[Partition, OffsetRange]
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


@dataclass(frozen=True, slots=True)
class _Oldest:
    """The first record from offset `asked` on. timestamp: None where there is none before `offset`, which was the end.

    timestamp, first_seen: Unix seconds.
    """

    asked: int
    offset: int
    timestamp: float | None
    first_seen: float

    def answers(self, lag: PartitionLag) -> bool:
        if not self.asked <= lag.next_offset <= self.offset <= lag.end:
            return False
        return self.timestamp is not None or self.offset == lag.end

    def seconds(self, now: float) -> float:
        # A camera's clock may be ahead; that the record waits since we saw it is certain.
        return 0.0 if self.timestamp is None else max(now - self.timestamp, now - self.first_seen, 0.0)


class OldestRecords:
    """Finds the oldest record that waits in each partition, and remembers it, so that each is read only once.

    A group that has read all there is commits the offset behind its last record. Transaction markers and aborted
    transactions may follow, which nobody reads: they are no lag.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._known: dict[tuple[str, Partition], _Oldest] = {}

    def find(self, cluster: Cluster, lags: Mapping[str, Sequence[PartitionLag]]) -> dict[str, tuple[PartitionLag, ...]]:
        """The lags of each group, with their oldest records. All others are forgotten."""
        known: dict[tuple[str, Partition], _Oldest] = {}
        for group, of_group in lags.items():
            unknown: dict[Partition, tuple[int, PartitionLag]] = {}
            for lag in of_group:
                partition = Partition(lag.topic, lag.partition)
                before = self._known.get((group, partition))
                if lag.records and before is not None and before.answers(lag):
                    known[group, partition] = before
                elif lag.records:
                    unknown[partition] = (lag.next_offset, lag)
            found = cluster.first_records({one: offset for one, (offset, _) in unknown.items()}) if unknown else {}
            now = self._clock()
            for partition, first in found.items():
                asked, lag = unknown[partition]
                known[group, partition] = (
                    _Oldest(asked, lag.end, None, now)
                    if first is None
                    else _Oldest(asked, first.offset, first.timestamp_seconds, now)
                )
        self._known = known
        now = self._clock()
        return {
            group: tuple(self._with_oldest(group, lag, now=now) for lag in of_group) for group, of_group in lags.items()
        }

    def _with_oldest(self, group: str, lag: PartitionLag, *, now: float) -> PartitionLag:
        if not lag.records:
            return replace(lag, seconds=0.0)
        known = self._known.get((group, Partition(lag.topic, lag.partition)))
        return lag if known is None else replace(lag, oldest=known.offset, seconds=known.seconds(now))


class LagReader:
    """Reads a group's lag on one topic, in records. Keeps its connections; close it. Raises KafkaError."""

    def __init__(self, settings: Settings, *, group: str, topic: str) -> None:
        self._cluster = KafkaCluster(settings)
        self._group = group
        self._topic = topic
        self._oldest = OldestRecords()
        self._committed: Mapping[Partition, int] | None = None

    def read(self) -> tuple[PartitionLag, ...]:
        """Lag of each partition, in their order; empty where the topic does not exist."""
        # First what was committed: asked after the ends, it could lie beyond them.
        committed = self._cluster.committed([self._group])[self._group]
        lags = partition_lags(self._topic, committed=committed, bounds=self._cluster.bounds([self._topic]))
        before, self._committed = self._committed, committed
        if before is None or before == committed:
            # A group that moves on has records to read; looking for each next one would cost a fetch of it.
            lags = self._oldest.find(self._cluster, {self._group: lags})[self._group]
        return lags

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


class FirstBacklog:
    """The records that were there when it was made, and that the group has not committed since."""

    def __init__(self, reader: LagReader) -> None:
        self._reader = reader
        self._ends = {lag.partition: lag.end for lag in reader.read()}

    def frames(self) -> int:
        """How many of them are not yet processed."""
        return sum(max(0, self._ends.get(lag.partition, 0) - lag.next_offset) for lag in self._reader.read())
