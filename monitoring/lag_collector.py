"""One snapshot of groups and topics: how far each group is behind, in records and in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from events.topics import TopicNames
from monitoring.cluster import Cluster, GroupState, OffsetRange, Partition
from monitoring.lag import OldestRecords, PartitionLag, partition_lags
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LagScope:
    """What is looked at.

    groups: None for all that Kafka knows and that have committed in one of the topics.
    expected: a group and a topic that it reads even if it has never committed there: the workers and the frames.
    """

    groups: tuple[str, ...] | None
    topics: tuple[str, ...]
    expected: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, settings: Settings, *, groups: Sequence[str] = (), all_groups: bool = False) -> LagScope:
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
    bounds: Mapping[Partition, OffsetRange]
    groups: tuple[GroupLag, ...]


class LagCollector:
    """Takes one snapshot after the other.

    clock: Unix seconds.
    """

    def __init__(self, scope: LagScope, *, clock: Callable[[], float] = time.time) -> None:
        self._scope = scope
        self._clock = clock
        self._oldest = OldestRecords(clock=clock)

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
        lags = self._oldest.find(
            cluster,
            {
                name: [
                    lag for topic in topics for lag in partition_lags(topic, committed=committed[name], bounds=bounds)
                ]
                for name, topics in read.items()
            },
        )
        return Snapshot(
            taken_at_seconds=self._clock(),
            brokers=cluster.broker_count(),
            bounds=bounds,
            groups=tuple(GroupLag(group=name, state=states[name], partitions=lags[name]) for name in read),
        )

    def _topics_of(
        self, group: str, committed: Mapping[Partition, int], bounds: Mapping[Partition, OffsetRange]
    ) -> list[str]:
        there = {partition.topic for partition in bounds}
        used = {partition.topic for partition in committed}
        return [
            topic
            for topic in self._scope.topics
            if topic in there and (topic in used or (group, topic) in self._scope.expected)
        ]
