"""How right a labelled stream is, as a user understands it: held gestures, hands at rest, and gesture events."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from evaluation.film.events import Verdict
from evaluation.film.figures import JudgedFilm

_MAX_DELAYS = 100_000


@dataclass(slots=True)
class Score:
    """The sums over all parts that were judged; see evaluation.film for the rules.

    seconds: length of the labelled streams together. held: frames whose label is a gesture, outside transitions. rest:
    the same with `no_gesture` as the label. transition: frames near a change of the label; transition_misnamed: of
    these, the frames that name a gesture which is shown neither before nor after the change.
    correct: gestures of the labels with an event of their own. missed: those without. spurious: events that belong to
    no gesture of the labels, or repeat one.
    delays_seconds: of the last correct ones, from the first frame with the label to the frame that settled the event;
    below 0 where the hand was recognised before it had fully arrived.
    """

    seconds: float = 0.0
    held: int = 0
    held_right: int = 0
    rest: int = 0
    rest_right: int = 0
    transition: int = 0
    transition_misnamed: int = 0
    correct: int = 0
    missed: int = 0
    spurious: int = 0
    delays_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_DELAYS))

    def add(self, film: JudgedFilm) -> None:
        self.seconds += film.film.duration_seconds
        frames = film.figures.frames
        self.held += frames.shown.total
        self.held_right += frames.shown.hits
        self.rest += frames.other.total
        self.rest_right += frames.other.total - frames.other.hits
        self.transition += frames.transition.total
        self.transition_misnamed += frames.transition.hits
        self.missed += len(film.events.missed)
        for event in film.events.events:
            self.spurious += event.is_false
            if event.verdict in (Verdict.CORRECT, Verdict.LATE) and event.delay_seconds is not None:
                self.correct += 1
                self.delays_seconds.append(event.delay_seconds)

    @property
    def spurious_per_minute(self) -> float | None:
        return 60 * self.spurious / self.seconds if self.seconds else None

    def delay_seconds(self, quantile: float) -> float | None:
        """Quantile in 0..1 of the delays, by the nearest rank; None without a correct event."""
        ranked = sorted(self.delays_seconds)
        return ranked[max(0, math.ceil(quantile * len(ranked)) - 1)] if ranked else None
