"""What worker processes hold in memory: `python -m benchmarks.memory`

Real workers on a real broker, with our own engine. Resident memory at its highest while a backlog is worked off, and
frames a second, for a few and for many cameras, for one camera that is started again and again, and for frames of 4 MB.
"""

from __future__ import annotations

import argparse
import io
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import psutil
from kafka import KafkaProducer
from PIL import Image
from rich.console import Console
from rich.table import Table

from benchmarks.overhead import broker, progress
from broker.clients import kafka_python_options
from broker.topics import create_topics
from events.frame import Frame, Mode
from events.topics import TopicNames
from producers.synthetic.camera import SyntheticCamera
from settings import Settings
from stream_app.cli import start_workers
from supervision.children import ChildProcesses

MEBIBYTE = 1024 * 1024
FRAME_INTERVAL = timedelta(seconds=1 / 30)
RENDERED_FRAMES = 30
LARGE_BYTES = 4 * 1000 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """resident_mib: of each worker, its highest in each tenth of the frames. fps: of all workers."""

    resident_mib: tuple[tuple[float, ...], ...]
    fps: float

    @property
    def peak_mib(self) -> float:
        return max(max(tenths) for tenths in self.resident_mib)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=1600, help="of each load but that of 4 MB frames (default 1600)")
    parser.add_argument("--loads", default="8,16,200,runs,large", help="numbers of cameras, runs or large")
    arguments = parser.parse_args()
    table = Table("load", "workers", "highest, MiB", "at the end, MiB", "frames/s", title="Memory of a worker process")
    with broker() as settings:
        for load in arguments.loads.split(","):
            workers = 2 if load == "200" else 1
            usage = measure(settings, frames_of(load, count=arguments.frames), workers=workers)
            table.add_row(
                load,
                str(workers),
                f"{usage.peak_mib:.0f}",
                f"{max(tenths[-1] for tenths in usage.resident_mib):.0f}",
                f"{usage.fps:.1f}",
            )
    Console().print(table)


def frames_of(load: str, *, count: int) -> list[Frame]:
    """The backlog of a load: a number of cameras; `runs`, 60 of one camera; `large`, eight cameras with 4 MB frames."""
    if load == "large":
        return list(frames([large_image()], cameras=8, count=160))
    images = [shot.image for shot in islice(SyntheticCamera(seed=1).shots(), RENDERED_FRAMES)]
    if load == "runs":
        return list(frames(images, cameras=1, runs=60, count=count))
    return list(frames(images, cameras=int(load), count=count))


def frames(images: Sequence[bytes], *, cameras: int, count: int, runs: int = 1) -> Iterator[Frame]:
    """A number of frames from live cameras that send in turn, in consecutive runs."""
    began = datetime.now(UTC)
    of_run = max(1, count // runs)
    for number in range(count):
        sequence = number % of_run // cameras
        yield Frame(
            image=images[sequence % len(images)],
            camera=f"camera-{number % cameras}",
            run=f"run-{number // of_run}",
            sequence=sequence,
            captured_at=began + (number // cameras) * FRAME_INTERVAL,
            source="benchmark",
            width=640,
            height=480,
            mode=Mode.LIVE,
        )


def large_image() -> bytes:
    """A JPEG that no camera would send and a worker must take all the same."""
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    if buffer.tell() > LARGE_BYTES:
        raise ValueError(f"the image has {buffer.tell()} bytes, {LARGE_BYTES} are allowed")
    return buffer.getvalue()


def measure(settings: Settings, backlog: Iterable[Frame], *, workers: int = 1) -> Usage:
    """Process the frames with a number of worker processes."""
    name = f"memory-{uuid.uuid4().hex[:8]}"
    own = settings.model_copy(update={"topic_prefix": f"{name}.", "consumer_group": name})
    create_topics(own)
    total = publish(own, backlog)
    environment = {
        **os.environ,
        "HANDSTREAM_BROKER": own.broker,
        "HANDSTREAM_TOPIC_PREFIX": own.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": name,
        "HANDSTREAM_PARTITIONS": str(own.partitions),
        # The backlog of a live camera is old. Here it is to be worked off all the same.
        "HANDSTREAM_STALE_AFTER_SECONDS": "86400",
    }
    with ChildProcesses() as group:
        start_workers(group, metrics_ports=[0] * workers, threads=1, environment=environment)
        processes = [psutil.Process(pid) for pid in group.pids().values()]
        highest = [[0.0] * 10 for _ in processes]
        times: list[tuple[float, int]] = []
        for done, _ in progress(own, processes[0], total=total):
            times.append((time.monotonic(), done))
            for process, tenths in zip(processes, highest, strict=True):
                tenth = min(9, done * 10 // total)
                tenths[tenth] = max(tenths[tenth], process.memory_info().rss / MEBIBYTE)
    begin = next(one for one in times if one[1] >= total * 0.2)
    end = next(one for one in times if one[1] >= total * 0.9)
    fps = (end[1] - begin[1]) / max(1e-9, end[0] - begin[0])
    return Usage(resident_mib=tuple(map(tuple, highest)), fps=fps)


def publish(settings: Settings, backlog: Iterable[Frame]) -> int:
    producer = KafkaProducer(**kafka_python_options(settings), max_request_size=2 * LARGE_BYTES)
    topic = TopicNames(settings.topic_prefix).frames
    count = 0
    for frame in backlog:
        record = frame.to_record()
        partition = int(frame.camera.rpartition("-")[2]) % settings.partitions
        producer.send(topic, key=record.key, value=record.value, headers=list(record.headers), partition=partition)
        count += 1
    producer.flush()
    producer.close()
    return count


if __name__ == "__main__":
    main()
