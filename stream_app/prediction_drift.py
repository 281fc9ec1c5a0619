"""What of a prediction is compared with the model's reference."""

from __future__ import annotations

from events.prediction import Prediction, Status
from monitoring.drift import DriftWindow
from recognition.reference import FEATURES, prediction_values


class PredictionDrift:
    """Adds the predictions of one worker to its window. Frames that were skipped were not looked at."""

    def __init__(self, window: DriftWindow) -> None:
        self._window = window

    def count(self, prediction: Prediction) -> None:
        if prediction.status is Status.STALE:
            return
        columns = dict(zip(FEATURES, zip(*prediction_values(prediction), strict=True), strict=False))
        self._window.add([hand.gesture for hand in prediction.hands], columns)
