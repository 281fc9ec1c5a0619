"""What Kafka and Faust cost: frames a second of the bare loop and of the whole pipeline, on the same frames.

The bare loop decodes, finds landmarks and classifies in as many threads as there are cores, without Kafka. The pipeline
is `handstream worker` on a real broker with the frames already in the topic. Each is measured between the moments when
a tenth and nine tenths of its frames were done, so that start-up and the last stragglers of neither count. The two take
turns, and the median of their ratios is the result: what else the machine does then hits both.

    make bench
    .venv/bin/python -m benchmarks.pipeline --frames 100 --repeats 5
    .venv/bin/python -m benchmarks.pipeline --cameras 1 --frames 1000 --modes recorded
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from rich.console import Console
from rich.table import Table

from broker.clients import kafka_python_options
from broker.embedded.node import EmbeddedBroker
from broker.settings import Settings, load_settings
from broker.topics import create_topics
from events.frame import Frame, Mode
from events.prediction import decode_prediction
from events.topics import TopicNames
from monitoring.lag import LagReader
from producers.synthetic import SyntheticCamera
from recognition.pipeline import Recognizer
from stream_app.cli import core_count, start_workers
from stream_app.process_group import ProcessGroup

FRAME_INTERVAL = timedelta(seconds=1 / 30)
POLL_SECONDS = 0.5
PIPELINE_TIMEOUT_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Frames a second of both, measured one right after the other."""

    bare: float
    pipeline: float

    @property
    def ratio(self) -> float:
        return self.pipeline / self.bare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=120, help="frames a camera (default 120)")
    parser.add_argument("--cameras", type=int, default=8, help="cameras, one a partition (default 8)")
    parser.add_argument("--repeats", type=int, default=3, help="turns (default 3)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each worker process (default 1)")
    parser.add_argument("--modes", default="still,recorded", help="still is IMAGE mode, recorded VIDEO mode")
    arguments = parser.parse_args()
    console = Console()
    console.print(f"{platform.platform()}, {core_count()} cores, Python {platform.python_version()}")
    cameras = render(cameras=arguments.cameras, frames=arguments.frames, console=console)
    table = Table("mode", "bare loop frames/s", "pipeline frames/s", "ratio", "ratios of each turn")
    with broker() as settings:
        for mode in map(Mode, arguments.modes.split(",")):
            pairs = []
            for turn in range(arguments.repeats):
                with console.status(f"{mode}: turn {turn + 1} of {arguments.repeats}"):
                    bare = bare_rate([[replace(frame, mode=mode) for frame in camera] for camera in cameras])
                    pipeline = pipeline_rate(cameras, mode=mode, settings=settings, threads=arguments.threads)
                pairs.append(Pair(bare=bare, pipeline=pipeline))
            table.add_row(
                "IMAGE (stills)" if mode is Mode.STILL else "VIDEO (tracking)",
                f"{statistics.median(pair.bare for pair in pairs):.1f}",
                f"{statistics.median(pair.pipeline for pair in pairs):.1f}",
                f"{statistics.median(pair.ratio for pair in pairs):.3f}",
                " ".join(f"{pair.ratio:.3f}" for pair in pairs),
            )
    console.print(table)


def render(*, cameras: int, frames: int, console: Console) -> list[list[Frame]]:
    """Frames of synthetic cameras, 640 x 480 pixels, each camera with a hand of its own."""
    # The moment of capture is the record's timestamp, and retention deletes what is older than it allows.
    began = datetime.now(UTC)
    with console.status("rendering"):
        return [
            [
                Frame(
                    image=shot.image,
                    camera=f"bench-{camera}",
                    run="bench",
                    sequence=sequence,
                    captured_at=began + sequence * FRAME_INTERVAL,
                    source=shot.source,
                    width=shot.width,
                    height=shot.height,
                    mode=Mode.RECORDED,
                )
                for sequence, shot in enumerate(SyntheticCamera(seed=camera, frame_count=frames).shots())
            ]
            for camera in range(cameras)
        ]


def bare_rate(cameras: Sequence[Sequence[Frame]]) -> float:
    """Frames a second of the recogniser alone, the cameras shared out among as many threads as cores."""
    recognizer = Recognizer.create()
    done: list[float] = []
    threads = core_count()

    def work(share: Sequence[Sequence[Frame]]) -> None:
        for frames in zip(*share, strict=True):
            for frame in frames:
                recognizer.recognize(frame)
                done.append(time.time())

    with ThreadPoolExecutor(max_workers=threads) as pool:
        for future in [pool.submit(work, cameras[index::threads]) for index in range(threads)]:
            future.result()
    recognizer.close()
    return middle_rate(done)


def pipeline_rate(cameras: Sequence[Sequence[Frame]], *, mode: Mode, settings: Settings, threads: int) -> float:
    """Frames a second of the worker processes, the frames already in Kafka."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    # Fewer cameras leave partitions idle, as they do in real life.
    partitions = max(len(cameras), settings.partitions)
    own = settings.model_copy(update={"topic_prefix": f"{name}.", "consumer_group": name, "partitions": partitions})
    create_topics(own)
    preload(cameras, mode=mode, settings=own)
    environment = {
        **os.environ,
        "HANDSTREAM_BROKER": own.broker,
        "HANDSTREAM_TOPIC_PREFIX": own.topic_prefix,
        "HANDSTREAM_CONSUMER_GROUP": own.consumer_group,
        "HANDSTREAM_PARTITIONS": str(own.partitions),
    }
    with ProcessGroup() as group:
        start_workers(group, metrics_ports=[0] * core_count(), threads=threads, environment=environment)
        wait_until_done(group, own)
    return middle_rate(processed_times(own))


def preload(cameras: Sequence[Sequence[Frame]], *, mode: Mode, settings: Settings) -> None:
    """One camera a partition: keys hash a few cameras unevenly, and this is to measure processing, not luck."""
    producer = KafkaProducer(**kafka_python_options(settings))
    topic = TopicNames(settings.topic_prefix).frames
    for partition, camera in enumerate(cameras):
        for frame in camera:
            record = replace(frame, mode=mode).to_record()
            producer.send(topic, key=record.key, value=record.value, headers=list(record.headers), partition=partition)
    producer.flush()
    producer.close()


def wait_until_done(group: ProcessGroup, settings: Settings) -> None:
    deadline = time.monotonic() + PIPELINE_TIMEOUT_SECONDS
    with LagReader(settings, group=settings.consumer_group, topic=TopicNames(settings.topic_prefix).frames) as reader:
        while any(partition.records for partition in reader.read()):
            ended = group.ended()
            if ended is not None:
                raise RuntimeError(f"{ended.name} ended with exit code {ended.exit_code}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not done after {PIPELINE_TIMEOUT_SECONDS} s")
            time.sleep(POLL_SECONDS)


def processed_times(settings: Settings) -> list[float]:
    """When each prediction was made, in seconds since the epoch."""
    consumer = KafkaConsumer(**kafka_python_options(settings))
    topic = TopicNames(settings.topic_prefix).predictions
    partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    expected = sum(consumer.end_offsets(partitions).values())
    times: list[float] = []
    while len(times) < expected:
        for records in consumer.poll(timeout_ms=1000).values():
            times.extend(decode_prediction(record.value).processed_at.timestamp() for record in records)
    consumer.close()
    return times


def middle_rate(times: Sequence[float]) -> float:
    """Frames a second between the moments when a tenth and nine tenths were done."""
    ordered = sorted(times)
    first, last = len(ordered) // 10, len(ordered) * 9 // 10
    return (last - first) / (ordered[last] - ordered[first])


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
