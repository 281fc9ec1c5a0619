"""What a camera and a worker, as processes of their own, say of themselves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from events.prediction import decode_prediction
from events.record import Record
from events.stream_end import STREAM_END_TYPE
from events.topics import TopicNames
from settings import Settings
from tests.otlp_receiver import Seen, otlp_receiver
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import TIMEOUT_SECONDS, environment, receive, send, wait_for, worker

FRAMES = 12
FAULTY = 15
ADDRESS = "rtsp://ann:geheim@camera.example/1"
# MediaPipe's C++ writes past Python, some lines for each run of a camera.
NATIVE = re.compile(r"INFO: Created TensorFlow|WARNING: Logging before|W\d{4} \d\d:\d\d:")
TRACED = ("capture", "queue", "process", "decode", "landmarks", "classify", "publish")


@pytest.mark.broker
def test_one_trace_shows_a_frames_way_and_the_log_has_no_line_a_frame(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    log = tmp_path / "worker.log"
    with otlp_receiver() as receiver:
        traces = {
            "HANDSTREAM_TRACES_ENDPOINT": receiver.address,
            "HANDSTREAM_STALE_AFTER_SECONDS": "3600",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        with worker(settings, log=log, **traces):
            _produce(settings, **traces)
            outcomes = receive(settings, topics.predictions, FRAMES + settings.partitions)
            send(settings, *(_faulty() for _ in range(FAULTY)))
            receive(settings, topics.dead_letters, FAULTY)
            wait_for(lambda: len(_named(receiver.spans(), "process")) == FRAMES + FAULTY, "the spans")
        spans = receiver.spans()

    predictions = [one for one in outcomes if ("ce_type", STREAM_END_TYPE.encode()) not in one.headers]
    assert len(predictions) == FRAMES
    for record in predictions:
        _check_trace(spans, record, topics=topics, settings=settings)
    failed = [one for one in _named(spans, "process") if one.error]
    assert [one.attributes["handstream.status"] for one in failed] == ["dead_letter"] * FAULTY
    _check_log(log, settings)


def _check_trace(spans: list[Seen], record: Any, *, topics: TopicNames, settings: Settings) -> None:
    prediction = decode_prediction(record.value)
    _, trace, last, flags = dict(record.headers)["traceparent"].decode().split("-")
    of_frame = {one.name: one for one in spans if one.trace == trace}
    assert sorted(of_frame) == sorted(TRACED)
    capture, queue, process = of_frame["capture"], of_frame["queue"], of_frame["process"]
    assert (capture.parent, queue.parent, process.parent) == ("", capture.span, capture.span)
    stages = [of_frame[name] for name in ("decode", "landmarks", "classify", "publish")]
    assert {one.parent for one in stages} == {process.span}
    assert (flags, last) == ("01", of_frame["publish"].span)
    assert (capture.service, process.service) == ("handstream-producer", "handstream-worker")
    assert (capture.kind, process.kind, stages[-1].kind) == ("PRODUCER", "CONSUMER", "PRODUCER")

    captured_ns = round(prediction.captured_at.timestamp() * 1e9)
    assert abs(capture.began - captured_ns) < 2e6
    assert abs(queue.ended - process.began) < 1e6
    assert capture.began <= capture.ended
    for earlier, later in pairwise(stages):
        assert process.began <= earlier.began <= earlier.ended <= later.began + 1e6
    assert stages[-1].ended == process.ended
    landmarks_ms = (of_frame["landmarks"].ended - of_frame["landmarks"].began) / 1e6
    assert landmarks_ms == pytest.approx(prediction.timings_ms.landmarks, abs=0.01)

    _, partition, offset = prediction.id.rsplit("/", 2)
    about = process.attributes
    assert (about["messaging.system"], about["messaging.destination.name"]) == ("kafka", topics.frames)
    assert (about["messaging.destination.partition.id"], about["messaging.kafka.offset"]) == (partition, int(offset))
    assert about["messaging.consumer.group.name"] == settings.consumer_group
    assert of_frame["publish"].attributes["messaging.destination.name"] == topics.predictions
    for one in (capture, process):
        assert one.attributes["handstream.camera"] == prediction.camera
        assert one.attributes["handstream.sequence"] == prediction.sequence


def _check_log(log: Path, settings: Settings) -> None:
    text = log.read_text()
    ours = [line for line in text.splitlines() if not NATIVE.match(line)]
    entries = [json.loads(line) for line in ours]
    for entry in entries:
        assert list(entry)[:4] == ["timestamp", "level", "logger", "event"]
        assert not re.search(r"\b\d{3,}\b", entry["event"]), entry
    assert len(entries) < FRAMES
    by_event = {entry["event"]: entry for entry in entries}
    ready = by_event["The worker is ready"]
    assert (ready["broker"], ready["group"]) == (settings.broker, settings.consumer_group)
    assert ready["model_version"]
    assert by_event["Partitions were assigned"]["partitions"] == [0, 1]
    buried = [entry for entry in entries if entry["event"] == "Frames became dead letters"]
    assert sum(entry["count"] for entry in buried) == FAULTY
    assert len(buried) <= 2
    assert {(one["level"], one["reason"], one["camera"]) for one in buried} == {("warning", "unknown_type", "desk")}
    assert buried[0].keys() >= {"partition", "offset", "topic", "error"}
    assert "geheim" not in text
    assert "camera.example" in text


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    program = """
import sys
from itertools import pairwise
from settings import Settings
import producers.supervisor, stream_app.__main__, monitoring.cli
from monitoring.tracing import start_tracer
from stream_app.worker_app import WorkerApp
assert start_tracer(Settings(), service="x") is None
app = WorkerApp(Settings())
same = object()
assert app._traced(same) is same
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
import gateway.app  # FastAPI itself imports the interface, which does nothing without the SDK
gateway.app.create_app(Settings())
assert not [name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]
"""
    env = {name: value for name, value in environment(Settings()).items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr


def _produce(settings: Settings, **more: str) -> None:
    command = [
        sys.executable, "-m", "handstream.cli", "produce", "synthetic", "--cameras", "2", "--fps", "5",
        "--limit", str(FRAMES // 2),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env=environment(settings, HANDSTREAM_PRODUCER_METRICS_PORT="0", **more),
        capture_output=True,
        text=True,
        timeout=2 * TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _faulty() -> Record:
    """A record of a type that quotes the camera's address."""
    record = frame().to_record()
    headers = tuple((name, ADDRESS.encode() if name == "ce_type" else value) for name, value in record.headers)
    return Record(key=record.key, value=record.value, headers=headers)


def _named(spans: list[Seen], name: str) -> list[Seen]:
    return [one for one in spans if one.name == name]
