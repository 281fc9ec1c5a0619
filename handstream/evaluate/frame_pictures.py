"""Pictures of predictions, out of the frames topic."""

from __future__ import annotations

from kafka.errors import KafkaError

from broker.topic_reader import TopicReader
from evaluation.outcome import Outcome
from events.frame import Frame, decode_frame
from events.reason import RecordError
from events.record import Position


class FramePictures:
    """Pictures, as evaluation asks for them, of outcomes whose id is the position of their frame.

    Kafka keeps frames for minutes only: what is gone is None, and so is everything once the broker does not answer.
    reader: of the topic of frames, that nobody else reads with.
    """

    def __init__(self, reader: TopicReader, *, topic: str) -> None:
        self._reader = reader
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
        for partition, end in self._reader.ends().items():
            if partition.partition == position.partition:
                for record in self._reader.pick(partition, [position.offset], end=end):
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
