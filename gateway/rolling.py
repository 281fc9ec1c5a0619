"""Figures of the last seconds, in memory that does not grow."""

from __future__ import annotations

import math
from collections import Counter, deque


class RollingRate:
    """Things a second over the last `seconds`, of which at most `most` are remembered."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=most)

    def add(self, now: float) -> None:
        self._times.append(now)

    def per_second(self, now: float) -> float:
        while self._times and now - self._times[0] > self._seconds:
            self._times.popleft()
        if len(self._times) == self._times.maxlen:  # what is older was forgotten, so go by the time these took
            return len(self._times) / max(now - self._times[0], 1e-3)
        return len(self._times) / self._seconds


class RollingQuantiles:
    """Quantiles of the values of the last `seconds`, of which at most `most` are remembered."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._values: deque[tuple[float, float]] = deque(maxlen=most)

    def add(self, value: float, now: float) -> None:
        self._values.append((now, value))

    def quantiles(self, *wanted: float, now: float) -> tuple[float | None, ...]:
        """Each by the nearest rank; None without values. wanted: in 0..1."""
        while self._values and now - self._values[0][0] > self._seconds:
            self._values.popleft()
        ranked = sorted(value for _, value in self._values)
        if not ranked:
            return (None,) * len(wanted)
        return tuple(ranked[max(0, math.ceil(one * len(ranked)) - 1)] for one in wanted)


class RollingCounts:
    """Counts by name over the last `seconds`, in steps of a sixtieth of it. At most `names` names are told apart."""

    def __init__(self, *, seconds: float, names: int, steps: int = 60) -> None:
        self._step_seconds = seconds / steps
        self._steps: deque[tuple[int, Counter[str]]] = deque(maxlen=steps)
        self._most_steps = steps
        self._names = names

    def add(self, name: str, now: float) -> None:
        step = int(now / self._step_seconds)
        if not self._steps or self._steps[-1][0] != step:
            self._steps.append((step, Counter()))
        counts = self._steps[-1][1]
        if name in counts or len(counts) < self._names:
            counts[name] += 1

    def counts(self, now: float) -> dict[str, int]:
        """Most frequent first."""
        oldest = int(now / self._step_seconds) - self._most_steps
        total: Counter[str] = Counter()
        for step, counts in self._steps:
            if step > oldest:
                total.update(counts)
        return dict(total.most_common(self._names))
