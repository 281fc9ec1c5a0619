"""What Kafka can be asked about offsets and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# What a group that does not exist, or not any more, is said to be.
DEAD = "Dead"
STABLE = "Stable"


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetRange:
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
    """state: in Kafka's words. members: None where this kind of request does not return them."""

    state: str
    members: int | None


class Cluster(Protocol):
    """Each call asks Kafka anew."""

    def broker_count(self) -> int: ...

    def bounds(self, topics: Sequence[str]) -> Mapping[Partition, OffsetRange]:
        """Of all partitions; topics that do not exist have none."""

    def group_names(self) -> Sequence[str]: ...

    def group_states(self, groups: Sequence[str]) -> Mapping[str, GroupState]: ...

    def committed(self, groups: Sequence[str]) -> Mapping[str, Mapping[Partition, int]]:
        """Of each group, the next offset that it would read, where it has committed one."""

    def first_records(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, FirstRecord | None]:
        """The first committed record from that offset on, None where there is none; without what cannot be read."""
