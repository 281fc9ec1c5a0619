"""A share of counted things, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan, sqrt
from typing import Self

# Of the normal distribution, 95 % lie within so many standard deviations.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """hits of total. low, high: the 95 % confidence interval by Wilson's score, 0..1, which holds near 0 and 1 and for
    small totals too. It takes the things counted for independent of each other."""

    hits: int
    total: int

    @classmethod
    def of(cls, hits: Iterable[bool]) -> Self:
        each = list(hits)
        return cls(hits=sum(each), total=len(each))

    @property
    def value(self) -> float:
        """0..1; NaN where nothing was counted."""
        return self.hits / self.total if self.total else nan

    @property
    def low(self) -> float:
        return self._bounds()[0]

    @property
    def high(self) -> float:
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        if not self.total:
            return nan, nan
        n, share = self.total, self.hits / self.total
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        reach = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        # At 0 and 1 the bound is exact; rounding must not push it beside.
        low = 0.0 if self.hits == 0 else middle - reach
        high = 1.0 if self.hits == self.total else middle + reach
        return low, high
