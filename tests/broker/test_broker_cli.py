"""What `handstream broker` says when it cannot do what was asked: exit code 2 and one line."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from broker.cli import app
from broker.embedded.ports import free_port
from settings import Settings

NOT_RUNNING = 3
USAGE_ERROR = 2


@pytest.fixture(autouse=True)
def _own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(tmp_path))


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def _one_line(result: Result) -> str:
    assert result.exit_code == USAGE_ERROR
    (line,) = result.stderr.splitlines()
    return line


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "nowhere")
    for command in ("start", "status", "stop", "topics"):
        assert _one_line(_run(command)).startswith("HANDSTREAM_BROKER: ")


def test_the_embedded_broker_is_not_started_in_place_of_a_remote_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "kafka.example:9092")
    assert "kafka.example:9092, which is not this machine" in _one_line(_run("start"))


def test_the_embedded_broker_is_not_started_for_clients_that_would_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("HANDSTREAM_SASL_USERNAME", "camera")
    monkeypatch.setenv("HANDSTREAM_SASL_PASSWORD", "secret of the test")
    line = _one_line(_run("start"))
    assert "HANDSTREAM_SECURITY_PROTOCOL is SASL_SSL" in line
    assert "secret of the test" not in line


@pytest.mark.broker
def test_a_taken_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("HANDSTREAM_BROKER", f"127.0.0.1:{port}")
        assert f"Port {port} is taken by" in _one_line(_run("start"))


def test_status_of_none_is_an_exit_code_of_its_own() -> None:
    result = _run("status")
    assert result.exit_code == NOT_RUNNING
    assert "handstream broker start" in result.stdout


def test_topics_where_no_broker_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("HANDSTREAM_BROKER", address)
    line = _one_line(_run("topics"))
    assert address in line
    assert "handstream broker start" in line


@pytest.mark.broker
def test_topics_are_created_once_and_shown(
    kafka: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", kafka.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", f"{request.node.name}-{free_port()}.")
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "3")
    missing = _run("topics")
    assert missing.exit_code == NOT_RUNNING
    assert missing.stdout.count("missing") == 4

    created = _run("topics", "--create")
    assert created.exit_code == 0
    assert created.stdout.count("created ") == 4
    assert created.stdout.count("there") == 4
    assert "created" not in _run("topics", "--create").stdout

    monkeypatch.setenv("HANDSTREAM_FRAMES_RETENTION_MINUTES", "7")
    monkeypatch.setenv("COLUMNS", "200")
    other = _run("topics", "--create")
    assert (other.exit_code, other.stdout.count("there")) == (0, 3)
    assert "has retention.ms=3600000, not 420000" in other.stdout

    monkeypatch.setenv("HANDSTREAM_PARTITIONS", "4")
    assert "has 3 partitions" in _one_line(_run("topics", "--create"))


def test_help_gives_an_example_for_each_command() -> None:
    for command in ("start", "status", "stop", "topics"):
        assert f"handstream broker {command}" in _run(command, "--help").stdout
