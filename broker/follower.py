"""Follows a topic until there is a reason to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from broker.received import Batch, BatchReader, MalformedRecord
from broker.until_end import UntilEnd

POLL_SECONDS = 0.1
# After a silence of this length the user is told, once, what is still waited for.
HINT_SECONDS = 5.0

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class Output(Protocol[R_contra]):
    """Where predictions, or gesture events, go."""

    def write(self, received: Sequence[R_contra]) -> None:
        """Show them at once. Raises BrokenPipeError where nobody reads any longer."""

    def idle(self) -> None:
        """Called between two polls of the topic. Raises as write does."""


class Idle(Exception):
    """Nothing came for as long as the user would wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When to stop; None: never for that reason.

    limit: records written. idle_seconds: without a wanted record, whatever else comes.
    """

    limit: int | None = None
    idle_seconds: float | None = None
    until_end: UntilEnd | None = None


class Follower(Generic[R]):
    """Hands what is wanted from a reader to an output.

    wanted: which of what came to write. tell: prints a line for the user.
    """

    def __init__(
        self,
        *,
        reader: BatchReader[R],
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
        self.malformed_count = 0
        self.first_malformed: MalformedRecord | None = None

    def run(self) -> None:
        """Follow. Returns when the limit or the end is reached; raises Idle, or BrokenPipeError from the output."""
        until_end = self._stop.until_end
        heard_at = self._clock()
        while True:
            batch = self._reader.read(timeout_seconds=POLL_SECONDS)
            written = self._write(batch)
            # A stream end is waited for too where it is what ends the reading.
            if written or (until_end is not None and batch.ends):
                heard_at = self._clock()
            if self.written == self._stop.limit:
                return
            self._output.idle()
            if until_end is not None:
                until_end.see(batch)
                if until_end.reached():
                    return
            self._check_silence(self._clock() - heard_at)

    def _write(self, batch: Batch[R]) -> int:
        """How many records were wanted, and written."""
        chosen = [one for one in batch.received if self._wanted(one)]
        if self._stop.limit is not None:
            chosen = chosen[: self._stop.limit - self.written]
        if batch:
            self._output.write(chosen)
        self.written += len(chosen)
        if batch.malformed:
            self.first_malformed = self.first_malformed or batch.malformed[0]
            self.malformed_count += len(batch.malformed)
        return len(chosen)

    def _check_silence(self, seconds: float) -> None:
        limit, until_end = self._stop.idle_seconds, self._stop.until_end
        if limit is not None and seconds >= limit:
            raise Idle(f"nothing came for {limit:g} s" + (f": {until_end.missing()}" if until_end else ""))
        if until_end is not None and not self._hinted and seconds >= HINT_SECONDS:
            self._hinted = True
            self._tell(f"waiting: {until_end.missing()} (--idle-timeout SECONDS gives up)")
