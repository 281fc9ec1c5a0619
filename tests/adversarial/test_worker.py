"""The whole corpus through a real worker on a real Kafka, beside a camera that is well."""

from __future__ import annotations

import contextlib
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaProducer, TopicPartition

from broker.clients import kafka_python_options
from broker.consuming import consumer
from broker.embedded.ports import free_port
from events.dead_letter import decode_dead_letter
from events.prediction import decode_prediction
from events.reason import Reason
from events.record import header_name
from events.topics import TopicNames
from settings import Settings
from tests.adversarial.case import Case, frame
from tests.adversarial.corpus import corpus
from tests.adversarial.memory import MEGABYTE, peak_bytes, reset_peak, resident_bytes
from tests.adversarial.pictures import HAND
from tests.stream_app.worker_process import committed_lag, receive, wait_for, worker

pytestmark = pytest.mark.broker

MAX_SECONDS = 1.0
MAX_BYTES = 200 * MEGABYTE
WAIT_SECONDS = 60.0
# Where nothing else is under way, so that what is measured is the record's own doing.
TRIES = 3


@contextlib.contextmanager
def producer(settings: Settings, **more: Any) -> Iterator[Any]:
    client = KafkaProducer(**kafka_python_options(settings), max_request_size=8 * MEGABYTE, **more)
    try:
        yield client
    finally:
        client.close(timeout=10)


class Outcomes:
    """The outcomes as they come, by the position of their frame."""

    def __init__(self, client: Any, settings: Settings) -> None:
        self._names = TopicNames(settings.topic_prefix)
        self._client = client
        client.assign(
            [
                TopicPartition(topic, number)
                for topic in (self._names.predictions, self._names.dead_letters)
                for number in range(settings.partitions)
            ]
        )
        client.seek_to_beginning()
        self.found: dict[str, list[str | Reason]] = {}

    def look(self, *, timeout_ms: int = 20) -> None:
        for records in self._client.poll(timeout_ms=timeout_ms).values():
            for one in records:
                if one.topic == self._names.predictions:
                    prediction = decode_prediction(one.value)
                    self.found.setdefault(prediction.id, []).append(str(prediction.status))
                else:
                    letter = decode_dead_letter(key=one.key, value=one.value, headers=one.headers)
                    self.found.setdefault(str(letter.position), []).append(letter.reason)

    def wait_for(self, position: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while position not in self.found:
            assert time.monotonic() < deadline, f"no outcome for {position}"
            self.look()


def _clock(pid: int) -> Callable[[], float]:
    """Seconds as the user feels them; where others keep the machine busy, those that the worker itself was at work."""
    if os.getloadavg()[0] <= (os.cpu_count() or 1):
        return time.monotonic
    process = psutil.Process(pid)
    return lambda: float(sum(process.cpu_times()[:2]))


def _send(client: Any, topic: str, one: Case, *, partition: int | None = None) -> str:
    """Where the record lies now."""
    sent = client.send(topic, key=one.key, value=one.value, headers=list(one.headers), partition=partition)
    at = sent.get(timeout=30)
    return f"{at.topic}/{at.partition}/{at.offset}"


def test_a_worker_takes_the_whole_corpus(settings: Settings, tmp_path: Path) -> None:
    frames = TopicNames(settings.topic_prefix).frames
    good = next(one for one in corpus() if one.name == "JPEG")
    dark = next(one for one in corpus() if one.name == "black picture")
    log, port = tmp_path / "worker.log", free_port()
    where: dict[str, Case] = {}
    slow: dict[str, float] = {}
    large: dict[str, float] = {}
    with (
        worker(settings, log=log, HANDSTREAM_METRICS_PORT=str(port)) as process,
        consumer(settings) as client,
        producer(settings) as plain,
        producer(settings, compression_type="gzip") as packing,
    ):
        outcomes = Outcomes(client, settings)

        def run(one: Case, *, partition: int = 0, through: Any = plain) -> tuple[float, int]:
            """Seconds until its outcome was seen, and the bytes by which the worker grew."""
            reset_peak(process.pid)
            before = resident_bytes(process.pid)
            clock = _clock(process.pid)
            began = clock()
            position = _send(through, frames, one, partition=partition)
            where[position] = one
            outcomes.wait_for(position)
            return clock() - began, peak_bytes(process.pid) - before

        for partition in range(settings.partitions):
            run(good, partition=partition)
            run(dark, partition=partition)
        for number, one in enumerate(corpus()):
            if any(value is None for _, value in one.headers):
                # kafka-python writes no such header; test_processor.py has the case.
                continue
            # What unpacks to much more: zeros of 3 MB come as 3 kB.
            through = packing if one.name in ("zeros", "8K JPEG of nothing") else plain
            for _ in range(TRIES):
                seconds, grown = run(one, partition=number % settings.partitions, through=through)
                if seconds < MAX_SECONDS:
                    break
            else:
                slow[one.name] = seconds
            if grown > MAX_BYTES:
                large[one.name] = grown / MEGABYTE
        outcomes.look(timeout_ms=500)

        wrong = {
            one.name: outcomes.found[position]
            for position, one in where.items()
            if len(outcomes.found[position]) != 1 or not one.meets(outcomes.found[position][0])
        }
        assert wrong == {}
        assert outcomes.found.keys() == where.keys()
        assert large == {}
        _check_readers(settings, where)
        _check_broken_camera(settings, outcomes, plain, port=port)
        assert process.poll() is None
    assert slow == {}
    assert committed_lag(settings) == 0
    assert "Traceback" not in log.read_text()


def _check_readers(settings: Settings, where: dict[str, Case]) -> None:
    """Whoever reads the frames comes past each of them; the gateway, the audit and a replay do."""
    topic = TopicNames(settings.topic_prefix).frames
    with consumer(settings) as client:
        client.assign([TopicPartition(topic, number) for number in range(settings.partitions)])
        client.seek_to_beginning()
        found: dict[str, Any] = {}
        deadline = time.monotonic() + WAIT_SECONDS
        while len(found) < len(where):
            assert time.monotonic() < deadline, f"{len(found)} of {len(where)} frames"
            for records in client.poll(timeout_ms=200).values():
                found.update({f"{one.topic}/{one.partition}/{one.offset}": one for one in records})
    assert found.keys() == where.keys()
    for position, one in where.items():
        assert found[position].key == one.key
        assert found[position].value == one.value
        assert [(str(name), value) for name, value in found[position].headers] == [
            (header_name(name.encode()), value) for name, value in one.headers
        ]


def _check_broken_camera(settings: Settings, outcomes: Outcomes, client: Any, *, port: int) -> None:
    """One that sends only rubbish, beside one in the same partition that is well."""
    names = TopicNames(settings.topic_prefix)
    rubbish = replace(next(one for one in corpus() if one.name == "random bytes"), key=b"broken")
    sent = []
    for number in range(10):
        for _ in range(20):
            client.send(names.frames, key=rubbish.key, value=rubbish.value, headers=list(rubbish.headers), partition=0)
        record = frame(HAND, camera="well", sequence=number).to_record()
        client.send(names.frames, key=record.key, value=record.value, headers=list(record.headers), partition=0)
        sent.append(number)
    client.flush()
    expected = len(outcomes.found) + 10 * 21

    def are_there() -> bool:
        outcomes.look()
        return len(outcomes.found) >= expected

    wait_for(are_there, "all outcomes")

    predictions = [decode_prediction(one.value) for one in receive(settings, names.predictions, 10)]
    assert [one.sequence for one in predictions if one.camera == "well"] == sent
    assert "dead_letters" not in _readyz(port)["faults"]


def _readyz(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
