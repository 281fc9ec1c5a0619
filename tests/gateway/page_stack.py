"""What stands behind the page: a gateway, a worker and cameras, each a process of its own."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from broker.embedded.ports import free_port
from broker.topics import create_topics
from settings import Settings
from supervision.children import ChildProcesses
from tests.stream_app.worker_process import environment

START_SECONDS = 60.0


def own_topics(kafka: Settings) -> Settings:
    """Settings with topics and a consumer group that nobody else has; the topics are there."""
    name = f"page-{uuid.uuid4().hex[:12]}"
    own = kafka.model_copy(
        update={"topic_prefix": f"{name}.", "consumer_group": name, "partitions": 2, "metrics_port": 0}
    )
    create_topics(own)
    return own


@dataclass(slots=True)
class Stack:
    """Starts what a test asks for; all of it ends with the block that made it."""

    settings: Settings
    group: ChildProcesses
    port: int = field(default_factory=free_port)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_gateway(self, **more: str) -> None:
        """more: environment variables. Returns when it answers."""
        self._start("gateway", "gateway", "--port", f"{self.port}", **more)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(self.port):
            log = self.group.path("gateway", "log").read_text()
            assert self.group.ended() is None, log
            assert time.monotonic() < deadline, f"no answer of the gateway: {log}"
            time.sleep(0.1)

    def start_worker(self) -> None:
        self._start("worker", "worker", "--processes", "1")

    def start_camera(self, name: str, *, frames_per_second: int = 3, seed: int = 0) -> None:
        rate = ("--fps", f"{frames_per_second}", "--seed", f"{seed}")
        self._start(name, "produce", "synthetic", "--camera", name, *rate)

    def stop(self, name: str) -> None:
        self.group.stop(name)

    def _start(self, name: str, *command: str, **more: str) -> None:
        self.group.start(name, "handstream.cli", *command, environment=environment(self.settings, **more))


@contextmanager
def stack(settings: Settings, logs: Path) -> Iterator[Stack]:
    with ChildProcesses(log_dir=logs) as group:
        yield Stack(settings=settings, group=group)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
