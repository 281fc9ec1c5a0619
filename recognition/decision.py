"""Which gesture a hand is named as: the one rule of serving, training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What hands are named as.

    gestures: (n,), a class of the model or `no_gesture`.
    confidences: (n,), 0..1: the probability of that gesture. Of `no_gesture` it is the probability that the hand makes
        none of the gestures that the model knows, which is 1 minus the sum of their probabilities.
    """

    gestures: NDArray[np.str_]
    confidences: Floats


def decide(probabilities: Floats, *, classes: Sequence[str], thresholds: Floats | float) -> Decisions:
    """Name each hand by its likeliest class, or `no_gesture` where that is a gesture below its threshold.

    probabilities: (n, k), each row adds up to 1. classes: the k labels.
    thresholds: one for all, (k,) for each class, or (n, k) for each hand and class. That of `no_gesture` is not used.
    """
    names, is_gesture = _columns(tuple(classes))
    rows, best = np.arange(len(probabilities)), probabilities.argmax(axis=1)
    likeliest = probabilities[rows, best]
    accepted = is_gesture[best] & (likeliest >= np.broadcast_to(thresholds, probabilities.shape)[rows, best])
    return Decisions(
        gestures=np.where(accepted, names[best], NO_GESTURE),
        confidences=np.where(accepted, likeliest, probabilities[:, ~is_gesture].sum(axis=1)),
    )


@lru_cache(maxsize=8)
def _columns(classes: tuple[str, ...]) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Names of the columns (k,), and which of them are gestures; the same for each hand of a model."""
    names = np.array(classes)
    return names, names != NO_GESTURE


def class_thresholds(classes: Sequence[str], *, default: float, thresholds: Mapping[str, float]) -> Floats:
    """The threshold (k,) of each class: its own, or the default where it has none."""
    return np.array([thresholds.get(name, default) for name in classes], dtype=np.float64)
