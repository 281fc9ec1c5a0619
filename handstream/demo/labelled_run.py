"""One labelled run of a camera, judged as `handstream evaluate video` judges a film, while it goes on."""

from __future__ import annotations

import math
from datetime import datetime

from evaluation.film.figures import JudgedFilm, Rules, StreamedFilm
from evaluation.film.frames import FilmFrame
from evaluation.film.segments import Segment, Segments
from events.gesture import GestureEvent
from events.prediction import NO_GESTURE, Prediction, Status
from handstream.evaluate.film_times import shown_events

# The label is exact to a frame, unlike that of somebody who watches a film.
RULES = Rules(transition_seconds=0.2)
# Predictions and events come from two topics: how much capture time one may be ahead of the other.
OUT_OF_STEP_SECONDS = 3.0
# Where the label never rests, a part is judged all the same, so that memory stays bounded.
MOST_FRAMES = 5_000


class LabelledRun:
    """Collects frames and events until the hand rests, and judges that part as a film of its own.

    A part ends only where no gesture is shown within the transition and no event is held, so that the parts together
    give the figures of the whole.
    """

    def __init__(self, *, name: str) -> None:
        self._name = name
        self._began_at: datetime | None = None
        self._part_began_seconds = 0.0
        self._last_seconds = 0.0
        self._last_sequence = -1
        self._label = NO_GESTURE
        self._label_since_seconds = 0.0
        self._frames: list[FilmFrame] = []
        self._segments: list[Segment] = []
        self._events: list[GestureEvent] = []

    def add_frame(self, prediction: Prediction) -> JudgedFilm | None:
        """Take the next labelled frame, once: one that is processed twice counts once. A skipped frame shows what the
        label was, and is neither right nor wrong. Returns a part of the run that is over."""
        if prediction.sequence <= self._last_sequence:
            return None
        self._last_sequence = prediction.sequence
        if self._began_at is None:
            self._began_at = prediction.captured_at
        at = (prediction.captured_at - self._began_at).total_seconds()
        self._last_seconds = max(self._last_seconds, at)
        label = prediction.label or NO_GESTURE
        if label != self._label:
            self._close_segment(at)
            self._label, self._label_since_seconds = label, at
        if prediction.status is not Status.STALE:
            self._frames.append(FilmFrame(at_seconds=at, prediction=prediction))
        if len(self._frames) >= MOST_FRAMES:
            return self.finish()
        horizon = at - OUT_OF_STEP_SECONDS
        return self._judge(until=horizon) if self._can_end_at(horizon) else None

    def add_event(self, event: GestureEvent) -> None:
        self._events.append(event)

    def finish(self) -> JudgedFilm | None:
        """Judge the rest; None where there is none."""
        # What is shown at the end has no end that a frame could be near to.
        self._close_segment(math.inf)
        self._label_since_seconds = self._last_seconds
        if not self._frames and not self._segments:
            return None
        return self._judge(until=math.inf)

    def _close_segment(self, at_seconds: float) -> None:
        if self._label != NO_GESTURE and at_seconds > self._label_since_seconds:
            self._segments.append(
                Segment(start_seconds=self._label_since_seconds, end_seconds=at_seconds, label=self._label)
            )

    def _can_end_at(self, seconds: float) -> bool:
        if not any(segment.end_seconds < seconds for segment in self._segments):
            return False
        if self._label != NO_GESTURE and self._label_since_seconds <= seconds + RULES.transition_seconds:
            return False
        if Segments(items=tuple(self._segments)).near(seconds, within_seconds=RULES.transition_seconds):
            return False
        return not any(
            one.started_seconds <= seconds and (one.ended_seconds is None or one.ended_seconds > seconds)
            for one in shown_events(self._events, began_at=self._origin)
        )

    def _judge(self, *, until: float) -> JudgedFilm:
        film = StreamedFilm(
            name=self._name,
            duration_seconds=min(until, self._last_seconds) - self._part_began_seconds,
            segments=Segments.of(one for one in self._segments if one.start_seconds < until),
            frames=tuple(one for one in self._frames if one.at_seconds < until),
            events=tuple(
                one for one in shown_events(self._events, began_at=self._origin) if one.started_seconds < until
            ),
        )
        self._part_began_seconds = min(until, self._last_seconds)
        self._frames = [one for one in self._frames if one.at_seconds >= until]
        self._segments = [one for one in self._segments if one.start_seconds >= until]
        self._events = [one for one in self._events if (one.settled_at - self._origin).total_seconds() >= until]
        return JudgedFilm.of(film, RULES)

    @property
    def _origin(self) -> datetime:
        assert self._began_at is not None, "judged only once there is a frame"
        return self._began_at
