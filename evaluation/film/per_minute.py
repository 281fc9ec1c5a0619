"""A count over a time, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from scipy.special import gammaincinv

_TAIL = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class PerMinute:
    """low, high: the exact 95 % confidence interval of a Poisson rate (Garwood 1936). NaN without any time."""

    count: int
    seconds: float

    @property
    def value(self) -> float:
        return 60 * self.count / self.seconds if self.seconds else nan

    @property
    def low(self) -> float:
        return self._scaled(0.0 if not self.count else float(gammaincinv(self.count, _TAIL)))

    @property
    def high(self) -> float:
        return self._scaled(float(gammaincinv(self.count + 1, 1 - _TAIL)))

    def _scaled(self, expected: float) -> float:
        return 60 * expected / self.seconds if self.seconds else nan
