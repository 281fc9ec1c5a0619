"""How well hands that make no gesture are told from those that do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.features import Floats

_POINTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidences:
    """confidence: (n,), probability of the likeliest class where it is a gesture, else -1. thresholds: (n,), of that
    class."""

    confidence: Floats
    thresholds: Floats

    @classmethod
    def of(cls, probabilities: Floats, *, classes: tuple[str, ...], thresholds: Floats | float) -> Confidences:
        """From probabilities (n, k) of hands. thresholds: see recognition.decision.decide."""
        rows, best = np.arange(len(probabilities)), probabilities.argmax(axis=1)
        nothing = np.array(classes)[best] == NO_GESTURE
        return cls(
            confidence=np.where(nothing, -1.0, probabilities.max(axis=1)),
            thresholds=np.broadcast_to(thresholds, probabilities.shape)[rows, best],
        )

    def where(self, rows: NDArray[np.bool_]) -> Confidences:
        return Confidences(confidence=self.confidence[rows], thresholds=self.thresholds[rows])

    @property
    def taken(self) -> float:
        """Share of the hands that are taken for a gesture."""
        return float(np.mean(self.confidence >= self.thresholds))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSet:
    """Recall of gestures against false positives, for every threshold.

    A hand is taken for a gesture where a gesture is the likeliest class and not less probable than the threshold.
    recalls, false_positive_rates: the curve, 0..1, from the strictest threshold to none. Recall: share of the hands
        with a gesture that are taken for one, be it the right one or not. False positive rate: the same share of the
        hands without.
    recall, false_positive_rate: at the threshold that was chosen.
    others: hands without a gesture.
    """

    recalls: Floats
    false_positive_rates: Floats
    recall: float
    false_positive_rate: float
    others: int

    @classmethod
    def of(cls, gestures: Confidences, others: Confidences) -> OpenSet:
        steps = np.quantile(gestures.confidence, np.linspace(1, 0, _POINTS))
        return cls(
            recalls=_reached(gestures.confidence, steps),
            false_positive_rates=_reached(others.confidence, steps),
            recall=gestures.taken,
            false_positive_rate=others.taken,
            others=len(others.confidence),
        )

    def at_recall(self, recall: float) -> float:
        """The false positive rate at this recall; NaN where it is not reached with any threshold."""
        if self.recalls[-1] < recall:
            return float("nan")
        return float(self.false_positive_rates[np.argmax(self.recalls >= recall)])


def _reached(confidence: Floats, steps: Floats) -> Floats:
    ascending = np.sort(confidence)
    # No threshold takes what was not likeliest a gesture.
    return 1 - np.searchsorted(ascending, np.maximum(steps, 0.0)) / len(ascending)
