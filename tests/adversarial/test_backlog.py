"""A worker that starts behind a long backlog."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaProducer

from broker.clients import kafka_python_options
from broker.embedded.ports import free_port
from broker.topics import admin_client
from events.topics import TopicNames
from settings import Settings
from tests.adversarial.case import frame
from tests.adversarial.memory import MEGABYTE, peak_bytes
from tests.adversarial.pictures import HAND
from tests.stream_app.worker_process import committed_lag, metrics, receive, send, worker

pytestmark = [pytest.mark.broker, pytest.mark.long]

FRAMES = 10_000
FRAME_BYTES = 50_000
# What lies in the worker at once: a fetch of each partition, and the frames that wait for theirs.
BOUND_BYTES = 100 * MEGABYTE
# So many are taken from the backlog before the peak is read.
TAKEN = 200
WAIT_SECONDS = 240.0


@pytest.mark.timeout(600)
def test_what_waits_in_the_topic_does_not_wait_in_the_workers_memory(settings: Settings, tmp_path: Path) -> None:
    predictions = TopicNames(settings.topic_prefix).predictions
    for partition in range(settings.partitions):
        send(settings, frame(HAND, camera=f"c{partition}").to_record(), partition=partition)
    with worker(settings, log=tmp_path / "idle.log") as process:
        receive(settings, predictions, settings.partitions)
        time.sleep(2)
        idle = peak_bytes(process.pid)

    with _backlog(settings):
        port = free_port()
        with worker(settings, log=tmp_path / "worker.log", HANDSTREAM_METRICS_PORT=str(port)) as process:
            deadline = time.monotonic() + WAIT_SECONDS
            while (taken := _processed(port)) < TAKEN:
                assert time.monotonic() < deadline, f"{taken:.0f} of {TAKEN} outcomes"
                assert process.poll() is None
                time.sleep(0.2)
            peak = peak_bytes(process.pid)
        assert committed_lag(settings) > FRAMES // 2

    print(f"idle {idle / MEGABYTE:.0f} MB, with a backlog {peak / MEGABYTE:.0f} MB")
    assert peak - idle < BOUND_BYTES


@contextmanager
def _backlog(settings: Settings) -> Iterator[None]:
    """500 MB that are gone afterwards: others may use this broker."""
    topic = TopicNames(settings.topic_prefix).frames
    image = HAND + bytes(FRAME_BYTES - len(HAND))
    producer = KafkaProducer(**kafka_python_options(settings))
    for number in range(FRAMES):
        partition = number % settings.partitions
        record = frame(image, camera=f"c{partition}", sequence=number).to_record()
        producer.send(topic, key=record.key, value=record.value, headers=list(record.headers), partition=partition)
        if number % 200 == 0:
            # Bounded in this process too.
            producer.flush()
    producer.flush()
    producer.close()
    try:
        yield
    finally:
        with admin_client(settings) as admin:
            admin.delete_topics([topic])


def _processed(port: int) -> float:
    try:
        lines = metrics(port).splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[-1]) for line in lines if line.startswith("handstream_frames_processed_total"))
