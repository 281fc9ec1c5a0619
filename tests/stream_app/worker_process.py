"""A worker as a process of its own, and what goes in and comes out of its topics."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from broker.clients import kafka_python_options
from broker.embedded.ports import free_port
from events.record import Record
from events.topics import TopicNames
from monitoring.lag import LagReader
from settings import Settings

TIMEOUT_SECONDS = 60.0


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
        "HANDSTREAM_DATA_DIR": str(settings.data_dir),
        **more,
    }


@contextmanager
def worker(settings: Settings, *command: str, log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = command or (sys.executable, "-m", "stream_app")
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            env=environment(settings, **{"HANDSTREAM_METRICS_PORT": str(free_port()), **more}),
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def send(settings: Settings, *records: Record, partition: int | None = None) -> None:
    producer = KafkaProducer(**kafka_python_options(settings))
    for record in records:
        producer.send(
            TopicNames(settings.topic_prefix).frames,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            partition=partition,
            timestamp_ms=record.timestamp_ms,
        )
    producer.flush()
    producer.close()


def receive(settings: Settings, topic: str, count: int) -> list[Any]:
    """Records from the beginning, as soon as there are so many; and no more of them a moment later."""
    consumer = KafkaConsumer(**kafka_python_options(settings), auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
    consumer.seek_to_beginning()
    records: list[Any] = []
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while len(records) < count and time.monotonic() < deadline:
        for some in consumer.poll(timeout_ms=200).values():
            records.extend(some)
    for some in consumer.poll(timeout_ms=500).values():
        records.extend(some)
    consumer.close()
    return records


def committed_lag(settings: Settings) -> int:
    topics = TopicNames(settings.topic_prefix)
    with LagReader(settings, group=settings.consumer_group, topic=topics.frames) as reader:
        return sum(partition.records for partition in reader.read())


def wait_for(condition: Any, what: str) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)


def metrics(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def two_free_ports() -> int:
    """The first of two ports in a row that are free just now."""
    for _ in range(50):
        port = free_port()
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port + 1))
                return port
        except OSError:
            continue
    raise AssertionError("no two free ports in a row")


def health(port: int, path: str) -> dict[str, str]:
    """What is wrong by `/healthz` or `/readyz`, by the check's name; a process that does not answer says so too."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            found: dict[str, str] = json.loads(answer.read())["faults"]
    except urllib.error.HTTPError as error:
        found = json.loads(error.read())["faults"]
    except OSError as error:
        found = {"connection": str(error)}
    return found
