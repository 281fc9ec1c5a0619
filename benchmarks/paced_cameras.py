"""Live cameras that publish films at a pace, one camera a partition.

python -m benchmarks.paced_cameras FILMS FPS FRAMES FIRST: so many frames of each camera, from that number on.
HANDSTREAM_* say where to. Kept apart from the process that measures, so that neither delays the other.
"""

from __future__ import annotations

import heapq
import random
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer

from benchmarks.film_file import load_films
from benchmarks.frames import film_frame
from benchmarks.topics import send
from broker.clients import kafka_python_options
from events.frame import Mode
from events.topics import TopicNames
from settings import load_settings

# Before the first frame: the producer has to know the brokers by then.
HEAD_START_SECONDS = 0.3


def main() -> None:
    films_file, fps_text, frames, first = sys.argv[1:]
    films, fps = load_films(Path(films_file)), float(fps_text)
    settings = load_settings()
    producer = KafkaProducer(**kafka_python_options(settings))
    topic = TopicNames(settings.topic_prefix).frames
    producer.partitions_for(topic)
    # Cameras are not in step with each other, and always in the same way.
    phases = random.Random(0)  # noqa: S311 (a pace, no secret)
    begin = time.time() + HEAD_START_SECONDS
    due = [(begin + phases.random() / fps, camera, int(first)) for camera in range(len(films))]
    heapq.heapify(due)
    while due:
        at, camera, sequence = heapq.heappop(due)
        time.sleep(max(0.0, at - time.time()))
        captured_at = datetime.now(UTC)
        frame = film_frame(films[camera], camera=camera, sequence=sequence, began=captured_at, mode=Mode.LIVE)
        send(producer, replace(frame, captured_at=captured_at), topic=topic, partition=camera)
        if sequence + 1 < int(first) + int(frames):
            heapq.heappush(due, (at + 1 / fps, camera, sequence + 1))
    producer.flush()
    producer.close()


if __name__ == "__main__":
    main()
