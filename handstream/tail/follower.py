"""Follows a topic until there is a reason to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from handstream.tail.batch import BatchOf, Stray
from handstream.tail.formats import Output
from handstream.tail.reader import Reader
from handstream.tail.until_end import UntilEnd

POLL_SECONDS = 0.1
# After so long a silence the user is told, once, what is still waited for.
HINT_SECONDS = 5.0

R = TypeVar("R")


class Idle(Exception):
    """Nothing came for as long as the user would wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When to stop; None: never for that reason. limit: of what is written. idle_seconds: without any record."""

    limit: int | None = None
    idle_seconds: float | None = None
    until_end: UntilEnd | None = None


class Follower(Generic[R]):
    """Hands what is wanted from a reader to an output.

    wanted: which of what came to write. tell: takes a line for the user.
    """

    def __init__(
        self,
        *,
        reader: Reader[R],
        output: Output[R],
        wanted: Callable[[R], bool],
        stop: Stop,
        tell: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader = reader
        self._output = output
        self._wanted = wanted
        self._stop = stop
        self._tell = tell
        self._clock = clock
        self._hinted = False
        self.written = 0
        self.stray_count = 0
        self.first_stray: Stray | None = None

    def run(self) -> None:
        """Follow. Returns when the limit or the end is reached; raises Idle, or BrokenPipeError from the output."""
        heard_at = self._clock()
        while True:
            batch = self._reader.read(timeout_seconds=POLL_SECONDS)
            if batch:
                heard_at = self._clock()
                if self._write(batch):
                    return
            self._output.idle()
            if self._stop.until_end is not None:
                self._stop.until_end.see(batch)
                if self._stop.until_end.reached():
                    return
            self._check_silence(self._clock() - heard_at)

    def _write(self, batch: BatchOf[R]) -> bool:
        """Whether the limit is reached."""
        chosen = [one for one in batch.received if self._wanted(one)]
        if self._stop.limit is not None:
            chosen = chosen[: self._stop.limit - self.written]
        self._output.write(chosen)
        self.written += len(chosen)
        if batch.strays:
            self.first_stray = self.first_stray or batch.strays[0]
            self.stray_count += len(batch.strays)
        return self.written == self._stop.limit

    def _check_silence(self, seconds: float) -> None:
        limit, until_end = self._stop.idle_seconds, self._stop.until_end
        if limit is not None and seconds >= limit:
            raise Idle(f"nothing came for {limit:g} s" + (f": {until_end.missing()}" if until_end else ""))
        if until_end is not None and not self._hinted and seconds >= HINT_SECONDS:
            self._hinted = True
            self._tell(f"waiting: {until_end.missing()} (--idle-timeout SECONDS gives up)")
