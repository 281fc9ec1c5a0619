"""When the next frame is due, without drift."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Monotonic seconds."""

Sleep = Callable[[float], object]
"""Waits for so many seconds; may return early, as a threading.Event's wait does when it is set."""


class Pace:
    """Waits until a moment of the source's own time has come.

    Each moment is due at start + at_seconds / speed, counted from the first one and never from the one before, so
    that the errors of single sleeps do not add up.

    catch_up: after falling behind, True takes what is due without a pause, as a film must. False skips the slots that
    have passed and goes on in the same grid, as a camera does.
    """

    def __init__(
        self, *, speed: float = 1.0, catch_up: bool, clock: Clock = time.monotonic, sleep: Sleep = time.sleep
    ) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"speed must be greater than 0, not {speed}")
        self._speed = speed
        self._catch_up = catch_up
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None
        self._last_offset = 0.0

    def wait(self, at_seconds: float) -> None:
        """Wait until at_seconds of the source's time. The first call sets the start and never waits."""
        offset = at_seconds / self._speed
        if self._start is None:
            self._start = self._clock() - offset
            self._last_offset = offset
            return
        wait_seconds = self._start + offset - self._clock()
        slot_seconds = offset - self._last_offset
        self._last_offset = offset
        if wait_seconds > 0:
            self._sleep(wait_seconds)
        elif not self._catch_up and 0 < slot_seconds <= -wait_seconds:
            self._start += slot_seconds * math.floor(-wait_seconds / slot_seconds)
