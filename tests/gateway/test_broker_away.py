"""The broker goes and comes; the gateway stays, says so, and goes on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import httpx
import pytest

from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import create_topics
from events.record import Position
from events.topics import TopicNames
from settings import Settings
from stream_app.outcome import Incoming
from stream_app.processor import FrameProcessor
from tests.gateway.page_stack import stack
from tests.gateway.sockets import BrowserTwin, frame_bytes, hear
from tests.recognition.pictures import encoded
from tests.stream_app.twins import TwinRecognizer, frame
from tests.stream_app.worker_process import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


@pytest.mark.long
def test_a_broker_that_went_is_said_and_one_that_came_back_is_found(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(
        broker=f"127.0.0.1:{port}",
        partitions=2,
        data_dir=tmp_path / "data",
        consumer_group="away",
        topic_prefix="away.",
    )
    with stack(settings, tmp_path / "logs") as one:
        one.start_gateway()

        def state() -> str:
            return str(httpx.get(f"{one.address}/stream/health", timeout=10).json()["state"])

        def has(count: int) -> bool:
            return len(httpx.get(f"{one.address}/predictions", timeout=10).json()) == count

        assert state() == "no_broker"
        browser = BrowserTwin(one.address, name="early")
        browser.connection.send(frame_bytes(encoded("JPEG"), sequence=3))
        assert hear(browser.connection, lambda _: True) == {"type": "dropped", "sequence": 3, "reason": "broker"}

        for count in (1, 2):
            broker = EmbeddedBroker(settings=settings, port=port)
            broker.start()
            try:
                wait_for(lambda: state() == "no_worker", "the broker to be found")
                create_topics(settings)
                predict(settings, sequence=count)
                wait_for(partial(has, count), "the prediction")
                ready = httpx.get(f"{one.address}/readyz", timeout=10)
                assert ready.json()["broker"] is True
            finally:
                broker.stop()
            wait_for(lambda: state() == "no_broker", "the broker to be missed")
        browser.close()


def predict(settings: Settings, *, sequence: int) -> None:
    """Write one prediction, as a worker would."""
    from kafka import KafkaProducer  # noqa: PLC0415

    from broker.clients import kafka_python_options  # noqa: PLC0415

    topics = TopicNames(settings.topic_prefix)
    record = frame(sequence=sequence).to_record()
    processor = FrameProcessor(
        recognizer=TwinRecognizer(), topics=topics, clock=lambda: frame(sequence=sequence).captured_at
    )
    position = Position(topic=topics.frames, partition=0, offset=sequence)
    outcome = processor.process(Incoming(position=position, key=record.key, value=record.value, headers=record.headers))
    producer = KafkaProducer(**kafka_python_options(settings))
    producer.send(
        topics.predictions,
        key=outcome.record.key,
        value=outcome.record.value,
        headers=list(outcome.record.headers),
        partition=0,
    )
    producer.flush()
    producer.close()
