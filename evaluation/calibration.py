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
    """Hands whose confidence lies in low..high. probability: its mean. right: how many were what was said."""

    low: float
    high: float
    probability: float
    right: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The reliability curve: bins of equal width that hold any hand, and the error in between.

    What was said of a hand, a gesture or `no_gesture`, is held against its label, and the confidence is the probability
    of just that.
    """

    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Self:
        """Pictures in which no hand was found are left out."""
        hands = [one for one in outcomes if one.has_hand]
        bins = []
        for number in range(BINS):
            inside = [one for one in hands if min(BINS - 1, int(one.confidence * BINS)) == number]
            if inside:
                bins.append(
                    Bin(
                        low=number / BINS,
                        high=(number + 1) / BINS,
                        probability=sum(one.confidence for one in inside) / len(inside),
                        right=Rate.of(one.is_right for one in inside),
                    )
                )
        return cls(bins=tuple(bins))

    @classmethod
    def of_accepted(cls, outcomes: Sequence[Outcome]) -> Self:
        """Of hands that were named as a gesture: those that somebody acts on."""
        return cls.of([one for one in outcomes if one.names_gesture])

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
