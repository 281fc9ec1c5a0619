"""What a process answers to whoever watches it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter

from monitoring.health import Health
from monitoring.server import MonitoringPortTaken, MonitoringServer


class Process:
    def __init__(self) -> None:
        self.alive: str | None = None
        self.ready: str | None = None
        self.registry = CollectorRegistry()
        self.health = Health(alive={"loop": lambda: self.alive}, ready={"model": lambda: self.ready})


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def server(process: Process) -> Iterator[MonitoringServer]:
    with MonitoringServer(
        registry=process.registry, health=process.health, host="127.0.0.1", port=0, setting="SOME_PORT"
    ) as running:
        yield running


def ask(server: MonitoringServer, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_metrics_are_served_as_text_and_as_openmetrics(process: Process, server: MonitoringServer) -> None:
    Counter("seen_total", "Things seen", registry=process.registry).inc(3)

    assert "seen_total 3.0" in ask(server, "/metrics")[1]
    assert "# EOF" in ask(server, "/metrics", Accept="application/openmetrics-text; version=1.0.0")[1]


def test_alive_and_ready_are_told_apart(process: Process, server: MonitoringServer) -> None:
    process.ready = "no model yet"

    assert ask(server, "/healthz") == (200, '{"status": "ok", "faults": {}}')
    status, body = ask(server, "/readyz")
    assert (status, json.loads(body)["faults"]) == (503, {"model": "no model yet"})


def test_what_is_not_alive_is_not_ready(process: Process, server: MonitoringServer) -> None:
    process.alive = "stuck for 40 s"

    assert ask(server, "/healthz")[0] == 503
    assert json.loads(ask(server, "/readyz")[1])["faults"] == {"loop": "stuck for 40 s"}


def test_another_path_says_what_there_is(server: MonitoringServer) -> None:
    status, body = ask(server, "/")

    assert status == 404
    assert "/readyz" in body


def test_a_taken_port_names_the_setting(process: Process, server: MonitoringServer) -> None:
    with pytest.raises(MonitoringPortTaken, match="SOME_PORT"):
        MonitoringServer(
            registry=process.registry, health=process.health, host="127.0.0.1", port=server.port, setting="SOME_PORT"
        )
