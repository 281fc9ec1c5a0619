"""When everything that was asked for has been read: runs that end, and frames that still wait for a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from broker.received import Batch
from broker.topic_reader import Offsets
from events.frame import Mode
from events.stream_end import StreamEnd

ASK_EVERY_SECONDS = 0.5


class Unprocessed(Protocol):
    """The frames that were there at first and have no outcome yet."""

    def frames(self) -> int: ...


class FollowedTopic(Protocol):
    """The topic that is read, and how far."""

    def ends(self) -> Offsets: ...

    def has_reached(self, ends: Offsets) -> bool: ...


class OfRun(Protocol):
    """What a run brought: a prediction, or a gesture event."""

    @property
    def run(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def mode(self) -> Mode: ...


@dataclass(slots=True)
class _Run:
    """markers: how many stream ends there are in all; 0 until the first was seen."""

    source: str
    is_live: bool
    markers: int = 0
    ended_partitions: set[int] = field(default_factory=set)

    @property
    def is_complete(self) -> bool:
        return 0 < self.markers <= len(self.ended_partitions)

    @property
    def is_open(self) -> bool:
        """Whether something of it must still come. A live camera has no end, unless its first marker is there."""
        return not self.is_complete and (bool(self.ended_partitions) or not self.is_live)


class UntilEnd:
    """Reading is done when the runs that were seen have ended and, where it began in the past, when besides the
    workers have processed all frames that were there at first, and all of their outcomes have been read. So an old run
    that has ended does not hide one that a worker is still busy with.

    unprocessed: None where reading began at the end, so that only what comes counts.
    """

    def __init__(self, *, log: FollowedTopic, unprocessed: Unprocessed | None, clock: Callable[[], float]) -> None:
        self._log = log
        self._unprocessed = unprocessed
        self._clock = clock
        self._runs: dict[str, _Run] = {}
        self._backlog: int | None = None
        self._asked_at: float | None = None
        self._ends: Offsets | None = None

    def see(self, batch: Batch[Any]) -> None:
        for received in batch.received:
            self._see(received.about)
        for marker in batch.ends:
            self._end(marker)

    def reached(self) -> bool:
        has_ended = any(run.is_complete for run in self._runs.values()) and not self._open()
        if not has_ended:
            return False
        if self._unprocessed is None:
            return True
        if self._ends is None and self._is_processed(self._unprocessed):
            self._ends = self._log.ends()
        return self._ends is not None and self._log.has_reached(self._ends)

    def missing(self) -> str:
        """What is waited for, in words."""
        runs = self._open()
        if runs:
            some = ", ".join(runs[:3]) + (" and others" if len(runs) > 3 else "")
            return f"no stream end yet of run {some}: its producer is still at work, or was killed"
        if self._backlog:
            return f"{self._backlog} frames are not yet processed; is a worker running?"
        return "no run has ended yet"

    def _see(self, one: OfRun) -> None:
        is_live = one.mode is Mode.LIVE
        run = self._runs.setdefault(one.run, _Run(one.source, is_live))
        run.is_live &= is_live

    def _end(self, marker: StreamEnd) -> None:
        run = self._runs.setdefault(marker.run, _Run(marker.source, is_live=True))
        run.markers = max(run.markers, marker.partitions)
        run.ended_partitions.add(marker.partition)

    def _open(self) -> tuple[str, ...]:
        """The runs that miss markers, each with one of its sources."""
        return tuple(f"{name} ({run.source})" for name, run in self._runs.items() if run.is_open)

    def _is_processed(self, unprocessed: Unprocessed) -> bool:
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= ASK_EVERY_SECONDS:
            self._asked_at = now
            self._backlog = unprocessed.frames()
        return self._backlog == 0
