"""What a run of the stack came to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from events.prediction import NO_GESTURE, Prediction, Status


@dataclass(slots=True)
class Tally:
    """Counts outcomes as they arrive. Latency is from capture until the prediction was received here.

    stale: of the predictions, those of frames that were skipped; they have neither a latency nor right or wrong.
    """

    predictions: int = 0
    stale: int = 0
    labelled: int = 0
    right: int = 0
    gesture_labelled: int = 0
    gesture_right: int = 0
    latencies_seconds: list[float] = field(default_factory=list)

    def add(self, prediction: Prediction, *, received_at: datetime) -> None:
        self.predictions += 1
        if prediction.status is Status.STALE:
            self.stale += 1
            return
        self.latencies_seconds.append(max(0.0, (received_at - prediction.captured_at).total_seconds()))
        if prediction.label is None:
            return
        # A frame without a hand names no gesture, which is right where the label says that none is made.
        right = (prediction.gesture or NO_GESTURE) == prediction.label
        self.labelled += 1
        self.right += right
        if prediction.label != NO_GESTURE:
            self.gesture_labelled += 1
            self.gesture_right += right

    def latency_seconds(self, quantile: float) -> float | None:
        """Quantile in 0..1 of the latencies, by the nearest rank; None without predictions."""
        if not self.latencies_seconds:
            return None
        ranked = sorted(self.latencies_seconds)
        return ranked[max(0, math.ceil(quantile * len(ranked)) - 1)]

    @property
    def accuracy(self) -> float | None:
        return self.right / self.labelled if self.labelled else None

    @property
    def gesture_accuracy(self) -> float | None:
        """Accuracy on the frames whose label is a gesture."""
        return self.gesture_right / self.gesture_labelled if self.gesture_labelled else None
