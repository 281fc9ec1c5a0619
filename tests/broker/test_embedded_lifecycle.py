"""`handstream broker` as a user runs it: in processes of its own, with nothing of Java or the network to help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer
from typer.testing import CliRunner, Result

from broker.cli import app
from broker.clients import kafka_python_options
from broker.embedded.assets import ensure_kafka
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import check_broker
from events.topics import TopicNames
from settings import Settings, load_settings

PATIENCE_SECONDS = 60
NOT_RUNNING = 3

pytestmark = pytest.mark.broker


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """No Java on the PATH, no network, a data directory and a port of the test's own."""
    ensure_kafka(progress=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(tmp_path / "a,x" / "data"))
    monkeypatch.setenv("HANDSTREAM_CACHE_DIR", str(load_settings().cache_dir))
    monkeypatch.setenv("HANDSTREAM_BROKER", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "1")
    return load_settings()


@pytest.fixture
def handstream_broker(settings: Settings) -> Iterator[Callable[..., Result]]:
    yield lambda *arguments: CliRunner().invoke(app, arguments)
    EmbeddedBroker(settings=settings).stop()


@pytest.fixture
def ephemeral(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """`handstream broker start --ephemeral` that has said where it answers."""
    command = [sys.executable, "-m", "handstream.cli", "broker", "start", "--ephemeral"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "answers at 127.0.0.1:" in process.stdout.readline()
        yield process
        process.kill()


def _send(settings: Settings, value: bytes) -> None:
    producer = KafkaProducer(**kafka_python_options(settings))
    producer.send(TopicNames().frames, value).get(timeout=PATIENCE_SECONDS)
    producer.close()


def _read(settings: Settings, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        TopicNames().frames,
        **kafka_python_options(settings),
        auto_offset_reset="earliest",
        consumer_timeout_ms=PATIENCE_SECONDS * 1000,
    )
    values = [next(consumer).value for _ in range(count)]
    consumer.close()
    return values


def _has_ended(process: psutil.Process) -> bool:
    # Whoever inherits a dead process may be slow to ask for its exit code.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.long
def test_a_broker_in_the_background_from_start_to_stop(
    handstream_broker: Callable[..., Result], settings: Settings
) -> None:
    assert handstream_broker("status").exit_code == NOT_RUNNING

    started = handstream_broker("start")
    assert started.exit_code == 0, started.stderr
    assert f"answers at {settings.broker}" in started.stdout
    _send(settings, b"first")

    again = handstream_broker("start")
    assert (again.exit_code, again.stderr) == (0, "")
    assert f"already running at {settings.broker}" in again.stdout

    status = handstream_broker("status")
    assert status.exit_code == 0
    assert settings.broker in status.stdout
    assert "frames.dlq, 1 partitions" in status.stdout

    running = EmbeddedBroker(settings=settings).status()
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    _wait_until(lambda: EmbeddedBroker(settings=settings).status() is None)
    crashed = handstream_broker("status")
    assert crashed.exit_code == NOT_RUNNING
    assert "ended by itself. Its log: " in crashed.stdout
    assert str(running.log) in crashed.stdout

    assert handstream_broker("start").exit_code == 0
    _send(settings, b"second")
    assert _read(settings, 2) == [b"first", b"second"]
    assert handstream_broker("stop").exit_code == 0
    assert handstream_broker("status").exit_code == NOT_RUNNING
    assert "was not running" in handstream_broker("stop").stdout


@pytest.mark.long
def test_files_in_the_data_directory_are_not_taken_for_modules(settings: Settings) -> None:
    broker = EmbeddedBroker(settings=settings)
    broker.directory.mkdir(parents=True)
    (broker.directory / "shutil.py").write_text("raise SystemExit(1)")
    with broker:
        assert broker.status() is not None


def test_an_ephemeral_broker_ends_with_ctrl_c_and_leaves_nothing(
    ephemeral: subprocess.Popen[str], tmp_path: Path
) -> None:
    family = psutil.Process(ephemeral.pid).children(recursive=True)
    ephemeral.send_signal(signal.SIGINT)
    assert ephemeral.wait(PATIENCE_SECONDS) == 0
    assert all(_has_ended(member) for member in family)
    assert not list(tmp_path.glob("handstream-broker-*"))


def test_an_ephemeral_broker_does_not_outlive_the_process_that_was_killed(
    ephemeral: subprocess.Popen[str], tmp_path: Path
) -> None:
    family = psutil.Process(ephemeral.pid).children(recursive=True)
    assert any(member.name() == "java" for member in family)
    ephemeral.kill()
    _wait_until(lambda: all(_has_ended(member) for member in family))
    assert not list(tmp_path.glob("handstream-broker-*"))


def test_a_cluster_id_that_begins_with_a_hyphen_is_not_taken_for_an_option(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One random id in 64 does: it is base64 of 16 random bytes, in the alphabet for URLs."""
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(bytes=b"\xf8" + bytes(15)))
    with EmbeddedBroker(settings=settings, ephemeral=True) as broker:
        check_broker(broker.settings())
