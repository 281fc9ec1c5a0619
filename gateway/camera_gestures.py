"""The gestures of one camera, debounced as the worker does it."""

from __future__ import annotations

from datetime import datetime

from events.frame import Mode
from events.prediction import Prediction, Status
from recognition.gesture_debouncer import DebounceTimes, GestureChange, GestureDebouncer

# Of one camera at once: its live stream and replays of it.
MAX_RUNS = 4


class CameraGestures:
    """Follows each run by itself. Stills, skipped frames and frames that were sent again say nothing."""

    def __init__(self, times: DebounceTimes) -> None:
        self._times = times
        self._runs: dict[str, GestureDebouncer] = {}

    def update(self, prediction: Prediction) -> tuple[GestureChange, ...]:
        """What changes with the camera's next prediction."""
        if prediction.mode is Mode.STILL or prediction.status is Status.STALE or prediction.retries:
            return ()
        debouncer = self._runs.pop(prediction.run, None) or GestureDebouncer(self._times)
        changes = debouncer.update(prediction.hands, at=prediction.captured_at)
        self._runs[prediction.run] = debouncer  # in the order in which they were last seen
        while len(self._runs) > MAX_RUNS:
            changes += self._runs.pop(next(iter(self._runs))).finish()
        return changes

    def expire(self, *, now: datetime) -> tuple[GestureChange, ...]:
        """What has ended because no frame came for long."""
        return tuple(change for debouncer in self._runs.values() for change in debouncer.expire(now=now))

    def finish(self) -> tuple[GestureChange, ...]:
        """End whatever is held: the camera is gone."""
        ended = tuple(change for debouncer in self._runs.values() for change in debouncer.finish())
        self._runs.clear()
        return ended
