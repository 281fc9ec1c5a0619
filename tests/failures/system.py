"""A broker, producers and workers that a test can hurt, and the audit that it ends with."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from audit.counts import Report
from audit.run import audit_system
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import BrokerError, create_topics
from events.frame import Mode
from producers.kafka_sink import KafkaSink
from producers.production import Production
from producers.publisher import Bounds, DropPolicy
from producers.source import Shot
from settings import Settings
from tests.stream_app.worker_process import worker

PATIENCE_SECONDS = 120.0
FRAMES_PER_SECOND = 100
CAMERAS = ("desk", "door", "roof")
PICTURE = bytes(2_000)
# A worker commits once a second; what it did since then is done again by the next one.
COMMIT_SECONDS = 1.0
FILE_BOUNDS = Bounds(max_in_flight=200, max_in_flight_bytes=16 * 1024 * 1024, max_queued=1, max_queued_bytes=1)


class Film:
    """A Source of so many pictures, 100 a second."""

    mode = Mode.RECORDED

    def __init__(self, total: int) -> None:
        self.total = total
        self._closed = threading.Event()

    def shots(self) -> Iterator[Shot]:
        for number in range(self.total):
            if self._closed.is_set():
                return
            yield Shot(image=PICTURE, width=1, height=1, at_seconds=number / FRAMES_PER_SECOND, source="film")

    def close(self) -> None:
        self._closed.set()


class Showing:
    """A film that is published for three cameras from a thread, by the producer of files: it waits and loses none."""

    def __init__(self, settings: Settings, *, seconds: float) -> None:
        self.frames = int(seconds * FRAMES_PER_SECOND)
        self._sink = KafkaSink(settings)
        self._production = Production(
            Film(self.frames),
            sink=self._sink,
            name="film",
            cameras=CAMERAS,
            policy=DropPolicy.WAIT,
            bounds=FILE_BOUNDS,
        )
        self._thread = threading.Thread(target=self._production.run, daemon=True)
        self._thread.start()

    @property
    def published(self) -> int:
        return self._production.ledger.counts().published

    def wait_for(self, frames: int) -> None:
        wait_until(lambda: self.published >= frames, f"{frames} frames published")

    def finish(self) -> int:
        """Wait until all is on the broker; how many frames that were."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the film is not published"
        self._sink.close(timeout_seconds=5)
        summary = self._production.summary()
        assert summary.dropped == {}
        assert summary.published == self.frames * len(CAMERAS)
        return summary.published


@contextmanager
def light_worker(
    settings: Settings, *, log: Path, seconds_a_frame: float = 0.002, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process without the recognition. One that was killed may be left dead."""
    command = (sys.executable, "-m", "tests.failures.light_worker", str(seconds_a_frame))
    with worker(settings, *command, log=log, **more) as process:
        yield process


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(20)


class OwnBroker:
    """An embedded broker on data of its own, which stay while it is stopped, killed and started again."""

    def __init__(
        self, folder: Path, *, properties: Mapping[str, str] | None = None, proxy_port: int | None = None
    ) -> None:
        self.port = free_port()
        advertised = self.port if proxy_port is None else proxy_port
        self.settings = Settings(
            broker=f"127.0.0.1:{advertised}",
            partitions=2,
            data_dir=folder,
            topic_prefix="failures.",
            consumer_group="failures",
            metrics_port=0,
        )
        extra = dict(properties or {})
        if proxy_port is not None:
            extra["advertised.listeners"] = f"CLIENT://127.0.0.1:{proxy_port}"
        self._node = EmbeddedBroker(settings=self.settings, port=self.port, properties=extra)

    def start(self, *, topics: bool = False) -> None:
        self._node.start()
        if topics:
            create_topics(self.settings)

    def stop(self) -> None:
        self._node.stop()

    def kill(self) -> None:
        status = self._node.status()
        assert status is not None
        family = [psutil.Process(status.pid), *psutil.Process(status.pid).children(recursive=True)]
        for member in family:
            member.kill()
        psutil.wait_procs(family, timeout=20)
        self._node.stop()

    @property
    def runs(self) -> bool:
        return self._node.status() is not None

    def __enter__(self) -> OwnBroker:
        self.start(topics=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._node.stop()


def settled(settings: Settings, *, frames: int) -> Report:
    """The audit, once every frame that was published has its outcome or is lost."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            report = audit_system(settings)
        except BrokerError:
            report = None
        if report is not None and report.totals.frames >= frames and report.pending == 0:
            return report
        assert time.monotonic() < deadline, f"frames still wait: {None if report is None else report.totals}"
        time.sleep(0.5)


def wait_for_outcomes(settings: Settings, count: int = 100) -> None:
    """Wait until the worker is in the midst of it."""
    wait_until(lambda: audit_system(settings).outcomes_read > count, f"{count} outcomes")


def assert_kept(report: Report, *, frames: int, max_duplicates: int = 0) -> None:
    """Nothing lost, nothing out of order, and no more done twice than may be."""
    assert report.broken(max_duplicates=max_duplicates) == ()
    assert report.totals.frames == frames
    assert report.totals.no_hand == frames
    assert report.strays == 0


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
