"""What a worker tells Prometheus before its first frame, and of a single one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from events.topics import TopicNames
from stream_app.metrics import WorkerMetrics
from stream_app.outcome import Outcome
from stream_app.processor import FrameProcessor
from stream_app.traced_processor import TracedProcessor
from tests.memory_tracer import MemoryTracer
from tests.stream_app.twins import CAPTURED_AT, TwinRecognizer, frame, incoming


def test_every_status_is_there_before_the_first_frame_so_that_a_rate_sees_its_first_burst() -> None:
    registry = CollectorRegistry()
    WorkerMetrics(registry)

    (family,) = [one for one in registry.collect() if one.name == "handstream_frames_processed"]

    counted = {sample.labels["status"]: sample.value for sample in family.samples}
    assert counted == {"ok": 0, "no_hand": 0, "stale": 0, "dead_letter": 0}


@pytest.mark.parametrize(
    ("topic", "is_traced", "names"),
    [
        ("frames", False, {"frame"}),
        ("frames", True, {"frame", "trace_id"}),
        # An exemplar that is too long would spoil the whole answer.
        ("a" * 90, True, {"trace_id"}),
        ("a" * 90, False, {"frame"}),
        ("a" * 200, False, set()),
    ],
)
def test_an_exemplar_names_the_frame_and_its_trace_as_far_as_there_is_room(
    topic: str, is_traced: bool, names: set[str]
) -> None:
    registry, tracer = CollectorRegistry(), MemoryTracer()
    outcome = processed(tracer if is_traced else None, topic=topic)

    WorkerMetrics(registry).stored(outcome, partition=3, publish_seconds=0.001, at=CAPTURED_AT)

    told = exemplar(registry)
    assert set(told) == names
    if "frame" in names:
        assert told["frame"] == f"{topic}/3/7"
    if "trace_id" in names:
        assert told["trace_id"] == tracer.spans[0].traceparent.split("-")[1]


def processed(tracer: MemoryTracer | None, *, topic: str) -> Outcome:
    record = incoming(frame().to_record())
    processor = FrameProcessor(recognizer=TwinRecognizer(), topics=TopicNames(), clock=lambda: CAPTURED_AT)
    one = replace(record, position=replace(record.position, topic=topic))
    if tracer is None:
        return processor.process(one)
    return TracedProcessor(processor, tracer=tracer, group="g").process(one)


def exemplar(registry: CollectorRegistry) -> dict[str, str]:
    text = generate_latest(registry).decode()  # type: ignore[no-untyped-call]
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    latency = next(one for one in families if one.name == "handstream_end_to_end_seconds")
    found: list[dict[str, str]] = [sample.exemplar.labels for sample in latency.samples if sample.exemplar]
    return found[0] if found else {}
