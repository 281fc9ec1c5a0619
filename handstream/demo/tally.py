"""The figures of a run of the stack."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime

from evaluation.film.figures import JudgedFilm
from events.gesture import GestureEvent
from events.prediction import Prediction, Status
from handstream.demo.labelled_run import LabelledRun
from handstream.demo.score import Score


@dataclass(slots=True)
class Tally:
    """Counts outcomes as they arrive. Latency is from capture until the prediction was received here.

    stale: of the predictions, those of frames that were skipped; they have neither a latency nor right or wrong.
    score: of the streams whose frames carry labels.
    """

    predictions: int = 0
    stale: int = 0
    latencies_seconds: list[float] = field(default_factory=list)
    score: Score = field(default_factory=Score)
    _runs: dict[tuple[str, str], LabelledRun] = field(default_factory=dict)

    def add(self, prediction: Prediction, *, received_at: datetime) -> None:
        self.predictions += 1
        if prediction.label is not None:
            self._judge(prediction)
        if prediction.status is Status.STALE:
            self.stale += 1
            return
        self.latencies_seconds.append(max(0.0, (received_at - prediction.captured_at).total_seconds()))

    def add_event(self, event: GestureEvent) -> None:
        run = self._runs.get((event.camera, event.run))
        if run is not None:
            run.add_event(event)

    def finish(self) -> None:
        """Count what had to wait for what follows: nothing comes any more."""
        for run in self._runs.values():
            self._add(run.finish())
        self._runs.clear()

    def latency_seconds(self, quantile: float) -> float | None:
        """Quantile in 0..1 of the latencies, by the nearest rank; None without predictions."""
        if not self.latencies_seconds:
            return None
        ranked = sorted(self.latencies_seconds)
        return ranked[max(0, math.ceil(quantile * len(ranked)) - 1)]

    def _judge(self, prediction: Prediction) -> None:
        key = (prediction.camera, prediction.run)
        if key not in self._runs:
            self._runs[key] = LabelledRun(name=prediction.camera)
        self._add(self._runs[key].add_frame(prediction))

    def _add(self, part: JudgedFilm | None) -> None:
        if part is not None:
            self.score.add(part)
