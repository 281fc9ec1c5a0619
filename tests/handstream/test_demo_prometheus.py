"""The Prometheus beside the stack: what it is told to scrape, and with which token."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest
import requests

from broker.embedded.ports import free_port
from handstream.demo.prometheus import Targets, start_prometheus, write_configuration
from stream_app.process_group import ProcessGroup
from tests.gateway.api_process import api_process
from tests.monitoring.prometheus_program import prometheus_program

TOKEN = "a-token-of-16-or-more"  # noqa: S105
SCRAPED_SECONDS = 60.0


def targets(*, host: str = "127.0.0.1", gateway: str = "127.0.0.1:8000", token: str | None = TOKEN) -> Targets:
    return Targets(
        host=host,
        worker_ports=[9101, 9102],
        gateway=gateway,
        gateway_token=token,
        monitor_port=9308,
        first_producer_port=0,
    )


def test_prometheus_takes_what_is_written(tmp_path: Path) -> None:
    file = write_configuration(targets(host="::1"), port=9090, folder=tmp_path)

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
    file = write_configuration(targets(), port=9090, folder=tmp_path)

    assert TOKEN not in file.read_text()
    (secret,) = [path for path in tmp_path.iterdir() if path.read_text() == TOKEN]
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert str(secret) in file.read_text()

    file = write_configuration(targets(token=None), port=9090, folder=tmp_path)
    assert "authorization" not in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    jobs = targets(host="::1").jobs()

    assert jobs["handstream-worker"] == ["[::1]:9101", "[::1]:9102"]
    assert jobs["handstream-monitor"] == ["[::1]:9308"]


def test_producers_are_looked_for_where_they_serve() -> None:
    jobs = Targets(host="::1", worker_ports=[], gateway="[::1]:8000", monitor_port=1, first_producer_port=9201).jobs()

    assert jobs["handstream-producer"][0] == "[::1]:9201"


@pytest.mark.long
def test_a_gateway_that_asks_for_a_token_is_scraped(tmp_path: Path) -> None:
    program, port = prometheus_program("prometheus"), free_port()
    with (
        api_process(tmp_path, HANDSTREAM_GATEWAY_TOKEN=TOKEN) as address,
        ProcessGroup(log_dir=tmp_path) as group,
    ):
        gateway = address.removeprefix("http://")
        assert requests.get(f"{address}/metrics", timeout=10).status_code == 401
        start_prometheus(
            group, os.environ, program=program, targets=targets(gateway=gateway), port=port, folder=tmp_path / "data"
        )
        deadline = time.monotonic() + SCRAPED_SECONDS
        while _up(port) is not True:
            assert time.monotonic() < deadline, group.path("prometheus", "log").read_text()[-2000:]
            time.sleep(0.5)


def _up(port: int) -> bool | None:
    """Whether the gateway was scraped; None where that is not known yet."""
    query = {"query": 'up{job="handstream-gateway"}'}
    try:
        result = requests.get(f"http://127.0.0.1:{port}/api/v1/query", params=query, timeout=5).json()["data"]["result"]
    except requests.ConnectionError:
        return None
    return result[0]["value"][1] == "1" if result else None
