"""The Prometheus beside the stack: what it is told to scrape, and with which token."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path

import pytest
import requests
from prometheus_client import CollectorRegistry, Counter

from broker.embedded.ports import free_port
from handstream.demo.prometheus import PrometheusTargets, start_prometheus, write_configuration
from monitoring.health import Health
from monitoring.server import MonitoringServer
from settings import Settings
from supervision.children import ChildProcesses
from tests.gateway.api_process import api_process
from tests.monitoring.prometheus_program import prometheus_program

TOKEN = "a-token-of-16-or-more"  # noqa: S105
SCRAPED_SECONDS = 60.0
PORTS = {"worker-0": 9101, "worker-1": 9102, "gateway": 8000, "monitor": 9308}


def targets(folder: Path, *, producer_port: int = 0, **ports: int) -> PrometheusTargets:
    folder.mkdir(exist_ok=True)
    settings = Settings(metrics_host="127.0.0.1", producer_metrics_port=producer_port)
    return PrometheusTargets(settings, folder=folder, ports=lambda: ports or PORTS)


def test_prometheus_takes_what_is_written(tmp_path: Path) -> None:
    file = write_configuration(targets(tmp_path), gateway_token=TOKEN, port=9090, folder=tmp_path)

    checked = subprocess.run(
        [prometheus_program("promtool"), "check", "config", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_token_lies_in_a_file_that_nobody_else_can_read_and_is_gone_with_it(tmp_path: Path) -> None:
    (tmp_path / "gateway-token").touch(mode=0o644)
    file = write_configuration(targets(tmp_path), gateway_token=TOKEN, port=9090, folder=tmp_path)

    assert TOKEN not in file.read_text()
    (secret,) = [path for path in tmp_path.iterdir() if path.read_text() == TOKEN]
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert str(secret) in file.read_text()

    file = write_configuration(targets(tmp_path), gateway_token=None, port=9090, folder=tmp_path)
    assert "authorization" not in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_an_address_of_ipv6_stands_in_brackets(tmp_path: Path) -> None:
    settings = Settings(metrics_host="::1", producer_metrics_port=0)
    jobs = PrometheusTargets(settings, folder=tmp_path, ports=lambda: PORTS).jobs()

    assert jobs["handstream-worker"] == ["[::1]:9101", "[::1]:9102"]
    assert jobs["handstream-monitor"] == ["[::1]:9308"]


def test_of_the_ports_that_producers_take_those_are_scraped_where_one_serves(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    Counter("handstream_producer_published", "Frames", registry=registry)
    first = free_port()
    with (
        MonitoringServer(registry=CollectorRegistry(), health=Health(), host="127.0.0.1", port=0, setting="x"),
        MonitoringServer(registry=registry, health=Health(), host="127.0.0.1", port=first, setting="x"),
    ):
        one = targets(tmp_path, producer_port=first)
        one.write()
        assert json.loads(one.file("handstream-producer").read_text()) == [{"targets": [f"127.0.0.1:{first}"]}]
    one.write()
    assert json.loads(one.file("handstream-producer").read_text()) == [{"targets": []}]


@pytest.mark.long
def test_a_gateway_that_asks_for_a_token_is_scraped(tmp_path: Path) -> None:
    program, port = prometheus_program("prometheus"), free_port()
    with (
        api_process(tmp_path, HANDSTREAM_GATEWAY_TOKEN=TOKEN) as address,
        ChildProcesses(log_dir=tmp_path) as children,
    ):
        assert requests.get(f"{address}/metrics", timeout=10).status_code == 401
        folder = tmp_path / "data"
        one = targets(folder, gateway=int(address.rpartition(":")[2]))
        one.write()
        start_prometheus(
            children, os.environ, program=program, targets=one, gateway_token=TOKEN, port=port, folder=folder
        )
        deadline = time.monotonic() + SCRAPED_SECONDS
        while _up(port) is not True:
            assert time.monotonic() < deadline, children.path("prometheus", "log").read_text()[-2000:]
            time.sleep(0.5)


def _up(port: int) -> bool | None:
    """Whether the gateway was scraped; None where that is not known yet."""
    query = {"query": 'up{job="handstream-gateway"}'}
    try:
        result = requests.get(f"http://127.0.0.1:{port}/api/v1/query", params=query, timeout=5).json()["data"]["result"]
    except requests.ConnectionError:
        return None
    return result[0]["value"][1] == "1" if result else None
