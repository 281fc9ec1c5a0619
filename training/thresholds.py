"""The probability below which a gesture is not named, for each gesture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.decision import class_thresholds, decide
from recognition.features import Floats
from training.hands import Strings

# What the threshold of all gestures may cost: the share of rightly named hands that it turns into no_gesture.
TOLERATED_LOSS = 0.005
# A gesture's own threshold is raised until no more of the hands without a gesture are named as it …
TOLERATED_NAMED = 0.004
# … but not so far that it would cost more of the gesture's own hands.
MOST_LOSS = 0.01
RULE = (
    "The threshold of all gestures is the greatest that turns no more than "
    f"{TOLERATED_LOSS:.1%} of the rightly named held-out hands into `no_gesture`. A gesture as which more than "
    f"{TOLERATED_NAMED:.1%} of the held-out hands without a gesture would still be named has a threshold of its own: "
    f"the least that keeps to this share, or the greatest that costs no more than {MOST_LOSS:.0%} of its rightly named "
    "hands, whichever is less."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """common: of all gestures that have none of their own. own: by gesture. All in hundredths."""

    common: float
    own: Mapping[str, float]

    def of(self, classes: Sequence[str]) -> Floats:
        """The threshold (k,) of each class."""
        return class_thresholds(classes, default=self.common, thresholds=self.own)


def choose_thresholds(
    probabilities: Floats, labels: Strings, *, classes: Sequence[str], nothing: NDArray[np.bool_] | None = None
) -> Thresholds:
    """By RULE, from probabilities (n, k) and labels (n,) of held-out hands.

    nothing: (n,) the hands without a gesture that own thresholds go by; all of them where not given.
    """
    right = (decide(probabilities, classes=classes, thresholds=0.0).gestures == labels) & (labels != NO_GESTURE)
    common = _that_loses(probabilities[right].max(axis=1), TOLERATED_LOSS) if right.any() else 0.0
    if nothing is None:
        nothing = labels == NO_GESTURE
    own = own_thresholds(probabilities, labels, classes=classes, nothing=nothing, common=common)
    return Thresholds(common=common, own=own)


def own_thresholds(
    probabilities: Floats,
    labels: Strings,
    *,
    classes: Sequence[str],
    nothing: NDArray[np.bool_],
    common: float,
    tolerated_named: float = TOLERATED_NAMED,
    most_loss: float = MOST_LOSS,
) -> dict[str, float]:
    """Of the gestures that need one above the threshold of all (common), by the second half of RULE."""
    found = decide(probabilities, classes=classes, thresholds=common).gestures
    likeliest = probabilities.max(axis=1)
    tolerated = int(tolerated_named * nothing.sum())
    own = {}
    for name in classes:
        wrong = np.sort(likeliest[nothing & (found == name)])[::-1]
        right = likeliest[(labels == name) & (found == name)]
        if name == NO_GESTURE or len(wrong) <= tolerated or not len(right):
            continue
        keeps_to_share = float(np.floor(100 * wrong[tolerated]) + 1) / 100
        own[name] = min(keeps_to_share, _that_loses(right, most_loss))
    return {name: value for name, value in own.items() if value > common}


def _that_loses(probabilities: Floats, share: float) -> float:
    return float(np.floor(100 * np.quantile(probabilities, share)) / 100)
