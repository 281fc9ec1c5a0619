"""The topics of one run, and what came to lie in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from benchmarks.film_file import Film
from benchmarks.frames import film_frame
from broker.clients import kafka_python_options
from broker.topics import admin_client, create_topics
from events.frame import Frame, Mode
from events.topics import TopicNames
from settings import Settings


class _Timings(msgspec.Struct):
    decode: float
    landmarks: float
    classify: float


class _Prediction(msgspec.Struct):
    """What predictions of Handstream and of the peers have in common, each in its own way."""

    captured_at: datetime | None = None
    captured_ms: int | None = None
    timings_ms: _Timings | None = None
    inference_ms: float | None = None
    status: str = ""
    hands: list[Any] = msgspec.field(default_factory=list)
    detector_skipped: bool = False
    sequence: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A prediction in the topic. captured_at, stored_at: seconds since the epoch, in whole milliseconds; stored_at is
    the broker's. inference_ms: decoding, landmarks and gesture."""

    partition: int
    sequence: int
    captured_at: float
    stored_at: float
    inference_ms: float
    is_stale: bool
    has_hand: bool
    detector_skipped: bool


@contextmanager
def own_topics(settings: Settings, *, cameras: int) -> Iterator[Settings]:
    """Topics for one run, deleted afterwards. Cameras get a partition each; fewer cameras leave partitions idle, as
    they do in real life. The broker stamps predictions, so that one clock measures all contenders."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    partitions = max(cameras, settings.partitions)
    own = settings.model_copy(update={"topic_prefix": f"{name}.", "consumer_group": name, "partitions": partitions})
    create_topics(own)
    names = TopicNames(own.topic_prefix)
    stamped = {"message.timestamp.type": "LogAppendTime"}
    with admin_client(own) as admin:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, names.predictions, configs=stamped)])
    try:
        yield own
    finally:
        with admin_client(own) as admin:
            admin.delete_topics(list(names.all()))


class FrameWriter:
    """Writes films to the frames topic, one camera a partition: keys hash a few cameras unevenly, and this is to
    measure processing, not luck."""

    def __init__(self, films: Sequence[Film], *, mode: Mode, settings: Settings) -> None:
        self._films = films
        self._mode = mode
        self._topic = TopicNames(settings.topic_prefix).frames
        self._producer = KafkaProducer(**kafka_python_options(settings), linger_ms=5, batch_size=1024 * 1024)
        # The time of capture is the record's timestamp, and retention deletes what is older than it allows.
        self._began = datetime.now(UTC)
        self._next = 0

    def write(self, frames_per_camera: int) -> None:
        """The next frames of each camera."""
        for sequence in range(self._next, self._next + frames_per_camera):
            for camera, film in enumerate(self._films):
                frame = film_frame(film, camera=camera, sequence=sequence, began=self._began, mode=self._mode)
                send(self._producer, frame, topic=self._topic, partition=camera)
        self._next += frames_per_camera
        self._producer.flush()

    def __enter__(self) -> FrameWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close()


def send(producer: Any, frame: Frame, *, topic: str, partition: int) -> None:
    record = frame.to_record()
    producer.send(
        topic,
        key=record.key,
        value=record.value,
        headers=list(record.headers),
        partition=partition,
        timestamp_ms=record.timestamp_ms,
    )


def group_is_settled(settings: Settings, *, members: int) -> bool:
    """Whether so many members share the partitions, and no rebalance is under way."""
    with admin_client(settings) as admin:
        group = admin.describe_groups([settings.consumer_group])[settings.consumer_group]
        return group["group_state"] == "Stable" and len(group["members"]) == members


class PredictionReader:
    """Reads the predictions of a run."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = KafkaConsumer(**kafka_python_options(settings))
        topic = TopicNames(settings.topic_prefix).predictions
        self._partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
        self._consumer.assign(self._partitions)

    def count(self) -> int:
        """How many there are."""
        return sum(self._consumer.end_offsets(self._partitions).values())

    def read(self) -> list[Outcome]:
        """All that are there, in the order of each partition."""
        self._consumer.seek_to_beginning(*self._partitions)
        expected = self.count()
        outcomes: list[Outcome] = []
        while len(outcomes) < expected:
            for place, records in self._consumer.poll(timeout_ms=1000).items():
                outcomes += [_outcome(record, partition=place.partition) for record in records]
        return outcomes

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> PredictionReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _outcome(record: Any, *, partition: int) -> Outcome:
    prediction = _DECODER.decode(record.value)
    if prediction.captured_at is not None:
        # As the record's timestamp has it, which is what the peers go by.
        captured_ms = int(prediction.captured_at.timestamp() * 1000)
    else:
        captured_ms = prediction.captured_ms or 0
    timings = prediction.timings_ms
    inference = timings.decode + timings.landmarks + timings.classify if timings else prediction.inference_ms or 0.0
    return Outcome(
        partition=partition,
        sequence=prediction.sequence,
        captured_at=captured_ms / 1000,
        stored_at=record.timestamp / 1000,
        inference_ms=inference,
        is_stale=prediction.status == "stale",
        has_hand=bool(prediction.hands),
        detector_skipped=prediction.detector_skipped,
    )


_DECODER = msgspec.json.Decoder(_Prediction)
