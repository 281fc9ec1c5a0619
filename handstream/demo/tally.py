"""The figures of a run of the stack."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from events.gesture import GestureEvent
from events.prediction import Prediction, Status
from handstream.demo.event_score import EventScore, EventScorer
from handstream.demo.frame_score import FrameScore, FrameScorer


@dataclass(slots=True, kw_only=True)
class _LabelledRun:
    """One run of a camera that says what it shows. last_sequence: a frame that is processed twice counts once."""

    frames: FrameScorer
    events: EventScorer
    last_sequence: int = -1


@dataclass(slots=True)
class Tally:
    """Counts outcomes as they arrive. Latency is from capture until the prediction was received here.

    stale: of the predictions, those of frames that were skipped; they have neither a latency nor right or wrong.
    frames, events: of the streams whose frames carry labels.
    """

    predictions: int = 0
    stale: int = 0
    latencies_seconds: list[float] = field(default_factory=list)
    frames: FrameScore = field(default_factory=FrameScore)
    events: EventScore = field(default_factory=EventScore)
    _runs: dict[tuple[str, str], _LabelledRun] = field(default_factory=dict)

    def add(self, prediction: Prediction, *, received_at: datetime) -> None:
        self.predictions += 1
        if prediction.label is not None:
            self._score(prediction)
        if prediction.status is Status.STALE:
            self.stale += 1
            return
        self.latencies_seconds.append(max(0.0, (received_at - prediction.captured_at).total_seconds()))

    def add_event(self, event: GestureEvent) -> None:
        run = self._runs.get((event.camera, event.run))
        if run is not None:
            run.events.add_event(event)

    def finish(self) -> None:
        """Count what had to wait for what follows: nothing comes any more."""
        for run in self._runs.values():
            run.frames.finish()
            run.events.finish()
        self._runs.clear()

    def latency_seconds(self, quantile: float) -> float | None:
        """Quantile in 0..1 of the latencies, by the nearest rank; None without predictions."""
        if not self.latencies_seconds:
            return None
        ranked = sorted(self.latencies_seconds)
        return ranked[max(0, math.ceil(quantile * len(ranked)) - 1)]

    def _score(self, prediction: Prediction) -> None:
        name = (prediction.camera, prediction.run)
        run = self._runs.get(name)
        if run is None:
            run = self._runs[name] = _LabelledRun(frames=FrameScorer(self.frames), events=EventScorer(self.events))
        if prediction.sequence > run.last_sequence:
            run.last_sequence = prediction.sequence
            run.frames.add(prediction)
            run.events.add_frame(prediction)
