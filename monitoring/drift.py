"""How far what cameras show lies from what the model was measured on."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

CLASS_MIX = "class_mix"
CONFIDENCE = "confidence"
NO_HAND = "no_hand"
LANDMARKS = "landmarks"

WINDOW_SECONDS = 900.0
# With fewer, chance alone gives distances of 0.1 and more.
LEAST = 300
# The window moves on by one of so many parts.
_PARTS = 30

Counts = NDArray[np.float64]


class Reference(Protocol):
    """What the model saw when it was measured. `confidence` is among the features, all others describe landmarks."""

    @property
    def bounds(self) -> Mapping[str, Sequence[float]]:
        """Of the bins, ascending, by feature."""

    @property
    def counts(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """Hands in each bin, by class and feature."""

    @property
    def without_hand(self) -> float | None:
        """Share of pictures without a hand, where it is known."""


@dataclass(slots=True)
class _Part:
    began: float
    frames: int = 0
    without_hand: int = 0
    names: Counter[str] = field(default_factory=Counter)
    bins: dict[str, list[int]] = field(default_factory=dict)


class DriftWindow:
    """Counts the frames of the last while, and compares them with the reference. From any thread.

    least: hands (for the share without a hand: frames) in the window before a distance is told.
    clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        window_seconds: float = WINDOW_SECONDS,
        least: int = LEAST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._window_seconds = window_seconds
        self._least = least
        self._clock = clock
        self._reference: _Expected | None = None
        self._parts: deque[_Part] = deque()
        self._lock = threading.Lock()

    def refer(self, reference: Reference | None) -> None:
        """Compare with this one from now on. What another model named is forgotten."""
        with self._lock:
            self._reference = None if reference is None else _Expected(reference)
            self._parts.clear()

    def add(self, names: Sequence[str], values: Mapping[str, Iterable[float]]) -> None:
        """One frame. names: as which each of its hands was named. values: of each hand, by feature."""
        with self._lock:
            expected = self._reference
            if expected is None:
                return
            part = self._newest()
            part.frames += 1
            part.without_hand += not names
            part.names.update(names)
            for feature, bounds in expected.bounds.items():
                counts = part.bins.setdefault(feature, [0] * (len(bounds) + 1))
                for value in values.get(feature, ()):
                    counts[bisect_right(bounds, value)] += 1

    def frames(self) -> int:
        """In the window just now."""
        with self._lock:
            self._forget()
            return sum(part.frames for part in self._parts)

    def distances(self) -> dict[str, float]:
        """Jensen-Shannon distances, 0 (the same) to 1 (nothing in common), by what is compared.

        Without a reference, or with too few hands or frames, there is none.
        """
        with self._lock:
            self._forget()
            expected = self._reference
            whole = _Part(0.0)
            for part in self._parts:
                whole.frames += part.frames
                whole.without_hand += part.without_hand
                whole.names.update(part.names)
                for feature, counts in part.bins.items():
                    before = whole.bins.get(feature, [0] * len(counts))
                    whole.bins[feature] = [one + more for one, more in zip(before, counts, strict=True)]
        return {} if expected is None else expected.distances(whole, least=self._least)

    def _newest(self) -> _Part:
        now = self._clock()
        if not self._parts or now - self._parts[-1].began >= self._window_seconds / _PARTS:
            self._parts.append(_Part(now))
            self._forget()
        return self._parts[-1]

    def _forget(self) -> None:
        oldest = self._clock() - self._window_seconds
        while self._parts and self._parts[0].began < oldest:
            self._parts.popleft()


class _Expected:
    """A reference, ready to be compared with."""

    def __init__(self, reference: Reference) -> None:
        self.bounds = {feature: tuple(bounds) for feature, bounds in reference.bounds.items()}
        self._without_hand = reference.without_hand
        self._hands = {name: float(sum(of[CONFIDENCE])) for name, of in reference.counts.items()}
        self._shares = {
            name: {feature: _shares(np.asarray(of[feature], dtype=np.float64)) for feature in self.bounds}
            for name, of in reference.counts.items()
            if self._hands[name]
        }

    def distances(self, seen: _Part, *, least: int) -> dict[str, float]:
        found = {}
        hands = seen.names.total()
        if hands >= least:
            found[CLASS_MIX] = self._class_mix(seen.names)
            of = {
                feature: _distance(np.array(counts, dtype=np.float64), self._mixed(feature, seen.names))
                for feature, counts in seen.bins.items()
            }
            found[CONFIDENCE] = of.pop(CONFIDENCE)
            # One finger that is always bent is as strange as five.
            found[LANDMARKS] = max(of.values())
        if seen.frames >= least and self._without_hand is not None:
            found[NO_HAND] = _distance(
                np.array([seen.without_hand, seen.frames - seen.without_hand], dtype=np.float64),
                np.array([self._without_hand, 1 - self._without_hand]),
            )
        return {feature: distance for feature, distance in found.items() if not math.isnan(distance)}

    def _class_mix(self, names: Counter[str]) -> float:
        every = sorted({*names, *self._hands})
        return _distance(
            np.array([names[name] for name in every], dtype=np.float64),
            np.array([self._hands.get(name, 0.0) for name in every]),
        )

    def _mixed(self, feature: str, names: Counter[str]) -> Counts:
        """The reference as it would be with the class mix of the window: a palm shown all day is no strange hand."""
        known = {name: count for name, count in names.items() if name in self._shares}
        # Where it knows none of the classes, all that it has.
        weights = known or self._hands
        return sum(
            (weight * self._shares[name][feature] for name, weight in weights.items() if name in self._shares),
            start=np.zeros(len(self.bounds[feature]) + 1),
        )


def _shares(counts: Counts) -> Counts:
    return np.asarray(counts / counts.sum())


def _distance(one: Counts, other: Counts) -> float:
    """Jensen-Shannon distance to base 2, 0..1; NaN where one of them counts nothing.

    As scipy.spatial.distance.jensenshannon has it, whose import takes a worker a second and 40 MB.
    """
    if not one.sum() or not other.sum():
        return math.nan
    p, q = _shares(one), _shares(other)
    middle = (p + q) / 2
    # Rounding may leave a little less than 0 of equal shares.
    return math.sqrt(max(0.0, (_divergence(p, middle) + _divergence(q, middle)) / 2))


def _divergence(shares: Counts, of: Counts) -> float:
    """Kullback-Leibler divergence to base 2."""
    there = shares > 0
    return float((shares[there] * np.log2(shares[there] / of[there])).sum())
