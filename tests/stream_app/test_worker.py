"""The worker on a real Kafka, as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError

from broker.clients import kafka_python_options
from broker.embedded.ports import free_port
from events.dead_letter import decode_dead_letter
from events.frame import FRAME_TYPE
from events.prediction import Prediction, decode_prediction
from events.reason import Reason
from events.record import Record
from events.stream_end import STREAM_END_TYPE, StreamEnd
from events.topics import TopicNames
from monitoring.lag import LagReader
from producers.synthetic import render_still
from settings import Settings
from tests.adversarial.case import RawName
from tests.stream_app.gesture_events import in_one_go, written
from tests.stream_app.twins import CAPTURED_AT, frame
from tests.stream_app.worker_process import (
    TIMEOUT_SECONDS,
    committed_lag,
    metrics,
    receive,
    send,
    two_free_ports,
    wait_for,
    worker,
)

pytestmark = pytest.mark.broker


def test_every_record_has_one_outcome_and_a_clean_stop_commits_them_all(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    hand = render_still(gesture="palm", seed=3)
    cameras = ("desk", "door", "hall")
    frames = [frame(camera=camera, sequence=number, image=hand) for number in range(6) for camera in cameras]
    send(settings, *(one.to_record() for one in frames))
    send(settings, frame(camera="bad", image=b"not an image").to_record())
    send(settings, Record(key=b"x", value=b"y", headers=(("ce_type", FRAME_TYPE.encode()),)))
    send(settings, Record(key=None, value=b"", headers=()))
    ends = [
        StreamEnd(run="run1", source="t", partition=number, partitions=2, frames=18, ended_at=CAPTURED_AT)
        for number in range(settings.partitions)
    ]
    for end in ends:
        send(settings, end.to_record(), partition=end.partition)

    with worker(settings, log=tmp_path / "worker.log", HANDSTREAM_WORLD_LANDMARKS="true") as process:
        outcomes = receive(settings, topics.predictions, len(frames) + len(ends))
        letters = receive(settings, topics.dead_letters, 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0

    predictions = [decode_prediction(record.value) for record in outcomes if not _is_end(record)]
    for camera in cameras:
        assert [one.sequence for one in predictions if one.camera == camera] == list(range(6))
    assert len(predictions) == len(frames)
    assert Counter(one.gesture for one in predictions).most_common(1)[0][0] == "palm"
    assert all(hand.world_landmarks for one in predictions for hand in one.hands)
    assert len({one.id for one in predictions}) == len(frames)
    for partition in range(settings.partitions):
        there = [record for record in outcomes if record.partition == partition]
        assert [_is_end(record) for record in there] == [False] * (len(there) - 1) + [True]
    reasons = [decode_dead_letter(key=one.key, value=one.value, headers=one.headers).reason for one in letters]
    assert sorted(reasons) == sorted([Reason.NOT_AN_IMAGE, Reason.MISSING_HEADER, Reason.MISSING_HEADER])
    assert committed_lag(settings) == 0


def _is_end(record: Any) -> bool:
    return ("ce_type", STREAM_END_TYPE.encode()) in record.headers


@pytest.mark.parametrize("compression", [None, pytest.param("gzip", marks=pytest.mark.long)])
def test_the_greatest_record_that_is_no_frame_still_fits_its_dead_letter(
    settings: Settings, tmp_path: Path, compression: str | None
) -> None:
    topics = TopicNames(settings.topic_prefix)
    size = settings.max_message_bytes + 60 * 1024
    producer = KafkaProducer(
        **kafka_python_options(settings), max_request_size=2 * size, batch_size=2 * size, compression_type=compression
    )
    producer.send(topics.frames, value=bytes(size)).get(timeout=30)
    too_large = producer.send(topics.frames, value=bytes(size + 10 * 1024))
    with pytest.raises(MessageSizeTooLargeError):
        too_large.get(timeout=30)
    producer.close(timeout=5)

    with worker(settings, log=tmp_path / "worker.log"):
        (letter,) = receive(settings, topics.dead_letters, 1)

    assert len(letter.value) == size
    headers = dict(letter.headers)
    assert headers["dlq_reason"] == Reason.MISSING_HEADER.value.encode()


@pytest.mark.long
def test_a_name_that_grows_as_it_is_escaped_fits_its_dead_letter_too(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    name = RawName(b"\xff" * settings.max_message_bytes)
    producer = KafkaProducer(**kafka_python_options(settings), max_request_size=2 * settings.max_message_bytes)
    producer.send(topics.frames, value=b"x", headers=[(name, b"1")]).get(timeout=30)
    producer.close(timeout=5)

    with worker(settings, log=tmp_path / "worker.log"):
        (letter,) = receive(settings, topics.dead_letters, 1)

    headers = dict(letter.headers)
    assert headers["dlq_reason"] == Reason.MALFORMED_HEADER.value.encode()
    assert headers[str(name)] == b"1"


BROKEN_WORKER = """
import faust
from settings import load_settings
from stream_app.worker_app import WorkerApp
from tests.stream_app.gesture_events import in_one_go, written
from tests.stream_app.twins import NO_HAND, TwinRecognizer

def act(frame):
    if frame.sequence == 3:
        raise RuntimeError("the model broke")
    return NO_HAND

app = WorkerApp(load_settings(), create_recognizer=lambda: TwinRecognizer(act))
faust.Worker(app, loglevel="WARNING").execute_from_commandline()
"""


def test_our_own_fault_stops_the_worker_and_keeps_the_frame(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    send(settings, *(frame(sequence=number).to_record() for number in range(6)))

    log = tmp_path / "worker.log"
    with worker(settings, sys.executable, "-c", BROKEN_WORKER, log=log) as process:
        assert process.wait(TIMEOUT_SECONDS) != 0

    before = [decode_prediction(record.value).sequence for record in receive(settings, topics.predictions, 3)]
    assert before == [0, 1, 2]
    assert "the model broke" in log.read_text()
    assert committed_lag(settings) == 3

    healthy = BROKEN_WORKER.replace("frame.sequence == 3", "False")
    with worker(settings, sys.executable, "-c", healthy, log=log):
        after = [decode_prediction(record.value).sequence for record in receive(settings, topics.predictions, 6)]

    assert after == [0, 1, 2, 3, 4, 5]
    assert receive(settings, topics.dead_letters, 0) == []


# It sees a fist and no hand in turns.
SLOW_WORKER = BROKEN_WORKER.replace(
    """    if frame.sequence == 3:
        raise RuntimeError("the model broke")
""",
    """    import time
    from dataclasses import replace
    from events.examples import example_prediction
    from events.prediction import Status
    time.sleep(0.01)
    if frame.sequence % 20 < 10:
        hand = replace(example_prediction().hands[0], gesture="fist")
        return replace(NO_HAND, status=Status.OK, hands=(hand,))
""",
)


def test_workers_that_come_and_go_process_each_frame_once_and_in_order(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    cameras, count = [f"c{index}" for index in range(6)], 200
    sending = threading.Thread(target=_send_slowly, args=(settings, cameras, count))
    with worker(settings, sys.executable, "-c", SLOW_WORKER, log=tmp_path / "stays.log"):
        sending.start()
        receive(settings, topics.predictions, 30)
        for name in ("comes.log", "comes-again.log"):
            with worker(settings, sys.executable, "-c", SLOW_WORKER, log=tmp_path / name):
                wait_for(lambda: _members(settings) == 2, "the second worker")
                time.sleep(1)
        sending.join()
        records = receive(settings, topics.predictions, len(cameras) * count)

    predictions = [decode_prediction(record.value) for record in records]
    for camera in cameras:
        assert [one.sequence for one in predictions if one.camera == camera] == list(range(count))
    told = written(settings)
    assert told == in_one_go(records, settings), "a gesture starts and ends once, whoever has the partition"
    assert len(told) == len(cameras) * count // 10


SLOW_SECONDS = 0.1


def _send_slowly(settings: Settings, cameras: list[str], count: int) -> None:
    producer = KafkaProducer(**kafka_python_options(settings))
    for number in range(count):
        for camera in cameras:
            # Gestures are judged by the times of capture.
            captured_at = CAPTURED_AT + number * timedelta(seconds=SLOW_SECONDS)
            record = replace(frame(camera=camera, sequence=number), captured_at=captured_at).to_record()
            producer.send(
                TopicNames(settings.topic_prefix).frames,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                timestamp_ms=record.timestamp_ms,
            )
        time.sleep(SLOW_SECONDS)
    producer.flush()
    producer.close()


def _members(settings: Settings) -> int:
    topics = TopicNames(settings.topic_prefix)
    with LagReader(settings, group=settings.consumer_group, topic=topics.frames) as reader:
        return reader.members()


def test_it_starts_by_fausts_own_command_and_tells_prometheus(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    send(
        settings,
        *(frame(sequence=number, image=render_still(gesture="fist", seed=1)).to_record() for number in range(3)),
    )
    faust = Path(sys.executable).with_name("faust")
    port = free_port()

    log = tmp_path / "worker.log"
    with worker(settings, str(faust), "-A", "stream_app.app", "worker", log=log, HANDSTREAM_METRICS_PORT=str(port)):
        predictions: list[Prediction] = [
            decode_prediction(record.value) for record in receive(settings, topics.predictions, 3)
        ]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            metrics = answer.read().decode()

    assert [one.sequence for one in predictions] == [0, 1, 2]
    assert 'handstream_frames_processed_total{status="ok"} 3.0' in metrics
    for stage in ("queue", "decode", "landmarks", "classify", "publish"):
        assert f'handstream_stage_seconds_count{{stage="{stage}"}} 3.0' in metrics
    assert "handstream_end_to_end_seconds_count 3.0" in metrics


def test_two_processes_share_the_partitions_and_end_together(settings: Settings, tmp_path: Path) -> None:
    topics = TopicNames(settings.topic_prefix)
    hand = render_still(gesture="peace", seed=2)
    command = (sys.executable, "-m", "handstream.cli", "worker", "--processes", "2")
    port = two_free_ports()
    with worker(settings, *command, log=tmp_path / "worker.log", HANDSTREAM_METRICS_PORT=str(port)) as process:
        for number in range(4):
            send(settings, *(frame(camera=f"c{index}", sequence=number, image=hand).to_record() for index in range(6)))
        records = receive(settings, topics.predictions, 24)

        def both_work() -> bool:
            send(settings, *(frame(camera=f"d{index}", image=hand).to_record() for index in range(6)))
            return all("handstream_camera_frames_total{" in metrics(port + index) for index in (0, 1))

        wait_for(both_work, "both processes to take frames")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0

    for index in range(6):
        sequences = [decode_prediction(one.value).sequence for one in records if one.key == f"c{index}".encode()]
        assert sequences == [0, 1, 2, 3]
