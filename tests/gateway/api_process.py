"""A gateway process without a broker: what POST /predict and the rest of HTTP need."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from broker.embedded.ports import free_port
from supervision.children import ChildProcesses
from tests.environment import plain_environment

START_SECONDS = 90.0
_ADDRESS = re.compile(r"Handstream is at (http://[^ /]+)/")


@contextmanager
def api_process(logs: Path, **more: str) -> Iterator[str]:
    """Its address, once the model is loaded. more: environment variables."""
    # Nobody listens there: the API must work all the same.
    environment = {**plain_environment(), "HANDSTREAM_BROKER": f"127.0.0.1:{free_port()}", **more}
    with ChildProcesses(log_dir=logs) as group:
        group.start("gateway", "handstream.cli", "gateway", "--port", "0", environment=environment)
        deadline = time.monotonic() + START_SECONDS
        address: str | None = None
        while address is None or not _is_loaded(address):
            log = group.path("gateway", "log").read_text()
            assert group.ended() is None, log
            assert time.monotonic() < deadline, f"the gateway is not up: {log}"
            found = _ADDRESS.search(log)
            address = found[1] if found else None
            time.sleep(0.1)
        yield address


def _is_loaded(address: str) -> bool:
    answer = httpx.get(f"{address}/readyz", timeout=10)
    return bool(answer.json()["model"])
