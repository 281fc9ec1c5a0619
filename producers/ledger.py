"""Where each offered frame is: waiting, in flight, published or dropped."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# Whoever waits for room looks so often whether to go on waiting; what makes room wakes it at once.
POLL_SECONDS = 0.1


class DropReason(StrEnum):
    """Why a frame was not published. The set is closed: each is a label value."""

    LOSS = "loss"
    """The simulated lossy camera lost it."""
    QUEUE_FULL = "queue_full"
    """Newer frames came and the broker had not taken it yet."""
    TOO_LARGE = "too_large"
    """It has more bytes than a record may have."""
    INTERRUPTED = "interrupted"
    """The run was stopped before it was handed to Kafka."""
    UNCONFIRMED = "unconfirmed"
    """It was handed to Kafka, which had not confirmed it when the run was given up."""
    REFUSED = "refused"
    """Kafka would not take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """offered = waiting + in_flight + published + all that were dropped, at any moment."""

    offered: int
    waiting: int
    in_flight: int
    in_flight_bytes: int
    published: int
    published_bytes: int
    dropped: Mapping[DropReason, int]

    @property
    def dropped_total(self) -> int:
        return sum(self.dropped.values())


class Ledger:
    """Counts frames from the offer to Kafka's confirmation, and bounds what is in flight by count and bytes.

    A frame larger than max_in_flight_bytes flies alone. Every method may be called from any thread.
    """

    def __init__(
        self, *, max_in_flight: int, max_in_flight_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if max_in_flight < 1 or max_in_flight_bytes < 1:
            raise ValueError(f"bounds must be at least 1, not {max_in_flight} frames and {max_in_flight_bytes} bytes")
        self._max_in_flight = max_in_flight
        self._max_in_flight_bytes = max_in_flight_bytes
        self._changed = threading.Condition()
        self._offered = self._in_flight = self._in_flight_bytes = 0
        self._published = self._published_bytes = self._dropped_total = 0
        self._dropped: Counter[DropReason] = Counter()
        self._abandoned = False
        self._clock = clock
        self._unconfirmed_since: float | None = None

    @property
    def unconfirmed_since(self) -> float | None:
        """Since when something is in flight and nothing was confirmed, by the clock; None where nothing is."""
        return self._unconfirmed_since

    def offer(self) -> None:
        """A frame came; it waits."""
        with self._changed:
            self._offered += 1

    def drop(self, reason: DropReason) -> None:
        """A waiting frame is given up."""
        with self._changed:
            self._drop(reason)

    def launch(self, size_bytes: int, *, give_up: Callable[[], bool]) -> bool:
        """A waiting frame goes into flight, as soon as there is room. False where give_up says so first."""
        with self._changed:
            while self._in_flight and (
                self._in_flight >= self._max_in_flight or self._in_flight_bytes + size_bytes > self._max_in_flight_bytes
            ):
                if give_up():
                    return False
                self._changed.wait(POLL_SECONDS)
            if not self._in_flight:
                self._unconfirmed_since = self._clock()
            self._in_flight += 1
            self._in_flight_bytes += size_bytes
            return True

    def land(self, size_bytes: int, *, dropped: DropReason | None = None) -> None:
        """A frame in flight was published, or dropped."""
        with self._changed:
            if self._abandoned:  # its fate is on record already
                return
            self._in_flight -= 1
            self._in_flight_bytes -= size_bytes
            if dropped is None:
                self._published += 1
                self._published_bytes += size_bytes
            else:
                self._drop(dropped)
            # A refusal is no confirmation, though nothing may be waited for any more.
            if dropped is None or not self._in_flight:
                self._unconfirmed_since = self._clock() if self._in_flight else None
            self._changed.notify_all()

    def wait_until_landed(self, *, give_up: Callable[[], bool]) -> bool:
        """Wait until nothing is in flight. False where give_up says so first."""
        with self._changed:
            while self._in_flight:
                if give_up():
                    return False
                self._changed.wait(POLL_SECONDS)
            return True

    def abandon(self) -> None:
        """What is in flight counts as unconfirmed, whatever becomes of it."""
        with self._changed:
            self._abandoned = True
            for _ in range(self._in_flight):
                self._drop(DropReason.UNCONFIRMED)
            self._in_flight = self._in_flight_bytes = 0
            self._unconfirmed_since = None
            self._changed.notify_all()

    def counts(self) -> Counts:
        with self._changed:
            return Counts(
                offered=self._offered,
                waiting=self._offered - self._in_flight - self._published - self._dropped_total,
                in_flight=self._in_flight,
                in_flight_bytes=self._in_flight_bytes,
                published=self._published,
                published_bytes=self._published_bytes,
                dropped=dict(self._dropped),
            )

    def _drop(self, reason: DropReason) -> None:
        self._dropped[reason] += 1
        self._dropped_total += 1
