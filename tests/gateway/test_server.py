"""`handstream gateway` as a process: it says where it is, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket as sockets
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from broker.embedded.ports import free_port
from settings import Settings
from tests.environment import plain_environment
from tests.gateway.sockets import BrowserTwin, hear, socket
from tests.stream_app.worker_process import environment, wait_for

# The promise; a machine under load may take longer.
STOP_SECONDS = 5.0 if os.environ.get("CI") is None else 15.0


def gateway(*arguments: str, log: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        command = [sys.executable, "-m", "handstream.cli", *arguments]
        return subprocess.Popen(command, env=env, stdout=output, stderr=output, start_new_session=True)


def address_of(log: Path) -> str:
    wait_for(lambda: "Handstream is at" in log.read_text(), "the address")
    found = re.search(r"Handstream is at (http://127\.0\.0\.1:\d+)/", log.read_text())
    assert found, log.read_text()
    return found[1]


@pytest.mark.broker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_within_seconds_whoever_still_watches(
    settings: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    log = tmp_path / "gateway.log"
    process = gateway("gateway", "--port", "0", log=log, env=environment(settings))
    try:
        address = address_of(log)
        viewer = socket(address, "/ws/view")
        browser = BrowserTwin(address, name="desk")
        with httpx.stream("GET", f"{address}/predictions/stream", timeout=30) as events:
            assert events.status_code == 200
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(60) == 0
            took = time.monotonic() - began
        with pytest.raises(ConnectionClosed) as closed:
            hear(viewer, lambda _: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code in (1001, 1012)
        browser.close()
        assert took < STOP_SECONDS
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()


def test_a_port_that_is_taken_is_named_with_the_way_out(tmp_path: Path) -> None:
    with sockets.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        log = tmp_path / "gateway.log"
        process = gateway("gateway", "--port", str(port), log=log, env=plain_environment())
        assert process.wait(60) == 2
    (line,) = [line for line in log.read_text().splitlines() if line.startswith("handstream gateway:")]
    assert f"127.0.0.1:{port}" in line
    assert "--port" in line
    assert "Traceback" not in log.read_text()


@pytest.mark.long
@pytest.mark.broker
def test_up_starts_it_too_and_takes_another_port_where_that_is_taken(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "up.log"
    with sockets.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        env = environment(
            settings,
            HANDSTREAM_GATEWAY_PORT=str(taken),
            HANDSTREAM_METRICS_PORT=str(free_port()),
            TMPDIR=str(tmp_path),
            COLUMNS="120",
        )
        process = gateway("up", log=log, env=env)
        try:
            wait_for(lambda: "live page at http" in log.read_text(), "the address")
            found = re.search(r"live page at (http://127\.0\.0\.1:(\d+)/)", log.read_text())
            assert found
            assert int(found[2]) != taken
            wait_for(lambda: answers(found[1]), "the page")
            assert "Handstream" in httpx.get(found[1]).text
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            assert not answers(found[1])
        finally:
            process.kill()


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.TransportError:
        return False
