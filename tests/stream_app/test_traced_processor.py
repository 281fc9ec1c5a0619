"""The worker's part of a trace: what it hangs on, what it carries on, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from events.dead_letter import decode_dead_letter
from events.frame import decode_frame
from events.reason import Reason
from events.record import Record
from events.stream_end import StreamEnd
from events.topics import TopicNames
from events.trace_context import TRACEPARENT
from producers.sink import MemorySink, RecordRefused
from producers.traced_sink import TracedSink
from stream_app.outcome import Outcome
from stream_app.processor import FrameProcessor
from stream_app.traced_processor import TracedProcessor
from tests.memory_tracer import MemoryTracer
from tests.stream_app.twins import CAPTURED_AT, TwinRecognizer, frame, incoming, status

NOW = CAPTURED_AT.timestamp() + 0.04
CONTEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
END = StreamEnd(run="run1", source="t", partition=0, partitions=1, frames=1, ended_at=CAPTURED_AT)


def with_header(record: Record, *values: bytes) -> Record:
    return replace(record, headers=(*record.headers, *((TRACEPARENT, value) for value in values)))


def process(tracer: MemoryTracer, record: Record) -> Outcome:
    clock = lambda: CAPTURED_AT + timedelta(milliseconds=40)  # noqa: E731
    inner = FrameProcessor(recognizer=TwinRecognizer(), topics=TopicNames(), clock=clock)
    outcome = TracedProcessor(inner, tracer=tracer, group="g", now=lambda: NOW).process(incoming(record))
    if outcome.trace is not None:
        outcome.trace.stored()
    return outcome


def carried(outcome: Outcome) -> list[bytes]:
    return [value for name, value in outcome.record.headers if name == TRACEPARENT]


def test_the_spans_of_a_frame_hang_on_its_context_and_the_prediction_carries_it_on() -> None:
    tracer = MemoryTracer()
    outcome = process(tracer, with_header(frame(sequence=5).to_record(), CONTEXT.encode()))

    spans = {span.name: span for span in tracer.spans}
    assert list(spans) == ["process", "queue", "decode", "landmarks", "classify", "publish"]
    assert (spans["process"].parent, spans["queue"].parent) == (CONTEXT, CONTEXT)
    for name, began_ms, ended_ms in (("decode", 0, 1), ("landmarks", 1, 3), ("classify", 3, 3.5), ("publish", 0, 0)):
        span = spans[name]
        assert span.parent == spans["process"].traceparent
        assert span.ended is not None
        assert ((span.began - NOW) * 1000, (span.ended - NOW) * 1000) == pytest.approx((began_ms, ended_ms), abs=0.01)
    assert (spans["queue"].began, spans["queue"].ended) == (CAPTURED_AT.timestamp(), NOW)
    assert spans["process"].attributes["handstream.sequence"] == 5
    assert all(span.ended is not None for span in tracer.spans)
    assert carried(outcome) == [spans["publish"].traceparent.encode()]


@pytest.mark.parametrize(
    "values",
    [
        (b"",),
        (b"rubbish \xff",),
        (CONTEXT.upper().encode(),),
        (b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01",),
        (CONTEXT.encode() + b"x" * 5000,),
        (CONTEXT.encode(), CONTEXT.encode()),
    ],
)
def test_a_malformed_context_is_as_none_and_never_a_dead_letter(values: tuple[bytes, ...]) -> None:
    tracer, record = MemoryTracer(), with_header(frame().to_record(), *values)

    assert decode_frame(key=record.key, value=record.value, headers=record.headers) == frame()
    assert status(process(tracer, record)) == "no_hand"
    assert tracer.spans[0].parent is None


def test_what_the_sample_left_out_stays_out_and_says_so_further_on() -> None:
    tracer = MemoryTracer()
    outcome = process(tracer, with_header(frame().to_record(), CONTEXT[:-1].encode() + b"0"))

    assert [span.name for span in tracer.spans] == ["process"]
    assert outcome.trace is None
    (context,) = carried(outcome)
    assert context.startswith(CONTEXT[:36].encode())
    assert context.endswith(b"-00")


def test_a_dead_letter_keeps_its_own_context_and_its_span_says_why() -> None:
    tracer = MemoryTracer()
    record = replace(frame().to_record(), value=b"")
    outcome = process(tracer, with_header(record, CONTEXT.encode()))

    letter = decode_dead_letter(key=outcome.record.key, value=outcome.record.value, headers=outcome.record.headers)
    assert letter.reason is Reason.EMPTY_IMAGE
    assert carried(outcome) == [CONTEXT.encode()]
    assert tracer.spans[0].error == letter.error
    assert process(tracer, END.to_record()).trace is None


def test_a_frame_begins_its_trace_at_the_producer_and_a_stream_end_none() -> None:
    tracer, sink = MemoryTracer(), MemorySink(confirm_at_once=False)
    traced = TracedSink(sink, tracer=tracer, topic="frames", now=lambda: NOW)
    heard: list[object] = []

    traced.send(frame(sequence=3).to_record(), done=heard.append)
    traced.send(END.to_record(), done=heard.append, partition=0)
    (span,) = tracer.spans
    assert (span.name, span.began, span.ended) == ("capture", CAPTURED_AT.timestamp(), None)
    sink.confirm()
    traced.send(frame(sequence=4).to_record(), done=heard.append)
    refused = RecordRefused("too busy")
    sink.confirm(error=refused)

    assert heard == [None, None, refused]
    assert (span.ended, span.error, tracer.spans[1].error) == (NOW, None, "too busy")
    assert span.attributes["handstream.sequence"] == 3
    assert [dict(record.headers).get(TRACEPARENT) for _, record in sink.records] == [span.traceparent.encode(), None]
