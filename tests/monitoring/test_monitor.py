"""`handstream monitor` against a real Kafka, and against what Kafka's own tool says of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from broker.clients import kafka_python_options
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import admin_client, create_topics
from events.topics import TopicNames
from monitoring.lag_collector import LagScope
from monitoring.monitor import Monitor, kafka_cluster
from monitoring.server import MonitoringServer
from settings import Settings
from tests.environment import plain_environment
from tests.monitoring.consumer_groups_tool import described, state

pytestmark = pytest.mark.broker

TIMEOUT_SECONDS = 60.0
HALF_READ, READ, EMPTY, EXPIRED, AHEAD = range(5)
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def own(settings: Settings) -> Settings:
    """With five partitions, one for each case."""
    wide = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}wide.", "partitions": 5})
    create_topics(wide)
    return wide


def test_it_says_what_kafkas_own_tool_says_and_the_ages_besides(own: Settings, tmp_path: Path) -> None:
    frames, group = TopicNames(own.topic_prefix).frames, own.consumer_group
    began = time.time()
    for number, ages in {
        HALF_READ: (400, 300, 200),
        READ: (400, 300),
        EXPIRED: (400, 300, 200, 100),
        AHEAD: (-1800, -1800),
    }.items():
        send(own, frames, number, ages)
    with monitored(own, tmp_path) as (scrape, process), member(own, frames) as worker:
        commit(worker, frames, {HALF_READ: 1, READ: 2, EXPIRED: 1, AHEAD: 0})
        with admin_client(own) as admin:
            admin.delete_records({TopicPartition(frames, EXPIRED): 3})

        def lag(number: int, *, what: str = "lag") -> float | None:
            labels = {"consumergroup": group, "topic": frames, "partition": str(number)}
            return scrape().get((f"kafka_consumergroup_{what}", frozenset(labels.items())))

        wait_for(lambda: [lag(number) for number in range(5)] == [2, 0, 0, 1, 2], "the lag of all partitions")
        assert [lag(number, what="current_offset") for number in range(5)] == [1, 2, None, 1, 0]
        seconds = [lag(number, what="lag_seconds") for number in range(5)]
        late = time.time() - began + 1
        assert seconds[READ] == seconds[EMPTY] == 0
        assert 300 <= (seconds[HALF_READ] or 0) <= 300 + late
        assert 100 <= (seconds[EXPIRED] or 0) <= 100 + late
        assert 0 <= (seconds[AHEAD] or 0) <= late

        tool = described(own, group=group)
        figures = scrape()
        for (topic, number), row in tool.items():
            place = frozenset({"topic": topic, "partition": str(number)}.items())
            assert figures["kafka_topic_partition_current_offset", place] == row.end
            assert lag(number, what="current_offset") == row.committed
            # Kafka's tool counts records that are not there any more, and says nothing where none was committed.
            if number != EXPIRED and row.lag is not None:
                assert lag(number) == row.lag
        assert {number for _, number in tool} == set(range(5))
        assert group_state(figures, group) == ("Stable", 1)

        # A worker that is stuck goes on being a member, one that is dead does not: lag grows for both.
        send(own, frames, READ, (0, 0, 0))
        wait_for(lambda: lag(READ) == 3, "the lag of a worker that is stuck")
        assert group_state(scrape(), group) == ("Stable", 1)
        worker.close(autocommit=False)
        send(own, frames, READ, (0,))
        wait_for(lambda: lag(READ) == 4, "the lag of a worker that is dead")
        wait_for(lambda: group_state(scrape(), group) == ("Empty", 0), "the group to be empty")
        assert state(own, group=group) == ("Empty", 0)

        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    log = (tmp_path / "monitor.log").read_text()
    assert "Traceback" not in log


@pytest.mark.long
def test_a_broker_that_is_away_is_said_and_one_that_came_back_is_found(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(broker=f"127.0.0.1:{port}", partitions=1, data_dir=tmp_path / "data")
    registry = CollectorRegistry()
    monitor = Monitor(
        LagScope.of(settings), registry=registry, every_seconds=0.2, connect=partial(kafka_cluster, settings)
    )
    thread = threading.Thread(target=monitor.run)
    thread.start()
    try:
        with MonitoringServer(registry=registry, health=monitor.health, host="127.0.0.1", port=0, setting="") as server:
            scrape = partial(figures_at, server.port)
            up = ("handstream_broker_up", frozenset[tuple[str, str]]())
            assert scrape() == {up: 0}
            wait_for(lambda: "no Kafka broker answers" in monitor.health.not_ready().get("broker", ""), "the reason")
            for _ in range(2):
                with EmbeddedBroker(settings=settings, port=port):
                    create_topics(settings)
                    wait_for(lambda: any(name == "kafka_consumergroup_lag" for name, _ in scrape()), "lag")
                    assert scrape()[up] == 1
                    assert monitor.health.not_ready() == {}
                wait_for(lambda: scrape() == {up: 0}, "the broker to be missed")
            assert monitor.health.not_alive() == {}
    finally:
        monitor.stop()
        thread.join(TIMEOUT_SECONDS)
    assert not thread.is_alive()


@contextmanager
def monitored(settings: Settings, tmp_path: Path) -> Iterator[tuple[Callable[[], Figures], psutil.Popen]]:
    environment = {
        **plain_environment(),
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": settings.consumer_group,
        "HANDSTREAM_MONITOR_POLL_SECONDS": "0.3",
    }
    log = tmp_path / "monitor.log"
    with log.open("wb") as file:
        process = psutil.Popen(
            [sys.executable, "-m", "handstream.cli", "monitor", "--port", "0"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    try:
        wait_for(lambda: re.search(r":(\d+)/metrics", log.read_text()), "the address")
        address = re.search(r":(\d+)/metrics", log.read_text())
        assert address
        yield partial(figures_at, int(address[1])), process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def figures_at(port: int) -> Figures:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }


def group_state(figures: Figures, group: str) -> tuple[str, int]:
    own = {("consumergroup", group)}
    (current,) = (
        dict(labels)["state"]
        for (name, labels), value in figures.items()
        if name == "handstream_consumergroup_state" and own <= labels and value == 1
    )
    return current, int(figures["kafka_consumergroup_members", frozenset(own)])


@contextmanager
def member(settings: Settings, topic: str) -> Iterator[Any]:
    """A consumer that has joined the group and has its partitions."""
    with closing(
        KafkaConsumer(
            **kafka_python_options(settings),
            group_id=settings.consumer_group,
            enable_auto_commit=False,
            # It does not read on while the test looks.
            session_timeout_ms=45_000,
        )
    ) as consumer:
        consumer.subscribe([topic])
        wait_for(lambda: consumer.poll(timeout_ms=200) is not None and consumer.assignment(), "the partitions")
        yield consumer


def commit(consumer: Any, topic: str, offsets: dict[int, int]) -> None:
    consumer.commit(
        {TopicPartition(topic, number): OffsetAndMetadata(offset, "", -1) for number, offset in offsets.items()}
    )


def send(settings: Settings, topic: str, partition: int, ages_seconds: tuple[float, ...]) -> None:
    with closing(KafkaProducer(**kafka_python_options(settings))) as producer:
        for age in ages_seconds:
            timestamp_ms = int((time.time() - age) * 1000)
            producer.send(topic, value=b"picture", partition=partition, timestamp_ms=timestamp_ms)
        producer.flush()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
