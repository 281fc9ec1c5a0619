"""Frames on their way to the broker begin a trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from broker.topics import BrokerError
from events.frame import FRAME_TYPE
from events.record import Record
from events.topics import TopicNames
from events.trace_context import TRACEPARENT
from monitoring.spans import SpanKind, Tracer
from producers.sink import Done, Sink
from settings import Settings

_FRAME = ("ce_type", FRAME_TYPE.encode())


class TracedSink:
    """A Sink around another one. A frame's span `capture` lasts from its capture until the broker has it.

    topic: of the inner sink. now: seconds since the epoch.
    """

    def __init__(self, sink: Sink, *, tracer: Tracer, topic: str, now: Callable[[], float] = time.time) -> None:
        self._sink = sink
        self._tracer = tracer
        self._topic = topic
        self._now = now

    @property
    def max_value_bytes(self) -> int:
        return self._sink.max_value_bytes

    @property
    def partition_count(self) -> int:
        return self._sink.partition_count

    def send(self, record: Record, *, done: Done, partition: int | None = None) -> None:
        if _FRAME not in record.headers:
            self._sink.send(record, done=done, partition=partition)
            return
        headers = dict(record.headers)
        span = self._tracer.begin(
            "capture",
            at=self._now() if record.timestamp_ms is None else record.timestamp_ms / 1000,
            kind=SpanKind.PRODUCER,
            parent=None,
            attributes={
                "messaging.system": "kafka",
                "messaging.operation.name": "send",
                "messaging.operation.type": "send",
                "messaging.destination.name": self._topic,
                "messaging.message.id": headers["ce_id"].decode(),
                "messaging.message.body.size": len(record.value),
                "handstream.camera": headers["ce_camera"].decode(),
                "handstream.sequence": int(headers["ce_sequence"]),
            },
        )

        def landed(error: BrokerError | None) -> None:
            span.end(self._now(), error=None if error is None else str(error))
            done(error)

        traced = replace(record, headers=(*record.headers, (TRACEPARENT, span.traceparent.encode())))
        self._sink.send(traced, done=landed, partition=partition)

    def close(self, *, timeout_seconds: float) -> None:
        self._sink.close(timeout_seconds=timeout_seconds)


def traced(sink: Sink, *, settings: Settings, tracer: Tracer) -> TracedSink:
    return TracedSink(sink, tracer=tracer, topic=TopicNames(settings.topic_prefix).frames)
