"""Reads dead letters: those that match a filter, or one by its position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.topic_reader import Edge, TopicReader
from dead_letters.letter import Letter, read_letter
from events.reason import Reason, RecordError
from events.record import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterFilter:
    """Wanted is what fits all; an empty set fits any. since, until: when it was set aside; until is left out."""

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


class DeadLetterReader:
    """The dead letters that were there when it was made, partition by partition, each in order.

    reader: of the topic of dead letters. malformed: skipped records that are no dead letters. Raises KafkaError.
    """

    def __init__(self, reader: TopicReader) -> None:
        self._reader = reader
        self._ends = reader.ends()
        self.malformed = 0

    def letters(self, wanted: DeadLetterFilter) -> Iterator[Letter]:
        self.malformed = 0
        # A letter's record is written after its time, so none that is wanted lies before.
        begin = self._reader.offsets_at(wanted.since or Edge.EARLIEST)
        yield from filter(wanted.matches, self._letters(self._reader.scan_all(begin, self._ends)))

    def find(self, position: Position) -> Letter | None:
        """The letter there; or, by the position of its frame, the newest of that frame.

        Raises RecordError where the record there is no dead letter.
        """
        for partition, end in self._ends.items():
            if partition.partition != position.partition:
                continue
            if partition.topic == position.topic:
                records = self._reader.pick(partition, [position.offset], end=end)
                return next(map(read_letter, records), None)
            found = None
            for letter in self._letters(self._reader.scan(partition, begin=0, end=end)):
                if letter.letter.position == position:
                    found = letter
            return found
        return None

    def _letters(self, records: Iterator[Any]) -> Iterator[Letter]:
        for record in records:
            try:
                letter = read_letter(record)
            except RecordError:
                self.malformed += 1
                continue
            yield letter
