"""Collects labelled predictions, each once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from broker.received import ReceivedPrediction
from evaluation.label_set import parse_label
from evaluation.outcome import Outcome
from events.prediction import Status

HINT_SECONDS = 5.0
_SHOWN_CHARACTERS = 40


class Enough(Exception):
    """There is as much as was asked for."""


class Collector:
    """An Output of a Follower.

    A label that cannot be the name of a gesture is counted, and the first of them kept to be told of.

    cameras: the wanted ones; empty for all. count: labelled predictions after which it is Enough; seconds: the same, of
    the clock; None for no limit. tell: takes a line for the user, once, when nothing comes at first; None: silence.
    on_progress: is called with the number of labelled predictions so far.
    """

    def __init__(
        self,
        *,
        cameras: frozenset[str] = frozenset(),
        count: int | None = None,
        seconds: float | None = None,
        tell: Callable[[str], None] | None = None,
        on_progress: Callable[[int], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cameras = cameras
        self._count = count
        self._seconds = seconds
        self._tell = tell
        self._on_progress = on_progress
        self._clock = clock
        self._began = clock()
        self._ids: set[str] = set()
        self.outcomes: list[Outcome] = []
        self.unlabelled = 0
        self.unusable = 0
        self.first_unusable = ""
        self.stale = 0
        self.repeated = 0

    @property
    def seen(self) -> int:
        """Predictions of the wanted cameras, whatever became of them."""
        return len(self.outcomes) + self.unlabelled + self.unusable + self.stale + self.repeated

    def write(self, received: Sequence[ReceivedPrediction]) -> None:
        """Raises Enough."""
        for one in received:
            prediction = one.prediction
            if self._cameras and prediction.camera not in self._cameras:
                continue
            if prediction.id in self._ids:
                self.repeated += 1
                continue
            self._ids.add(prediction.id)
            if prediction.label is None:
                self.unlabelled += 1
                continue
            try:
                label = parse_label(prediction.label)
            except ValueError:
                self.unusable += 1
                self.first_unusable = self.first_unusable or prediction.label[:_SHOWN_CHARACTERS]
                continue
            if prediction.status is Status.STALE:
                self.stale += 1
            else:
                self.outcomes.append(Outcome.of(replace(prediction, label=label), place=prediction.id))
                if len(self.outcomes) == self._count:
                    raise Enough
        self._on_progress(len(self.outcomes))

    def idle(self) -> None:
        """Raises Enough."""
        elapsed = self._clock() - self._began
        if self._seconds is not None and elapsed >= self._seconds:
            raise Enough
        if self._tell is not None and not self.seen and elapsed >= HINT_SECONDS:
            self._tell("nothing comes: is a camera publishing, and a worker running? Ctrl-C ends")
            self._tell = None
