"""What of a prediction is compared with the model's reference."""

from __future__ import annotations

import numpy as np

from events.prediction import Prediction, Status
from monitoring.drift import DriftWindow
from recognition.features import features, square_pixels
from recognition.reference import FEATURES, hand_values


class PredictionDrift:
    """Adds the predictions of one worker to its window. Frames that were skipped were not looked at."""

    def __init__(self, window: DriftWindow) -> None:
        self._window = window

    def count(self, prediction: Prediction) -> None:
        if prediction.status is Status.STALE:
            return
        names = [hand.gesture for hand in prediction.hands]
        if not names or not prediction.width or not prediction.height:
            self._window.add(names, {})
            return
        landmarks = np.array([hand.landmarks for hand in prediction.hands])
        points = square_pixels(landmarks, width=prediction.width, height=prediction.height)
        values = hand_values(features(points), confidence=[hand.confidence for hand in prediction.hands])
        self._window.add(names, dict(zip(FEATURES, values.T, strict=True)))
