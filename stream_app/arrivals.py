"""How long a record lay in its partition, told without trusting anyone's clock but our own."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from events.record import Position
from stream_app.end import End

# Seen ten times a second, seven minutes of a partition that is behind; what is older only makes the answer less exact.
MOST_SIGHTINGS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Bounds of how long a record lay in the topic before it was taken up. Where nothing is known, 0 to endless."""

    at_least_seconds: float = 0.0
    at_most_seconds: float = math.inf

    def age_seconds(self, *, by_clock: float) -> float:
        """Age of the record. by_clock: now, less the capture by the producer's clock, which may be wrong."""
        return min(max(by_clock, self.at_least_seconds), self.at_most_seconds)


@dataclass(slots=True)
class _Sighting:
    end: int
    first_at: float
    last_at: float


class Arrivals:
    """Remembers when one partition had which end, and so between which moments each of its records came.

    Times are seconds of one clock, that of this process. The end is the offset that the next record will have.
    """

    def __init__(self) -> None:
        self._sightings: deque[_Sighting] = deque(maxlen=MOST_SIGHTINGS)

    def saw(self, *, end: int, at: float) -> None:
        """The broker said that this was the end. Never called with times that go back."""
        if self._sightings and end < self._sightings[-1].end:
            # The topic was made anew: what is remembered is of another one.
            self._sightings.clear()
        if self._sightings and end == self._sightings[-1].end:
            self._sightings[-1].last_at = at
        else:
            self._sightings.append(_Sighting(end, at, at))

    def waited(self, *, offset: int, now: float) -> Waited:
        """How long the record at this offset was there. What came before it is forgotten: ask in their order."""
        known = self._sightings
        while len(known) > 1 and known[1].end <= offset:
            known.popleft()
        if not known:
            return Waited()
        if known[0].end > offset:
            return Waited(at_least_seconds=max(0.0, now - known[0].first_at))
        return Waited(
            at_least_seconds=max(0.0, now - known[1].first_at) if len(known) > 1 else 0.0,
            at_most_seconds=max(0.0, now - known[0].last_at),
        )


class ArrivalBook:
    """The Arrivals of all partitions that were ever assigned."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], Arrivals] = {}

    def saw(self, ends: Mapping[tuple[str, int], End]) -> None:
        for partition, end in ends.items():
            self._partitions.setdefault(partition, Arrivals()).saw(end=end.offset, at=end.at)

    def waited(self, position: Position, *, now: float) -> Waited:
        arrivals = self._partitions.get((position.topic, position.partition))
        return Waited() if arrivals is None else arrivals.waited(offset=position.offset, now=now)
