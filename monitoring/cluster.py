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

    def record_times(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, float]:
        """Timestamp, in Unix seconds, of the first record from that offset on; without those that cannot be had."""


@dataclass(slots=True)
class TwinCluster:
    """A cluster in memory. times_asked: each partition and offset that record_times was asked for, in order."""

    brokers: int = 1
    held: dict[Partition, Bounds] = field(default_factory=dict)
    states: dict[str, GroupState] = field(default_factory=dict)
    commits: dict[str, dict[Partition, int]] = field(default_factory=dict)
    times: dict[tuple[Partition, int], float] = field(default_factory=dict)
    times_asked: list[tuple[Partition, int]] = field(default_factory=list)

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

    def record_times(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, float]:
        self.times_asked += offsets.items()
        return {
            partition: self.times[partition, offset]
            for partition, offset in offsets.items()
            if (partition, offset) in self.times
        }
