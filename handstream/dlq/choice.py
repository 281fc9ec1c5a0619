"""Which dead letters are meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.consuming import partitions_of
from events.reason import Reason, RecordError
from events.record import Position
from handstream.dlq.letter import Letter, read_letter

POLL_MS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Meant is what fits all; an empty set fits any. since, until: when it was set aside; until is left out."""

    reasons: frozenset[Reason] = frozenset()
    cameras: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def matches(self, one: Letter) -> bool:
        return (
            (not self.reasons or one.letter.reason in self.reasons)
            and (not self.cameras or one.camera in self.cameras)
            and (self.since is None or one.letter.time >= self.since)
            and (self.until is None or one.letter.time < self.until)
        )


class LetterBox:
    """The dead letters that were there when it was made, partition by partition, each in order.

    strays: records that are no dead letters, passed over so far. KafkaErrors come out.
    """

    def __init__(self, consumer: Any, *, topic: str) -> None:
        self._consumer = consumer
        self._partitions = partitions_of(consumer, topic)
        self._ends = consumer.end_offsets(self._partitions)
        self.strays = 0

    def letters(self, choice: Choice) -> Iterator[Letter]:
        self.strays = 0
        begins = self._consumer.beginning_offsets(self._partitions)
        if choice.since is not None:
            # A letter's record is written after its time, so none that is meant lies before.
            milliseconds = int(choice.since.timestamp() * 1000)
            found = self._consumer.offsets_for_times(dict.fromkeys(self._partitions, milliseconds))
            begins = {one: self._ends[one] if at is None else at.offset for one, at in found.items()}
        for partition in self._partitions:
            yield from filter(choice.matches, self._of(partition, begin=begins[partition]))

    def find(self, position: Position) -> Letter | None:
        """The letter there; or, by the position of its frame, the newest of that frame.

        Raises RecordError where the record there is no dead letter.
        """
        for partition in self._partitions:
            if partition.partition != position.partition:
                continue
            if partition.topic == position.topic:
                records = self._records(partition, begin=position.offset, end=position.offset + 1)
                return next(map(read_letter, records), None)
            found = None
            for letter in self._of(partition, begin=0):
                if letter.letter.position == position:
                    found = letter
            return found
        return None

    def _of(self, partition: Any, *, begin: int) -> Iterator[Letter]:
        for record in self._records(partition, begin=begin, end=self._ends[partition]):
            try:
                letter = read_letter(record)
            except RecordError:
                self.strays += 1
                continue
            yield letter

    def _records(self, partition: Any, *, begin: int, end: int) -> Iterator[Any]:
        consumer = self._consumer
        begin = max(begin, consumer.beginning_offsets([partition])[partition])
        end = min(end, self._ends[partition])
        if begin >= end:
            return
        consumer.assign([partition])
        consumer.seek(partition, begin)
        while consumer.position(partition) < end:
            for record in consumer.poll(timeout_ms=POLL_MS).get(partition, ()):
                if record.offset >= end:
                    return
                yield record
