"""What a frame costs the worker beyond decoding and inference: `python -m benchmarks.overhead`

A real worker process on a real broker works a backlog off. Its images are not decoded and not searched: each frame has
the same prepared hands, after a pause as long as inference takes. What the process still needs of processor time is
Kafka, Faust, codecs, classification, smoothing, gesture events and metrics.

`idle` is the whole of what a frame costs of a camera before which nothing happens, with its searches twice a second.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import cv2
import numpy as np
import psutil
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from rich.console import Console
from rich.table import Table

from broker.clients import kafka_python_options
from broker.embedded.node import EmbeddedBroker
from broker.topics import create_topics
from events.frame import Frame, Mode
from events.prediction import LANDMARK_COUNT, Handedness
from events.topics import TopicNames
from imaging.decoding import Pixels
from recognition import pipeline
from recognition.bundle import SHIPPED_BUNDLE, load_bundle
from recognition.engine.protocol import Judge
from recognition.engine.recorded import RecordedEngine, RecordedTracker
from recognition.found_hand import FoundHand
from recognition.pipeline import Recognizer
from settings import Settings, load_settings
from supervision.children import ChildProcesses

CAMERAS = 8
DIFFERENT_IMAGES = 16
IDLE = "idle"
INFERENCE_SECONDS = 0.006
POLL_SECONDS = 0.2
TIMEOUT_SECONDS = 300.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=400, help="frames of each of the eight cameras (default 400)")
    parser.add_argument("--repeats", type=int, default=3, help="turns (default 3)")
    parser.add_argument("--loads", default="still-1,live-1,live-2,idle", help="MODE-HANDS or idle, separated by commas")
    parser.add_argument("--fps", type=float, default=15.0, help="of the cameras, by their capture times (default 15)")
    parser.add_argument("--worker", metavar="LOAD", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker is not None:
        run_worker(arguments.worker)
        return
    table = Table("load", "CPU per frame, ms", "of each turn", title="Worker, beyond decoding and inference")
    console = Console()
    with broker() as settings:
        for load in arguments.loads.split(","):
            with console.status(load):
                turns = [
                    milliseconds_per_frame(settings, load=load, frames=arguments.frames, fps=arguments.fps)
                    for _ in range(arguments.repeats)
                ]
            table.add_row(load, f"{statistics.median(turns):.2f}", " ".join(f"{turn:.2f}" for turn in turns))
    console.print(table)


def milliseconds_per_frame(settings: Settings, *, load: str, frames: int, fps: float) -> float:
    """Processor time of one worker process for each frame between the first and the last tenth of a backlog."""
    name = f"overhead-{uuid.uuid4().hex[:8]}"
    own = settings.model_copy(
        update={"topic_prefix": f"{name}.", "consumer_group": name, "partitions": max(CAMERAS, settings.partitions)}
    )
    create_topics(own)
    preload(own, mode=Mode.LIVE if load == IDLE else Mode(load.partition("-")[0]), frames=frames, fps=fps)
    environment = {
        **os.environ,
        "HANDSTREAM_BROKER": own.broker,
        "HANDSTREAM_TOPIC_PREFIX": own.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": own.consumer_group,
        "HANDSTREAM_PARTITIONS": str(own.partitions),
        "HANDSTREAM_METRICS_PORT": "0",
        # The backlog of a live camera is old. Here it is to be worked off all the same.
        "HANDSTREAM_STALE_AFTER_SECONDS": "86400",
    }
    with ChildProcesses() as group:
        group.start("worker", "benchmarks.overhead", "--worker", load, environment=environment)
        samples = list(progress(own, psutil.Process(group.pids()["worker"]), total=CAMERAS * frames))
    begin = next(sample for sample in samples if sample[0] >= CAMERAS * frames * 0.1)
    end = next(sample for sample in samples if sample[0] >= CAMERAS * frames * 0.9)
    return 1000 * (end[1] - begin[1]) / (end[0] - begin[0])


def progress(settings: Settings, process: psutil.Process, *, total: int) -> Iterator[tuple[int, float]]:
    """Predictions written so far, and the worker's processor time in seconds, until all are there."""
    topic = TopicNames(settings.topic_prefix).predictions
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    consumer = KafkaConsumer(**kafka_python_options(settings))
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        written = 0
        while written < total:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{written} of {total} frames were processed within {TIMEOUT_SECONDS:.0f} s")
            written = sum(consumer.end_offsets(partitions).values())
            times = process.cpu_times()
            yield written, times.user + times.system
            time.sleep(POLL_SECONDS)
    finally:
        consumer.close()


def preload(settings: Settings, *, mode: Mode, frames: int, fps: float) -> None:
    """One camera a partition, all of the same room without a hand."""
    began = datetime.now(UTC)
    images = room()
    producer = KafkaProducer(**kafka_python_options(settings))
    topic = TopicNames(settings.topic_prefix).frames
    for sequence in range(frames):
        for camera in range(CAMERAS):
            record = Frame(
                image=images[sequence % len(images)],
                camera=f"bench-{camera}",
                run="bench",
                sequence=sequence,
                captured_at=began + sequence * timedelta(seconds=1 / fps),
                source="benchmark",
                width=640,
                height=480,
                mode=mode,
            ).to_record()
            producer.send(topic, key=record.key, value=record.value, headers=list(record.headers), partition=camera)
    producer.flush()
    producer.close()


def room() -> list[bytes]:
    """JPEG images of 640 x 480 pixels and about 30 kB that differ in the grain of the sensor alone."""
    random = np.random.default_rng(0)
    light = cv2.resize(random.integers(60, 200, (24, 32, 3), dtype=np.uint8), (640, 480), interpolation=cv2.INTER_CUBIC)
    images = []
    for _ in range(DIFFERENT_IMAGES):
        grain = random.normal(0, 2, (*light.shape[:2], 1))
        noisy = np.clip(light + grain, 0, 255).astype(np.uint8)
        images.append(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    return images


def run_worker(load: str) -> None:
    """The worker as it is, but for decoding and inference."""
    # Faust reads the command line when it is imported.
    sys.argv = sys.argv[:1]
    from stream_app.__main__ import run_app  # noqa: PLC0415

    run_app(
        load_settings(),
        create_recognizer=Recognizer.create if load == IDLE else partial(prepared, hands=int(load.partition("-")[2])),
    )


def prepared(*, hands: int) -> Recognizer:
    """A recogniser that sees the same hands in every image, without looking at it."""
    found = [
        FoundHand(
            handedness=Handedness.LEFT,
            score=0.98,
            landmarks=np.random.default_rng(seed).uniform(0.2, 0.8, (LANDMARK_COUNT, 3)),
            track_id=seed,
        )
        for seed in range(hands)
    ]
    pixels = np.zeros((480, 640, 3), np.uint8)
    setattr(pipeline, "decode", lambda _: pixels)  # noqa: B010 (there is no other way around it)
    return Recognizer(bundle=load_bundle(SHIPPED_BUNDLE), engine=_WaitingEngine(found))


class _WaitingEngine(RecordedEngine):
    def find(self, pixels: Pixels, **how: Any) -> Sequence[FoundHand]:
        time.sleep(INFERENCE_SECONDS)
        return super().find(pixels, **how)

    def tracker(self, *, judge: Judge | None = None) -> RecordedTracker:  # noqa: ARG002
        return _WaitingTracker(self._images)


class _WaitingTracker(RecordedTracker):
    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
        time.sleep(INFERENCE_SECONDS)
        return super().find(pixels, at_seconds=at_seconds, sequence=sequence)


@contextmanager
def broker() -> Iterator[Settings]:
    """The broker that the settings name, else an embedded one for the time of the benchmark."""
    settings = load_settings()
    if settings.broker_is_named:
        yield settings
        return
    with EmbeddedBroker(settings=settings, ephemeral=True) as embedded:
        yield embedded.settings()


if __name__ == "__main__":
    main()
