"""The predictions that came last, for who asks afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from broker.received import ReceivedPrediction
from events.prediction import Prediction, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which predictions; None: any."""

    camera: str | None = None
    gesture: str | None = None
    status: Status | None = None

    def __call__(self, prediction: Prediction) -> bool:
        return (
            (self.camera is None or prediction.camera == self.camera)
            and (self.status is None or prediction.status is self.status)
            and (self.gesture is None or any(hand.gesture == self.gesture for hand in prediction.hands))
        )


class History:
    """Keeps the newest `most` predictions."""

    def __init__(self, most: int) -> None:
        self._kept: deque[ReceivedPrediction] = deque(maxlen=most)

    def add(self, received: ReceivedPrediction) -> None:
        self._kept.append(received)

    def newest(self, wanted: Wanted, *, limit: int) -> Iterator[ReceivedPrediction]:
        """Newest first."""
        for received in reversed(self._kept):
            if limit <= 0:
                return
            if wanted(received.prediction):
                limit -= 1
                yield received
