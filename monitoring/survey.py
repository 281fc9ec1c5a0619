"""One look at groups and topics: who is how far behind, in records and in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from events.topics import TopicNames
from monitoring.cluster import Bounds, Cluster, GroupState, Partition
from monitoring.lag import PartitionLag, partition_lags
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is looked at.

    groups: None for all that Kafka knows and that have committed in one of the topics.
    expected: a group and a topic that it reads even if it has never committed there: the workers and the frames.
    """

    groups: tuple[str, ...] | None
    topics: tuple[str, ...]
    expected: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, settings: Settings, *, groups: Sequence[str] = (), all_groups: bool = False) -> Scope:
        """groups: by default that of the workers."""
        names = TopicNames(settings.topic_prefix)
        chosen = tuple(dict.fromkeys(groups)) or (settings.consumer_group,)
        return cls(
            groups=None if all_groups else chosen,
            topics=names.all(),
            expected=frozenset({(settings.consumer_group, names.frames)}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLag:
    """partitions: of each topic in which the group has committed, or is expected to."""

    group: str
    state: GroupState
    partitions: tuple[PartitionLag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """taken_at_seconds: Unix time."""

    taken_at_seconds: float
    brokers: int
    bounds: Mapping[Partition, Bounds]
    groups: tuple[GroupLag, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """The oldest record that waits. timestamp: its own; first_seen: when we found it waiting. Unix seconds."""

    offset: int
    timestamp: float
    first_seen: float

    def seconds(self, now: float) -> float:
        # A camera's clock may be ahead; that the record waits since we saw it is certain.
        return max(now - self.timestamp, now - self.first_seen, 0.0)


class Survey:
    """Takes one look after the other, and remembers the oldest records, so that each is read only once.

    clock: Unix seconds.
    """

    def __init__(self, scope: Scope, *, clock: Callable[[], float] = time.time) -> None:
        self._scope = scope
        self._clock = clock
        self._waiting: dict[tuple[str, Partition], _Waiting] = {}

    def take(self, cluster: Cluster) -> Snapshot:
        """May raise what the cluster raises."""
        scope = self._scope
        names = cluster.group_names() if scope.groups is None else scope.groups
        # First what was committed: asked after the ends, it could lie beyond them.
        committed = cluster.committed(names)
        bounds = cluster.bounds(scope.topics)
        read = {name: self._topics_of(name, committed[name], bounds) for name in names}
        if scope.groups is None:
            read = {name: topics for name, topics in read.items() if topics}
        states = cluster.group_states(list(read))
        groups = [
            GroupLag(
                group=name,
                state=states[name],
                partitions=tuple(
                    lag for topic in topics for lag in partition_lags(topic, committed=committed[name], bounds=bounds)
                ),
            )
            for name, topics in read.items()
        ]
        self._remember(cluster, groups)
        now = self._clock()
        return Snapshot(
            taken_at_seconds=now,
            brokers=cluster.broker_count(),
            bounds=bounds,
            groups=tuple(self._with_seconds(group, now=now) for group in groups),
        )

    def _topics_of(
        self, group: str, committed: Mapping[Partition, int], bounds: Mapping[Partition, Bounds]
    ) -> list[str]:
        there = {partition.topic for partition in bounds}
        used = {partition.topic for partition in committed}
        return [
            topic
            for topic in self._scope.topics
            if topic in there and (topic in used or (group, topic) in self._scope.expected)
        ]

    def _remember(self, cluster: Cluster, groups: Sequence[GroupLag]) -> None:
        """Keep the oldest waiting record of each partition, and read those that are not known yet."""
        waiting: dict[tuple[str, Partition], _Waiting] = {}
        for group in groups:
            unknown: dict[Partition, int] = {}
            for lag in group.partitions:
                if not lag.records:
                    continue
                partition = Partition(lag.topic, lag.partition)
                known = self._waiting.get((group.group, partition))
                if known is not None and known.offset == lag.next_offset:
                    waiting[group.group, partition] = known
                else:
                    unknown[partition] = lag.next_offset
            times = cluster.record_times(unknown) if unknown else {}
            now = self._clock()
            for partition, timestamp in times.items():
                waiting[group.group, partition] = _Waiting(unknown[partition], timestamp, now)
        self._waiting = waiting

    def _with_seconds(self, group: GroupLag, *, now: float) -> GroupLag:
        return replace(
            group,
            partitions=tuple(
                replace(lag, seconds=self._seconds(group.group, lag, now=now)) for lag in group.partitions
            ),
        )

    def _seconds(self, group: str, lag: PartitionLag, *, now: float) -> float | None:
        if not lag.records:
            return 0.0
        known = self._waiting.get((group, Partition(lag.topic, lag.partition)))
        return None if known is None else known.seconds(now)
