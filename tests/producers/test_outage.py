"""The broker goes away and comes back on the same data: what a camera and a file make of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import create_topics
from events.frame import Mode
from producers.kafka_sink import KafkaSink
from producers.ledger import Counts
from producers.production import Production
from producers.publisher import BOUNDS, Bounds, DropPolicy
from producers.source import Shot
from settings import Settings
from tests.producers.consuming import frame_of, read_until_ends

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

FRAMES_PER_SECOND = 30
PICTURE = bytes(40_000)
FILE_BOUNDS = Bounds(max_in_flight=50, max_in_flight_bytes=16 * 1024 * 1024, max_queued=1, max_queued_bytes=1)
PATIENCE_SECONDS = 90.0
MIB = 1024 * 1024


class Pictures:
    """A Source of 30 pictures a second, by itself where it is a camera."""

    def __init__(self, mode: Mode, *, total: int | None = None) -> None:
        self.mode = mode
        self.total = total
        self._closed = threading.Event()

    def shots(self) -> Iterator[Shot]:
        number = 0
        while number != self.total and not self._closed.is_set():
            yield Shot(image=PICTURE, width=1, height=1, at_seconds=number / FRAMES_PER_SECOND, source="pictures")
            number += 1

    def close(self) -> None:
        self._closed.set()


@pytest.mark.long
@pytest.mark.parametrize("away_seconds", [8, 60])
def test_a_camera_drops_its_oldest_frames_within_its_bounds_and_a_file_waits_and_loses_nothing(
    tmp_path: Path, away_seconds: int
) -> None:
    port = free_port()
    settings = Settings(broker=f"127.0.0.1:{port}", partitions=2, data_dir=tmp_path / "data", topic_prefix="outage.")
    broker = EmbeddedBroker(settings=settings, port=port)
    broker.start()
    try:
        create_topics(settings)
        total = FRAMES_PER_SECOND * (away_seconds + 5)
        with KafkaSink(settings) as camera_sink, KafkaSink(settings) as file_sink:
            camera = production(Pictures(Mode.LIVE), camera_sink, name="camera", policy=DropPolicy.DROP_OLDEST)
            film = production(
                Pictures(Mode.RECORDED, total=total), file_sink, name="film", policy=DropPolicy.WAIT, bounds=FILE_BOUNDS
            )
            threads = [threading.Thread(target=one.run) for one in (camera, film)]
            for thread in threads:
                thread.start()
            wait_until(lambda: published(camera) > 30 and published(film) > 30, "frames on the broker")

            resident_bytes = psutil.Process().memory_info().rss
            broker.stop()
            sighted = [camera.ledger.counts() for _ in seconds(away_seconds)]
            grown_bytes = psutil.Process().memory_info().rss - resident_bytes
            waiting = film.ledger.counts()
            before = published(camera)
            broker.start()

            wait_until(lambda: published(camera) > before + 90, "the camera to be back")
            threads[1].join(PATIENCE_SECONDS)
            camera.stop()
            threads[0].join(PATIENCE_SECONDS)
        records, ends = read_until_ends(settings, runs=2)
    finally:
        broker.stop()

    assert all(is_within(one, BOUNDS[DropPolicy.DROP_OLDEST]) for one in sighted)
    assert grown_bytes < 64 * MIB
    assert waiting.in_flight == FILE_BOUNDS.max_in_flight
    assert waiting.waiting == 1

    frames = [frame_of(record) for record in records]
    of_film = [frame.sequence for frame in frames if frame.camera == "film"]
    assert of_film == list(range(total))
    assert film.summary().dropped == {}

    of_camera = [frame.sequence for frame in frames if frame.camera == "camera"]
    summary = camera.summary()
    assert of_camera == sorted(set(of_camera))
    assert len(of_camera) == summary.published
    assert set(summary.dropped) == {"queue_full"}
    assert summary.dropped["queue_full"] == camera.ledger.counts().offered - summary.published
    # What was dropped are the oldest of those that waited: nothing is missing before them, and nothing behind them.
    missing = sorted(set(range(of_camera[-1] + 1)) - set(of_camera))
    assert missing == list(range(missing[0], missing[-1] + 1))
    assert {end.frames for _, end in ends} == {total, summary.published}


def production(
    source: Pictures, sink: KafkaSink, *, name: str, policy: DropPolicy, bounds: Bounds | None = None
) -> Production:
    return Production(source, sink=sink, name=name, cameras=[name], policy=policy, bounds=bounds)


def published(one: Production) -> int:
    return one.ledger.counts().published


def is_within(counts: Counts, bounds: Bounds) -> bool:
    # One frame is in the hands of the thread that waits for room in flight.
    return counts.waiting <= bounds.max_queued + 1 and counts.in_flight <= bounds.max_in_flight


def seconds(count: int) -> Iterator[None]:
    """Some looks in each of so many seconds."""
    until = time.monotonic() + count
    while time.monotonic() < until:
        yield
        time.sleep(0.2)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)
