"""What a worker process and the broker take for each frame, beyond what recognition alone would."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import psutil
from kafka import KafkaProducer

from broker.clients import kafka_python_options
from broker.topic_reader import topic_reader
from events.frame import Frame
from events.topics import TopicNames
from settings import Settings
from stream_app.cli import start_workers
from supervision.children import ChildProcesses

POLL_SECONDS = 0.1
TIMEOUT_SECONDS = 120.0
# Until a worker that has its partitions does nothing but wait.
REST_SECONDS = 2.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCost:
    """worker_ms, broker_ms: processor time for each frame. idle_mib, loaded_mib: resident memory of the worker at its
    first frame and after the last."""

    worker_ms: float
    broker_ms: float
    prediction_bytes: float
    idle_mib: float
    loaded_mib: float


def measure_worker(runs: Sequence[Sequence[Frame]], *, settings: Settings, broker_pid: int, logs: Path) -> WorkerCost:
    """One worker process on frames of several cameras, a partition each. The first of each camera warms up.

    Raises RuntimeError where the worker ends, TimeoutError where it does not finish.
    """
    names = TopicNames(settings.topic_prefix)
    environment = {
        **os.environ,
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
    }
    producer = KafkaProducer(**kafka_python_options(settings))

    def publish(first: int, last: int) -> None:
        for number in range(first, last):
            for partition, frames in enumerate(runs):
                record = frames[number].to_record()
                producer.send(
                    names.frames,
                    key=record.key,
                    value=record.value,
                    headers=list(record.headers),
                    partition=partition,
                    timestamp_ms=record.timestamp_ms,
                )
        producer.flush()

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (finished := sum(predictions.ends().values())) < count:
            if (ended := group.ended()) is not None:
                raise RuntimeError(f"the worker ended with exit code {ended.exit_code}; see {logs}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{finished} of {count} frames after {TIMEOUT_SECONDS:g} s")
            time.sleep(POLL_SECONDS)

    length = len(runs[0])
    try:
        with topic_reader(settings, names.predictions) as predictions, ChildProcesses(log_dir=logs) as group:
            (name,) = start_workers(group, metrics_ports=[0], threads=1, environment=environment)
            worker, broker = psutil.Process(group.pids()[name]), psutil.Process(broker_pid)
            publish(0, 1)
            wait_for(1)
            idle_mib = worker.memory_info().rss / MEBIBYTE
            wait_for(len(runs))
            time.sleep(REST_SECONDS)
            before = _cpu_seconds(worker), _cpu_seconds(broker)
            publish(1, length)
            wait_for(length * len(runs))
            after = _cpu_seconds(worker), _cpu_seconds(broker)
            loaded_mib = worker.memory_info().rss / MEBIBYTE
            records = predictions.scan_all(predictions.beginnings(), predictions.ends())
            prediction_bytes = mean(map(_size, records))
    finally:
        producer.close()
    count = (length - 1) * len(runs)
    return WorkerCost(
        worker_ms=(after[0] - before[0]) * 1000 / count,
        broker_ms=(after[1] - before[1]) * 1000 / count,
        prediction_bytes=prediction_bytes,
        idle_mib=idle_mib,
        loaded_mib=loaded_mib,
    )


def _cpu_seconds(process: psutil.Process) -> float:
    """User and system time, of the processes below it too."""
    return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))


def _size(record: Any) -> int:
    """Bytes of key, value and headers."""
    headers = sum(len(name) + len(value or b"") for name, value in record.headers)
    return len(record.key or b"") + len(record.value) + headers
