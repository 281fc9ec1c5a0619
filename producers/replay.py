"""Frames that lie in a topic, once more."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import TopicMissing, consumer, partitions_of
from broker.settings import Settings
from broker.topics import admin_client
from events.frame import Frame, Mode, Origin, decode_frame
from events.reason import RecordError
from events.record import Position
from events.stream_end import STREAM_END_TYPE
from producers.source import Shot, SourceError

POLL_MS = 500

_STREAM_END = ("ce_type", STREAM_END_TYPE.encode())

logger = logging.getLogger("handstream.producer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What of a topic: what fits all. until and to_offset are the first that are not meant; offsets are of `partition`.

    Times are the records' timestamps, which are those of capture.
    """

    since: datetime | None = None
    until: datetime | None = None
    partition: int | None = None
    from_offset: int | None = None
    to_offset: int | None = None
    cameras: frozenset[str] = frozenset()


class TopicReplay:
    """A Source of the frames that were in a range of a topic when it was made, partitions merged by time of capture.

    A live camera's frames come as those of a recording, so that none is skipped for its age. What is no frame is passed
    over; stream ends are not repeated, since the replay has its own.

    Raises SourceError where there is no such topic or nothing in the range, BrokerError where no broker answers.
    """

    def __init__(self, settings: Settings, *, topic: str, part: Range) -> None:
        self._settings = settings
        self._topic = topic
        self._part = part
        self._closed = threading.Event()
        self._assigned: TopicPartition | None = None
        try:
            with admin_client(settings), consumer(settings) as client:
                self._spans = _spans(client, topic=topic, part=part)
        except TopicMissing as error:
            raise SourceError(str(error)) from error
        if not self.total:
            raise SourceError(f"there is nothing in that range of topic {topic!r}")

    @property
    def mode(self) -> Mode:
        return Mode.RECORDED

    @property
    def total(self) -> int:
        """Records in the range, stream ends and other cameras among them: there are at most so many frames."""
        return sum(end - begin for begin, end in self._spans.values())

    def shots(self) -> Iterator[Shot]:
        began: datetime | None = None
        at_seconds = 0.0
        try:
            with consumer(self._settings) as client:
                self._assigned = None
                for position, frame in self._frames(client):
                    began = began or frame.captured_at
                    # Clocks of cameras differ, and go back; time here does not.
                    at_seconds = max(at_seconds, (frame.captured_at - began).total_seconds())
                    yield _shot(frame, position=position, at_seconds=at_seconds)
        except KafkaError as error:
            raise SourceError(f"topic {self._topic} cannot be read: {error}") from error

    def close(self) -> None:
        self._closed.set()

    def _frames(self, client: Any) -> Iterator[tuple[Position, Frame]]:
        parts = (self._records(client, partition) for partition in self._spans)
        passed_over = 0
        try:
            # Merging keeps the order within each partition, whatever the timestamps say, and so that of each camera.
            for record in heapq.merge(*parts, key=lambda record: record.timestamp):
                if not self._is_meant(record):
                    continue
                position = Position(topic=record.topic, partition=record.partition, offset=record.offset)
                try:
                    frame = decode_frame(key=record.key, value=record.value, headers=record.headers)
                except RecordError as error:
                    if not passed_over:
                        logger.warning(
                            "passed over a record that is no frame, and so will be others",
                            extra={"position": str(position), "reason": str(error)},
                        )
                    passed_over += 1
                    continue
                if not self._part.cameras or frame.camera in self._part.cameras:
                    yield position, frame
        finally:
            if passed_over > 1:
                logger.warning("records that are no frames were passed over", extra={"records": passed_over})

    def _is_meant(self, record: Any) -> bool:
        part = self._part
        return (
            _STREAM_END not in record.headers
            and (part.since is None or record.timestamp >= _milliseconds(part.since))
            and (part.until is None or record.timestamp < _milliseconds(part.until))
        )

    def _records(self, client: Any, partition: TopicPartition) -> Iterator[Any]:
        """The records of one partition, a page at a time, so that no partition's wait in memory for another's."""
        position, end = self._spans[partition]
        while position < end and not self._closed.is_set():
            if self._assigned != partition:
                client.assign([partition])
                client.seek(partition, position)
                self._assigned = partition
            page = client.poll(timeout_ms=POLL_MS).get(partition, ())
            for record in page:
                if record.offset >= end or self._closed.is_set():
                    return
                position = record.offset + 1
                yield record
            if not page and client.position(partition) >= end:
                return  # no record lies at the last offsets


def _spans(client: Any, *, topic: str, part: Range) -> dict[TopicPartition, tuple[int, int]]:
    """The first offset and the one behind the last, of each partition that has any in the range."""
    partitions = [one for one in partitions_of(client, topic) if part.partition in (None, one.partition)]
    if not partitions:
        raise SourceError(f"topic {topic!r} has no partition {part.partition}")
    begins, ends = client.beginning_offsets(partitions), client.end_offsets(partitions)
    since, until = (
        {} if moment is None else client.offsets_for_times(dict.fromkeys(partitions, _milliseconds(moment)))
        for moment in (part.since, part.until)
    )
    spans = {}
    for one in partitions:
        begin, end = begins[one], ends[one]
        if part.since is not None:
            begin = max(begin, ends[one] if since[one] is None else since[one].offset)
        if part.until is not None and until[one] is not None:
            end = min(end, until[one].offset)
        begin = max(begin, part.from_offset or 0)
        end = end if part.to_offset is None else min(end, part.to_offset)
        if begin < end:
            spans[one] = (begin, end)
    return spans


def _shot(frame: Frame, *, position: Position, at_seconds: float) -> Shot:
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
        origin=Origin(position=position, run=frame.run, captured_at=frame.captured_at),
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
