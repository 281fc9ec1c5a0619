"""Pictures of predictions, out of the frames topic."""

from __future__ import annotations

import time
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from evaluation.outcome import Outcome
from events.frame import Frame, decode_frame
from events.reason import RecordError
from events.record import Position

TIMEOUT_SECONDS = 5.0
_POLL_MS = 200


class FramePictures:
    """Pictures, as evaluation asks for them, of outcomes whose id is the position of their frame.

    Kafka keeps frames for minutes only: what is gone is None, and so is everything once the broker does not answer.
    consumer: a kafka-python consumer that nobody else reads with.
    """

    def __init__(self, consumer: Any, *, topic: str) -> None:
        self._consumer = consumer
        self._topic = topic

    def read(self, outcome: Outcome) -> bytes | None:
        position = parse_position(outcome.id)
        if position is None or position.topic != self._topic:
            return None
        try:
            frame = self._frame(position)
        except (KafkaError, RecordError):
            return None
        # Where the topics were made anew, positions begin anew too.
        if frame is None or (frame.camera, frame.run, frame.sequence) != (
            outcome.camera,
            outcome.run,
            outcome.sequence,
        ):
            return None
        return frame.image

    def _frame(self, position: Position) -> Frame | None:
        partition = TopicPartition(position.topic, position.partition)
        if position.partition not in (self._consumer.partitions_for_topic(position.topic) or ()):
            return None
        first = self._consumer.beginning_offsets([partition])[partition]
        end = self._consumer.end_offsets([partition])[partition]
        if not first <= position.offset < end:
            return None
        self._consumer.assign([partition])
        self._consumer.seek(partition, position.offset)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            for record in self._consumer.poll(timeout_ms=_POLL_MS, max_records=1).get(partition, ()):
                if record.offset != position.offset:
                    return None
                return decode_frame(key=record.key, value=record.value, headers=record.headers)
        return None


def parse_position(text: str) -> Position | None:
    """topic/partition/offset; None for any other id, as a foreign worker may write it."""
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    if not (topic and _is_number(partition) and _is_number(offset)):
        return None
    return Position(topic=topic, partition=int(partition), offset=int(offset))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
