"""The worker's part of a frame's trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from events.frame import Frame
from events.prediction import Timings
from events.trace_context import TRACEPARENT, trace_id, traceparent_of
from monitoring.spans import Attributes, Span, SpanKind, Tracer
from stream_app.agent import Processor
from stream_app.metrics import DEAD_LETTER
from stream_app.outcome import DeadLettered, Incoming, Outcome, Predicted, Skipped, StreamEnded
from stream_app.partition_gestures import PartitionGestures

_STAGES = ("decode", "landmarks", "classify")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTrace:
    """Spans that end when the outcome is on the broker. about: attributes of `process`."""

    process: Span
    publish: Span
    about: Attributes
    error: str | None
    now: Callable[[], float]

    @property
    def id(self) -> str:
        return trace_id(self.process.traceparent)

    def stored(self) -> None:
        at = self.now()
        self.publish.end(at)
        self.process.end(at, attributes=self.about, error=self.error)


class TracedProcessor:
    """A Processor around another one.

    The frame's own context is the parent of `queue` (capture until taken up) and `process` (taken up until the outcome
    is on the broker); `process` holds the stages by the frame's own timings, and `publish`. The prediction carries the
    context of `publish` on. A frame without a context begins a trace here. now: seconds since the epoch.
    """

    def __init__(
        self, processor: Processor, *, tracer: Tracer, group: str, now: Callable[[], float] = time.time
    ) -> None:
        self._processor = processor
        self._tracer = tracer
        self._group = group
        self._now = now

    def skip(self, incoming: Incoming) -> Outcome | None:
        began = self._now()
        outcome = self._processor.skip(incoming)
        return None if outcome is None else self._traced(incoming, outcome, began=began)

    def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
        began = self._now()
        return self._traced(incoming, self._processor.process(incoming, gestures), began=began)

    def _traced(self, incoming: Incoming, outcome: Outcome, *, began: float) -> Outcome:
        if isinstance(outcome, StreamEnded):
            return outcome
        parent = traceparent_of(incoming.headers)
        process = self._tracer.begin("process", at=began, kind=SpanKind.CONSUMER, parent=parent)
        if not process.is_kept:
            return outcome if isinstance(outcome, DeadLettered) else _carrying(outcome, process.traceparent)
        about = self._about(incoming, outcome)
        if isinstance(outcome, Predicted | Skipped):
            captured = min(outcome.prediction.captured_at.timestamp(), began)
            queue = self._tracer.begin(
                "queue", at=captured, kind=SpanKind.INTERNAL, parent=parent or process.traceparent, attributes=about
            )
            queue.end(began)
            self._stages(outcome.prediction.timings_ms, began=began, parent=process.traceparent)
        publish = self._tracer.begin(
            "publish",
            at=self._now(),
            kind=SpanKind.PRODUCER,
            parent=process.traceparent,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.name": "send",
                "messaging.operation.type": "send",
                "messaging.destination.name": outcome.topic,
                "messaging.destination.partition.id": str(incoming.position.partition),
            },
        )
        trace = FrameTrace(
            process=process,
            publish=publish,
            about=about,
            error=outcome.letter.short_error if isinstance(outcome, DeadLettered) else None,
            now=self._now,
        )
        if isinstance(outcome, DeadLettered):
            # It keeps the headers that it came with, and goes back with them.
            return replace(outcome, trace=trace)
        return replace(_carrying(outcome, publish.traceparent), trace=trace)

    def _stages(self, timings: Timings, *, began: float, parent: str) -> None:
        at = began
        for stage in _STAGES:
            seconds = getattr(timings, stage) / 1000
            if seconds:
                self._tracer.begin(stage, at=at, kind=SpanKind.INTERNAL, parent=parent).end(at + seconds)
            at += seconds

    def _about(self, incoming: Incoming, outcome: Outcome) -> Attributes:
        frame = incoming.content
        return {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": incoming.position.topic,
            "messaging.destination.partition.id": str(incoming.position.partition),
            "messaging.kafka.offset": incoming.position.offset,
            "messaging.consumer.group.name": self._group,
            "handstream.camera": incoming.camera,
            "handstream.status": _status(outcome),
            **({"handstream.sequence": frame.sequence} if isinstance(frame, Frame) else {}),
        }


def _status(outcome: Outcome) -> str:
    return outcome.prediction.status.value if isinstance(outcome, Predicted | Skipped) else DEAD_LETTER


def _carrying(outcome: Outcome, traceparent: str) -> Outcome:
    headers = (*outcome.record.headers, (TRACEPARENT, traceparent.encode()))
    return replace(outcome, record=replace(outcome.record, headers=headers))
