"""Replays frames that are still in a topic."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import TopicMissing, consumer
from broker.received import STREAM_END_HEADER
from broker.topic_reader import Edge, TopicReader, topic_reader
from events.frame import Frame, Mode, Origin, decode_frame
from events.reason import RecordError
from events.record import Position
from producers.source import Shot, SourceError
from settings import Settings

# Clocks that differ by more than this are wrong.
TRUSTED_SECONDS = 60.0
# Nobody waits for a clock that is ahead, nor for a night in which nothing happened.
LONGEST_PAUSE_SECONDS = 60.0

logger = logging.getLogger("handstream.producer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Which part of a topic: what fits all. until and to_offset are exclusive; offsets are those of `partition`.

    since, until: the frames' own times of capture, whatever lies between them.
    """

    since: datetime | None = None
    until: datetime | None = None
    partition: int | None = None
    from_offset: int | None = None
    to_offset: int | None = None
    cameras: frozenset[str] = frozenset()

    def covers(self, time: datetime) -> bool:
        return (self.since is None or time >= self.since) and (self.until is None or time < self.until)

    def has(self, frame: Frame) -> bool:
        return self.covers(frame.captured_at) and (not self.cameras or frame.camera in self.cameras)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A frame in the range. due: when it was captured, in seconds since the epoch by a clock that all share."""

    due: float
    position: Position
    frame: Frame


class TopicReplay:
    """A Source of the frames that were in a range of a topic when it was made, partitions merged by when each is due.

    The order in a partition is that of arrival, so a camera whose first frame there is more than a minute away from the
    frame before it has a wrong clock, and its time counts from there. Frames that were sent back are due with the one
    before them. A live camera's frames come as those of a recording, so that none is skipped for its age. What is no
    frame is skipped; stream ends are not repeated, since the replay has its own.

    Raises SourceError where there is no such topic or nothing in the range, BrokerError where no broker answers.
    """

    def __init__(self, settings: Settings, *, topic: str, part: Range) -> None:
        self._settings = settings
        self._topic = topic
        self._part = part
        self._closed = threading.Event()
        self._found = 0
        self._skipped = 0
        # What is added to the clock of each camera, in seconds.
        self._corrections: dict[str, float] = {}
        try:
            with topic_reader(settings, topic) as reader:
                self._spans = _spans(reader, topic=topic, part=part)
        except TopicMissing as error:
            raise SourceError(str(error)) from error
        if not self._spans:
            raise self._nothing()

    @property
    def mode(self) -> Mode:
        return Mode.RECORDED

    @property
    def total(self) -> int:
        """Upper bound of the number of frames: those found and the offsets not read yet. Exact at the end."""
        return self._found + sum(end - begin for begin, end in self._spans.values())

    def shots(self) -> Iterator[Shot]:
        """Can be asked for once."""
        at_seconds, newest = 0.0, float("inf")
        try:
            with consumer(self._settings) as client:
                reader = TopicReader(client)
                parts = (self._frames(reader, partition) for partition in list(self._spans))
                # Merging keeps the order within each partition, and so that of each camera.
                for found in heapq.merge(*parts, key=lambda found: found.due):
                    at_seconds += min(max(0.0, found.due - newest), LONGEST_PAUSE_SECONDS)
                    newest = found.due
                    yield _shot(found, at_seconds=at_seconds)
        except KafkaError as error:
            raise SourceError(f"topic {self._topic} cannot be read: {error}") from error
        finally:
            if self._skipped > 1:
                logger.warning("Skipped malformed records", extra={"records": self._skipped})
        if not self._found and not self._closed.is_set():
            raise self._nothing()

    def close(self) -> None:
        self._closed.set()

    def _nothing(self) -> SourceError:
        return SourceError(f"there is nothing in that range of topic {self._topic!r}")

    def _frames(self, reader: TopicReader, partition: TopicPartition) -> Iterator[_Found]:
        due: float | None = None
        for record in self._records(reader, partition):
            if STREAM_END_HEADER in record.headers:
                continue
            position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
            try:
                frame = decode_frame(key=record.key, value=record.value, headers=record.headers)
            except RecordError as error:
                if self._part.covers(datetime.fromtimestamp(record.timestamp / 1000, UTC)):
                    self._skip(position, error)
                continue
            if self._part.has(frame):
                self._found += 1
                captured = frame.captured_at.timestamp()
                if due is None:
                    due = captured + self._corrections.setdefault(frame.camera, 0.0)
                elif not frame.retries:
                    is_trusted = abs(captured - due) <= TRUSTED_SECONDS
                    correction = self._corrections.setdefault(frame.camera, 0.0 if is_trusted else due - captured)
                    # A clock may go back; time here does not.
                    due = max(due, captured + correction)
                yield _Found(due=due, position=position, frame=frame)

    def _skip(self, position: Position, error: RecordError) -> None:
        if not self._skipped:
            logger.warning(
                "Skipped a malformed record; others will be skipped too",
                extra={"position": str(position), "reason": str(error)},
            )
        self._skipped += 1

    def _records(self, reader: TopicReader, partition: TopicPartition) -> Iterator[Any]:
        """The records of one partition; `_spans` follows what is left of it."""
        begin, end = self._spans[partition]
        for record in reader.scan(partition, begin=begin, end=end, stop=self._closed.is_set):
            self._spans[partition] = (record.offset + 1, end)
            yield record
        self._spans[partition] = (end, end)


def _spans(reader: TopicReader, *, topic: str, part: Range) -> dict[TopicPartition, tuple[int, int]]:
    """The first offset and the one behind the last, of each partition that may have any in the range.

    No frame is captured after its record's timestamp, so none since a time lies before the first record since then.
    There is no such last one: behind a camera whose clock is ahead, others go on.
    """
    partitions = [one for one in reader.partitions if part.partition in (None, one.partition)]
    if not partitions:
        raise SourceError(f"topic {topic!r} has no partition {part.partition}")
    begins, ends = reader.offsets_at(part.since or Edge.EARLIEST), reader.ends()
    spans = {}
    for one in partitions:
        begin, end = max(begins[one], part.from_offset or 0), ends[one]
        end = end if part.to_offset is None else min(end, part.to_offset)
        if begin < end:
            spans[one] = (begin, end)
    return spans


def _shot(found: _Found, *, at_seconds: float) -> Shot:
    frame = found.frame
    return Shot(
        image=frame.image,
        width=frame.width,
        height=frame.height,
        at_seconds=at_seconds,
        source=frame.source,
        key=frame.key,
        label=frame.label,
        content_type=frame.content_type,
        camera=frame.camera,
        mode=Mode.STILL if frame.mode is Mode.STILL else Mode.RECORDED,
        origin=Origin(position=found.position, run=frame.run, captured_at=frame.captured_at),
    )
