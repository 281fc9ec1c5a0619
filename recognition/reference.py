"""How hands look to a model, counted: what live hands are compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.prediction import Prediction
from recognition.features import FINGER_TIPS, INDEX_MCP, PINKY_MCP, WRIST, Floats

CONFIDENCE = "confidence"
# How far each fingertip is from the wrist, in sizes of the hand, and where the hand points to, in turns.
SHAPE = ("thumb", "index", "middle", "ring", "little", "turn")
FEATURES = (CONFIDENCE, *SHAPE)

_COORDINATES = 40
MIDDLE_MCP = 9
# A hand of no size stays at the origin.
_NO_SIZE = 1e-12
_MIDDLE_KNUCKLE = slice(16, 18)

_REACH_BOUNDS = tuple(round(0.4 + 0.15 * step, 2) for step in range(9))
BOUNDS: dict[str, tuple[float, ...]] = {
    CONFIDENCE: (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98),
    **dict.fromkeys(SHAPE[:-1], _REACH_BOUNDS),
    "turn": tuple(round(-0.5 + step / 12, 4) for step in range(1, 12)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a model saw when it was measured.

    origin: of what, in words.
    bounds: ascending, of each feature by its name: n bounds part n + 1 bins, a bound belongs to the upper one.
    counts: hands in each bin, by the class that the hand was named as and the feature.
    without_hand: share of pictures in which no hand was found; None where that was not measured.
    """

    origin: str
    bounds: dict[str, tuple[float, ...]]
    counts: dict[str, dict[str, tuple[int, ...]]]
    without_hand: float | None = None

    @classmethod
    def of(
        cls,
        names: Sequence[str] | NDArray[np.str_],
        values: Floats,
        *,
        origin: str,
        without_hand: float | None = None,
    ) -> Reference:
        """names: (n,), as which each hand was named. values: (n, len(FEATURES)), see hand_values."""
        of_hand = np.asarray(names, dtype=np.str_)
        counts = {
            name: {
                feature: _in_bins(values[of_hand == name, column], BOUNDS[feature])
                for column, feature in enumerate(FEATURES)
            }
            for name in sorted({*of_hand.tolist()})
        }
        return cls(origin=origin, bounds=dict(BOUNDS), counts=counts, without_hand=without_hand)


def hand_values(rows: Floats, *, confidence: Floats | Sequence[float]) -> Floats:
    """What is compared of hands (n, len(FEATURES)), from their feature rows (n, FEATURE_COUNT) and confidences (n,)."""
    reach = rows[:, _COORDINATES : _COORDINATES + len(FINGER_TIPS)]
    knuckle = rows[:, _MIDDLE_KNUCKLE]
    # 0 points upwards: y is down.
    turn = np.arctan2(knuckle[:, 0], -knuckle[:, 1]) / (2 * np.pi)
    return np.column_stack([np.asarray(confidence, dtype=np.float64), reach, turn])


def prediction_values(prediction: Prediction) -> list[tuple[float, ...]]:
    """The same of each of a prediction's hands; empty where the shape of the picture is not known.

    Without arrays: a worker does this for each frame, and for one hand they would take ten times as long.
    """
    if not prediction.width or not prediction.height:
        return []
    aspect = prediction.width / prediction.height
    return [(hand.confidence, *_shape(hand.landmarks, aspect=aspect)) for hand in prediction.hands]


def _shape(landmarks: Sequence[tuple[float, float, float]], *, aspect: float) -> tuple[float, ...]:
    """What `features` and `hand_values` make of one hand, by the names of SHAPE."""
    wrist_x, wrist_y, _ = landmarks[WRIST]
    points = [((x - wrist_x) * aspect, y - wrist_y) for x, y, _ in landmarks]
    size = max(math.sqrt(sum(x * x + y * y for x, y in points) / len(points)), _NO_SIZE)
    reach = (math.hypot(*points[tip]) / size for tip in FINGER_TIPS)
    (index_x, index_y), (pinky_x, pinky_y) = points[INDEX_MCP], points[PINKY_MCP]
    x, y = points[MIDDLE_MCP]
    shows_back = index_x * pinky_y - index_y * pinky_x > 0
    return (*reach, math.atan2(-x if shows_back else x, -y) / (2 * math.pi))


def _in_bins(values: Floats, bounds: tuple[float, ...]) -> tuple[int, ...]:
    bins = np.searchsorted(bounds, values, side="right")
    return tuple(np.bincount(bins, minlength=len(bounds) + 1).tolist())
