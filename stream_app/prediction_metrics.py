"""What the predictions say, counted: gestures, confidence, hands, completeness, live accuracy."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from events.prediction import NO_GESTURE, Hand, Prediction, Status
from monitoring import table


class PredictionMetrics:
    """Follows the predictions of one worker. Frames that were skipped were not looked at and say nothing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._predictions = table.PREDICTIONS.create(registry)
        self._confidence = table.PREDICTION_CONFIDENCE.create(registry)
        self._hands = table.HANDS_PER_FRAME.create(registry)
        self._complete = table.COMPLETE_FRAMES.create(registry)
        labelled = table.LABELLED_FRAMES.create(registry)
        self._right, self._wrong = labelled.labels(result="right"), labelled.labels(result="wrong")
        # Looked up once for each of the model's classes: resolving labels costs more than counting.
        self._gestures: dict[str, Counter] = {}

    def count(self, prediction: Prediction) -> None:
        if prediction.status is Status.STALE:
            return
        self._hands.observe(len(prediction.hands))
        for hand in prediction.hands:
            self._of(hand.gesture).inc()
            self._confidence.observe(hand.confidence)
        if any(is_whole(hand) for hand in prediction.hands):
            self._complete.inc()
        if prediction.label is not None:
            # A frame without a hand names no gesture, which is right where the label says that none is made.
            is_right = (prediction.gesture or NO_GESTURE) == prediction.label
            (self._right if is_right else self._wrong).inc()

    def _of(self, gesture: str) -> Counter:
        counter = self._gestures.get(gesture)
        if counter is None:
            counter = self._gestures[gesture] = self._predictions.labels(gesture=gesture)
        return counter


def is_whole(hand: Hand) -> bool:
    """Whether all landmarks lie inside the picture. The box is that of the landmarks."""
    left, top, right, bottom = hand.box
    return left >= 0 and top >= 0 and right <= 1 and bottom <= 1
