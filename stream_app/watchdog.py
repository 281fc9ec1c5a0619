"""Sees from a thread of its own when the worker is stuck, and writes down where."""

from __future__ import annotations

import faulthandler
import logging
import tempfile
import threading
import time
from collections.abc import Callable

log = logging.getLogger("handstream.worker")

LOOKS_PER_LIMIT = 10


class Watchdog:
    """Stuck is a worker whose event loop has not beaten, or whose processing of one record has not returned, for long.

    The stacks of all threads are logged once for each time that it is stuck. Where even this thread cannot run, since
    something in C keeps the interpreter's lock, Python's fault handler writes the stacks to stderr without it.

    longest_in_hand_seconds: how long the record that is being processed longest is at it.
    """

    def __init__(
        self,
        *,
        stuck_after_seconds: float,
        longest_in_hand_seconds: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stuck_after_seconds = stuck_after_seconds
        self._longest_in_hand_seconds = longest_in_hand_seconds
        self._clock = clock
        self._beaten_at = clock()
        self._is_stuck = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._beaten_at = self._clock()
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join()

    def beat(self) -> None:
        """The event loop runs."""
        self._beaten_at = self._clock()

    def fault(self) -> str | None:
        """A check: what is stuck, or None."""
        silent = self._clock() - self._beaten_at
        if silent > self._stuck_after_seconds:
            return f"the event loop has been stuck for {silent:.0f} s"
        in_hand = self._longest_in_hand_seconds()
        if in_hand > self._stuck_after_seconds:
            return f"a frame has been in recognition for {in_hand:.0f} s"
        return None

    def look(self) -> None:
        """Log the stacks where it has come to be stuck since the last look, and also when it goes on."""
        fault = self.fault()
        if fault is not None and not self._is_stuck:
            log.error("Stuck", extra={"reason": fault, "stack": stacks()})
        elif fault is None and self._is_stuck:
            log.warning("Not stuck any more")
        self._is_stuck = fault is not None

    def _watch(self) -> None:
        pause_seconds = self._stuck_after_seconds / LOOKS_PER_LIMIT
        try:
            while not self._closed.wait(pause_seconds):
                # Put off at each look, so that it comes only where no look does.
                faulthandler.dump_traceback_later(self._stuck_after_seconds + pause_seconds)
                self.look()
        finally:
            faulthandler.cancel_dump_traceback_later()


def stacks() -> str:
    """Where each thread is just now, the innermost call first."""
    # The fault handler writes to a descriptor alone.
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file=file, all_threads=True)
        file.seek(0)
        return file.read().decode(errors="replace")
