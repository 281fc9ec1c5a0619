"""Rates, percentiles and spreads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median, least and greatest of some turns."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(median=median(values), low=min(values), high=max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The middle of a run. start, end: seconds since the epoch. frames: finished within."""

    start: float
    end: float
    frames: int

    @property
    def fps(self) -> float:
        return self.frames / (self.end - self.start)


def middle(finished_at: Sequence[float]) -> Window:
    """Between the moments when a tenth and nine tenths of the frames were finished.

    Raises ValueError where the two are one moment.
    """
    ordered = sorted(finished_at)
    first, last = len(ordered) // 10, len(ordered) * 9 // 10
    if last <= first or ordered[last] <= ordered[first]:
        raise ValueError(f"{len(ordered)} frames are too few to tell a rate")
    return Window(start=ordered[first], end=ordered[last], frames=last - first)


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least this share (0..1) of the values does not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    rank = max(1, -int(-share * len(ordered) // 1))
    return ordered[rank - 1]
