"""A command that is started before the broker is up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import BrokerRefusesClient, BrokerUnavailable, create_topics
from broker.waiting import create_topics_when_up
from handstream.cli import app
from settings import Settings


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """What making the topics raises, one after the other, before it succeeds."""
    coming: list[Exception] = []

    def make(_settings: Settings) -> tuple[str, ...]:
        if coming:
            raise coming.pop(0)
        return ()

    monkeypatch.setattr("broker.waiting.RETRY_SECONDS", 0)
    monkeypatch.setattr("broker.waiting.create_topics", make)
    yield coming
    assert coming == []


def test_it_waits_and_says_so_once(faults: list[Exception]) -> None:
    faults += [BrokerUnavailable("no broker answers")] * 3
    said: list[str] = []
    create_topics_when_up(Settings(broker="kafka:9092"), wait_seconds=None, say=said.append)

    assert said == ["no broker answers; waiting for it", "the broker at kafka:9092 answers"]


def test_what_no_waiting_mends_ends_it_at_once(faults: list[Exception]) -> None:
    faults.append(BrokerRefusesClient("the login is refused"))
    with pytest.raises(BrokerRefusesClient):
        create_topics_when_up(Settings(), wait_seconds=None, say=pytest.fail)


def test_scripts_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "127.0.0.1:1")
    result = CliRunner().invoke(app, ["worker", "--wait", "0"])

    assert result.exit_code == 2
    assert "no Kafka broker answers at 127.0.0.1:1" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.broker
@pytest.mark.long
def test_a_broker_that_comes_is_found(tmp_path: Path) -> None:
    settings = Settings(broker=f"127.0.0.1:{free_port()}", data_dir=tmp_path, partitions=1)
    broker = EmbeddedBroker(settings=settings)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            broker.start()

    try:
        create_topics_when_up(settings, wait_seconds=30, say=say)
        assert create_topics(settings) == ()
    finally:
        broker.stop()
    assert len(said) == 2
