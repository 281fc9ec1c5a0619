"""Frames of a labelled stream: held gestures, hands at rest, and transitions between them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.prediction import NO_GESTURE, Prediction, Status

# This near to a change of the label, nobody can say which frame is the first that shows the next pose.
TRANSITION = timedelta(seconds=0.2)


@dataclass(slots=True)
class FrameScore:
    """held: frames whose label is a gesture, outside transitions. rest: the same with `no_gesture` as the label.

    transition: frames within 0.2 s of a change of the label. transition_misnamed: of these, the frames that name a
    gesture which is shown neither before nor after the change.
    """

    held: int = 0
    held_right: int = 0
    rest: int = 0
    rest_right: int = 0
    transition: int = 0
    transition_misnamed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """at: capture of the first frame with the new label."""

    at: datetime
    labels: frozenset[str]


class FrameScorer:
    """One run of one camera. A frame is counted once it is known whether a change follows it."""

    def __init__(self, score: FrameScore) -> None:
        self._score = score
        self._label: str | None = None
        self._waiting: deque[Prediction] = deque()
        self._changes: deque[_Change] = deque()

    def add(self, prediction: Prediction) -> None:
        """Take the next labelled frame. A skipped one shows what the label was, and is neither right nor wrong."""
        label, at = prediction.label or NO_GESTURE, prediction.captured_at
        if self._label not in (None, label):
            self._changes.append(_Change(at=at, labels=frozenset((self._label or NO_GESTURE, label))))
        self._label = label
        if prediction.status is not Status.STALE:
            self._waiting.append(prediction)
        while self._waiting and self._waiting[0].captured_at < at - TRANSITION:
            self._count(self._waiting.popleft())

    def finish(self) -> None:
        """Count what is left: no frame comes any more."""
        while self._waiting:
            self._count(self._waiting.popleft())

    def _count(self, prediction: Prediction) -> None:
        at, label = prediction.captured_at, prediction.label or NO_GESTURE
        # A frame without a hand names no gesture.
        named = prediction.gesture or NO_GESTURE
        while self._changes and self._changes[0].at < at - TRANSITION:
            self._changes.popleft()
        near = [change for change in self._changes if abs(change.at - at) < TRANSITION]
        if near:
            self._score.transition += 1
            fair = frozenset((NO_GESTURE,)).union(*(change.labels for change in near))
            self._score.transition_misnamed += named not in fair
        elif label == NO_GESTURE:
            self._score.rest += 1
            self._score.rest_right += named == label
        else:
            self._score.held += 1
            self._score.held_right += named == label
