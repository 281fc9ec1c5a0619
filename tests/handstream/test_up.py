"""`handstream up` as a user sees it: it says what it takes, serves the page that it names, and mends what dies."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import requests

from settings import Settings
from tests.stream_app.worker_process import environment

pytestmark = pytest.mark.broker

TIMEOUT_SECONDS = 90.0


def test_it_takes_a_free_port_and_starts_again_what_dies(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "up.log"
    with socket.create_server(("127.0.0.1", 0)) as taken, log.open("wb") as output:
        port = taken.getsockname()[1]
        up = psutil.Popen(
            [sys.executable, "-m", "handstream.cli", "up", "--port", str(port)],
            env=environment(settings, HANDSTREAM_METRICS_PORT="0", HANDSTREAM_MONITOR_PORT="0", TMPDIR=str(tmp_path)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
        try:
            page = said(log, r"live page at (http://\S+)")
            assert requests.get(page, timeout=10).status_code == 200
            assert said(log, rf"port {port} is taken: the live page takes port (\d+)") in page

            for name, mark in (("worker-0", "stream_app"), ("gateway", "gateway")):
                family = {child.pid: child.cmdline() for child in up.children()}
                next(psutil.Process(pid) for pid, command in family.items() if mark in command).kill()
                said(log, rf"({name} is ready again)")
                left = {child.pid for child in up.children()}
                assert len(family.keys() - left) == 1, "everything else runs on"
        finally:
            up.terminate()
            assert up.wait(30) == 0

    text = log.read_text()
    assert text.count("ended: killed by SIGKILL; starting it again at once; see ") == 2
    assert text.index("live page at") > text.index("is taken: the live page")
    assert not any(tmp_path.glob("handstream-logs-*"))


def said(log: Path, pattern: str) -> str:
    """What the pattern's group holds of the first line that has it."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (found := re.search(pattern, log.read_text())) is None:
        assert time.monotonic() < deadline, f"nothing of {pattern} in {log.read_text()}"
        time.sleep(0.1)
    return found[1]
