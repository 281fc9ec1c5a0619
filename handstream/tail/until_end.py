"""When everything that was asked for has been read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from kafka import TopicPartition

from handstream.tail.batch import BatchOf
from handstream.tail.runs import Runs

ASK_EVERY_SECONDS = 0.5


class Unprocessed(Protocol):
    """The frames that were there at first and have no outcome yet."""

    def frames(self) -> int: ...


class Log(Protocol):
    """The topic that is read, and how far."""

    def ends(self) -> dict[TopicPartition, int]: ...

    def has_read(self, ends: dict[TopicPartition, int]) -> bool: ...


class UntilEnd:
    """Reading is done when the runs that were seen have ended and, where it began in the past, when besides the
    workers have processed all frames that were there at first, and all of their outcomes have been read. So an old run
    that has ended does not hide one that a worker is still busy with.

    unprocessed: None where reading began at the end, so that only what comes counts.
    """

    def __init__(self, *, log: Log, unprocessed: Unprocessed | None, clock: Callable[[], float]) -> None:
        self._log = log
        self._unprocessed = unprocessed
        self._clock = clock
        self._runs = Runs()
        self._backlog: int | None = None
        self._asked_at: float | None = None
        self._ends: dict[TopicPartition, int] | None = None

    def see(self, batch: BatchOf[Any]) -> None:
        for received in batch.received:
            self._runs.see(received.about)
        for marker in batch.ends:
            self._runs.end(marker)

    def reached(self) -> bool:
        if not self._runs.have_ended:
            return False
        if self._unprocessed is None:
            return True
        if self._ends is None and self._is_processed(self._unprocessed):
            self._ends = self._log.ends()
        return self._ends is not None and self._log.has_read(self._ends)

    def missing(self) -> str:
        """What is waited for, in words."""
        runs = self._runs.open
        if runs:
            some = ", ".join(runs[:3]) + (" and others" if len(runs) > 3 else "")
            return f"no stream end yet of run {some}: its producer is still at work, or was killed"
        if self._backlog:
            return f"{self._backlog} frames are not yet processed; is a worker running?"
        return "no run has ended yet"

    def _is_processed(self, unprocessed: Unprocessed) -> bool:
        now = self._clock()
        if self._asked_at is None or now - self._asked_at >= ASK_EVERY_SECONDS:
            self._asked_at = now
            self._backlog = unprocessed.frames()
        return self._backlog == 0
