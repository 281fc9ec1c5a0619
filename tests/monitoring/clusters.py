"""A cluster without a broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitoring.cluster import DEAD, FirstRecord, GroupState, OffsetRange, Partition


@dataclass(slots=True)
class InMemoryCluster:
    """A cluster in memory.

    times: timestamp of the record at each partition and offset that has one, Unix seconds. unreadable: partitions of
    which no record can be had. asked: each partition and offset that first_records was asked for, in order.
    """

    brokers: int = 1
    held: dict[Partition, OffsetRange] = field(default_factory=dict)
    states: dict[str, GroupState] = field(default_factory=dict)
    commits: dict[str, dict[Partition, int]] = field(default_factory=dict)
    times: dict[tuple[Partition, int], float] = field(default_factory=dict)
    unreadable: set[Partition] = field(default_factory=set)
    asked: list[tuple[Partition, int]] = field(default_factory=list)

    def broker_count(self) -> int:
        return self.brokers

    def bounds(self, topics: Sequence[str]) -> Mapping[Partition, OffsetRange]:
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
