"""What Kafka can be asked about offsets and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# What a group that does not exist, or not any more, is said to be.
DEAD = "Dead"
STABLE = "Stable"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """First and next offset that a partition holds."""

    beginning: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRecord:
    """timestamp_seconds: of the record, Unix time."""

    offset: int
    timestamp_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """state: in Kafka's words. members: None where Kafka does not tell them in the way that we ask."""

    state: str
    members: int | None


class Cluster(Protocol):
    """Each call asks Kafka anew."""

    def broker_count(self) -> int: ...

    def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        """Of all partitions; topics that do not exist have none."""

    def group_names(self) -> Sequence[str]: ...

    def group_states(self, groups: Sequence[str]) -> Mapping[str, GroupState]: ...

    def committed(self, groups: Sequence[str]) -> Mapping[str, Mapping[Partition, int]]:
        """Of each group, the next offset that it would read, where it has committed one."""

    def first_records(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, FirstRecord | None]:
        """The first committed record from that offset on, None where there is none; without what cannot be read."""


@dataclass(slots=True)
class InMemoryCluster:
    """A cluster in memory.

    times: timestamp of the record at each partition and offset that has one, Unix seconds. unreadable: partitions of
    which no record can be had. asked: each partition and offset that first_records was asked for, in order.
    """

    brokers: int = 1
    held: dict[Partition, Bounds] = field(default_factory=dict)
    states: dict[str, GroupState] = field(default_factory=dict)
    commits: dict[str, dict[Partition, int]] = field(default_factory=dict)
    times: dict[tuple[Partition, int], float] = field(default_factory=dict)
    unreadable: set[Partition] = field(default_factory=set)
    asked: list[tuple[Partition, int]] = field(default_factory=list)

    def broker_count(self) -> int:
        return self.brokers

    def bounds(self, topics: Sequence[str]) -> Mapping[Partition, Bounds]:
        return {partition: held for partition, held in self.held.items() if partition.topic in topics}

    def group_names(self) -> Sequence[str]:
        return list(self.states)

    def group_states(self, groups: Sequence[str]) -> Mapping[str, GroupState]:
        return {group: self.states.get(group, GroupState(state=DEAD, members=0)) for group in groups}

    def committed(self, groups: Sequence[str]) -> Mapping[str, Mapping[Partition, int]]:
        return {group: self.commits.get(group, {}) for group in groups}

    def first_records(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, FirstRecord | None]:
        self.asked += offsets.items()
        return {
            partition: self._first(partition, offset)
            for partition, offset in offsets.items()
            if partition not in self.unreadable
        }

    def _first(self, partition: Partition, offset: int) -> FirstRecord | None:
        found = [at for where, at in self.times if where == partition and at >= offset]
        if not found:
            return None
        return FirstRecord(offset=min(found), timestamp_seconds=self.times[partition, min(found)])
