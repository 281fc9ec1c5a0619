"""Whether the confidence is what it says: of a hundred hands at 0.9, ninety should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Self

from evaluation.outcome import Outcome
from evaluation.rate import Rate

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Hands whose probability lies in low..high. probability: their mean. right: how many were what was said."""

    low: float
    high: float
    probability: float
    right: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The reliability curve: bins of equal width that hold any hand, and the error in between.

    What is held against the label is the class that the classifier held for likeliest, also where it was then too
    improbable to be named: the probability is that class's.
    """

    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Self:
        hands = [one for one in outcomes if one.likeliest is not None]
        bins = []
        for number in range(BINS):
            inside = [one for one in hands if min(BINS - 1, int(one.probability * BINS)) == number]
            if inside:
                bins.append(
                    Bin(
                        low=number / BINS,
                        high=(number + 1) / BINS,
                        probability=sum(one.probability for one in inside) / len(inside),
                        right=Rate.of(one.likeliest == one.label for one in inside),
                    )
                )
        return cls(bins=tuple(bins))

    @property
    def hands(self) -> int:
        return sum(one.right.total for one in self.bins)

    @property
    def ece(self) -> float:
        """Expected calibration error, 0..1: how far probability and share of right hands are apart in a bin, on the
        mean over the hands. NaN without any hand."""
        if not self.bins:
            return nan
        apart = sum(one.right.total * abs(one.probability - one.right.value) for one in self.bins)
        return apart / self.hands
