"""The producers' runs that were seen, and which of them have ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from events.frame import Mode
from events.stream_end import StreamEnd


@dataclass(slots=True)
class _Run:
    source: str
    is_live: bool
    markers: int = 0  # how many there are in all; 0 until the first was seen
    ended_partitions: set[int] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        return 0 < self.markers <= len(self.ended_partitions)

    @property
    def is_open(self) -> bool:
        """Whether something of it must still come. A live camera has no end, unless its first marker is there."""
        return not self.is_complete and (bool(self.ended_partitions) or not self.is_live)


class OfRun(Protocol):
    """What a run brought: a prediction, or a gesture event."""

    @property
    def run(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def mode(self) -> Mode: ...


class Runs:
    """A run is complete when the markers of all its partitions were seen."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def see(self, one: OfRun) -> None:
        is_live = one.mode is Mode.LIVE
        run = self._runs.setdefault(one.run, _Run(one.source, is_live))
        run.is_live &= is_live

    def end(self, marker: StreamEnd) -> None:
        run = self._runs.setdefault(marker.run, _Run(marker.source, is_live=True))
        run.markers = max(run.markers, marker.partitions)
        run.ended_partitions.add(marker.partition)

    @property
    def have_ended(self) -> bool:
        """Whether a run is complete, and no other is open."""
        return any(run.is_complete for run in self._runs.values()) and not self.open

    @property
    def open(self) -> tuple[str, ...]:
        """The runs that miss markers, each with one of its sources."""
        return tuple(f"{name} ({run.source})" for name, run in self._runs.items() if run.is_open)
