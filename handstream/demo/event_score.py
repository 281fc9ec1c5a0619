"""Gesture events of a labelled stream: correct, missed and spurious ones, and how late they come."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from events.gesture import GestureEvent, Phase
from events.prediction import NO_GESTURE, Prediction
from handstream.demo.frame_score import TRANSITION

# Predictions and events come from two topics: how much capture time one may be ahead of the other.
_OUT_OF_STEP = timedelta(seconds=3)
_MAX_DELAYS = 100_000
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class EventScore:
    """correct: gestures of the labels that started an event, from 0.2 s before the first until 0.2 s after the last
    frame with the label. missed: those that did not. spurious: events that belong to no gesture of the labels, or
    repeat one.

    delays_seconds: of the last correct ones, from the first frame with the label to the frame that settled the event;
    below 0 where the hand was recognised before it had fully arrived. seconds: length of the labelled streams together.
    """

    seconds: float = 0.0
    correct: int = 0
    missed: int = 0
    spurious: int = 0
    delays_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_DELAYS))

    @property
    def spurious_per_minute(self) -> float | None:
        return 60 * self.spurious / self.seconds if self.seconds else None

    def delay_seconds(self, quantile: float) -> float | None:
        """Quantile in 0..1 of the delays, by the nearest rank; None without a correct event."""
        ranked = sorted(self.delays_seconds)
        return ranked[max(0, math.ceil(quantile * len(ranked)) - 1)] if ranked else None


@dataclass(slots=True, kw_only=True)
class _Shown:
    """A gesture of the labels. end: capture of the first frame without it; None while it is shown.

    was_early: its event started before it, as a spurious one, and still went on.
    """

    gesture: str
    start: datetime
    end: datetime | None = None
    has_event: bool = False
    was_early: bool = False

    def fits(self, event: _Event) -> bool:
        is_in_time = self.end is None or event.settled_at <= self.end + TRANSITION
        return event.gesture == self.gesture and self.start - TRANSITION <= event.settled_at and is_in_time

    def is_within(self, event: _Event) -> bool:
        """Whether the event had started before the gesture and went on when it came."""
        is_held = event.ended_at is None or event.ended_at > self.start
        return event.gesture == self.gesture and event.settled_at < self.start and is_held


@dataclass(slots=True, kw_only=True)
class _Event:
    """A gesture that started. key: what its start and its end have in common. ended_at: None while it is held."""

    key: tuple[str, str, datetime]
    gesture: str
    settled_at: datetime
    ended_at: datetime | None = None
    is_spurious: bool = False


class EventScorer:
    """One run of one camera. Counts what can be decided, so that its memory does not grow with the stream."""

    def __init__(self, score: EventScore) -> None:
        self._score = score
        self._label: str | None = None
        self._last_at: datetime | None = None
        self._shown: deque[_Shown] = deque()
        self._events: list[_Event] = []

    def add_frame(self, prediction: Prediction) -> None:
        """Take the next labelled frame."""
        label, at = prediction.label or NO_GESTURE, prediction.captured_at
        self._score.seconds += max(0.0, (at - (self._last_at or at)).total_seconds())
        self._last_at = at
        if label != self._label:
            if self._shown and self._shown[-1].end is None:
                self._shown[-1].end = at
            if label != NO_GESTURE:
                self._shown.append(_Shown(gesture=label, start=at))
        self._label = label
        self._decide(until=at - _OUT_OF_STEP)

    def add_event(self, event: GestureEvent) -> None:
        """Take the next event."""
        key = (event.hand.value, event.gesture, event.started_at)
        if event.phase is Phase.STARTED:
            self._events.append(_Event(key=key, gesture=event.gesture, settled_at=event.settled_at))
        for known in self._events:
            if known.key == key:
                known.ended_at = event.ended_at

    def finish(self) -> None:
        """Decide the rest: neither frames nor events come any more. What is shown at the end is not missed."""
        self._decide(until=_END_OF_TIME)

    def _decide(self, *, until: datetime) -> None:
        for event in [one for one in self._events if one.settled_at < until and not one.is_spurious]:
            self._judge(event)
        for event in self._events:
            for shown in self._shown:
                shown.was_early |= event.is_spurious and shown.is_within(event)
        self._events = [one for one in self._events if one.ended_at is None or one.ended_at >= until]
        while self._shown and self._shown[0].end is not None and self._shown[0].end + TRANSITION < until:
            shown = self._shown.popleft()
            self._score.missed += not shown.has_event and not shown.was_early

    def _judge(self, event: _Event) -> None:
        own = next((one for one in self._shown if one.fits(event) and not one.has_event), None)
        if own is None:
            event.is_spurious = True
            self._score.spurious += 1
            return
        own.has_event = True
        self._events.remove(event)
        self._score.correct += 1
        self._score.delays_seconds.append((event.settled_at - own.start).total_seconds())
