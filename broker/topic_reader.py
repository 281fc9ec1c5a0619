"""Reading topics without a consumer group: where to start, polling, and ranges that end.

Offsets are not counts. Transaction markers, aborted transactions, compaction and retention leave offsets without a
record, also as the last ones of a partition. So whether something was read to its end is judged by the position of the
consumer, which moves past such gaps, and never by the offset of the last record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from broker.consuming import consumer, partitions_of
from broker.topics import broker_faults
from events.moment import parse_moment
from settings import Settings

SCAN_POLL_MS = 200
# A broker that answers and yet gives nothing of a range that holds something is at fault.
STALLED_SECONDS = 30.0
FIRST_SECONDS = 5.0
# Seeking costs a request, reading on costs the records between.
READ_ON_OFFSETS = 50

Offsets = Mapping[TopicPartition, int]


class Edge(StrEnum):
    """An end of a topic."""

    EARLIEST = "earliest"
    LATEST = "latest"


Start = Edge | datetime


def parse_start(text: str, *, now: datetime) -> Start:
    """Read `earliest`, `latest`, a time ago (`90s`, `10m`, `2h`, `7d`) or an RFC 3339 time with a zone.

    Raises ValueError for anything else, and for a time in the future.
    """
    if text in list(Edge):
        return Edge(text)
    try:
        start = parse_moment(text, now=now)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is none of: earliest, latest, a time ago such as 90s, 10m, 2h or 7d, "
            "an RFC 3339 time with a zone such as 2025-03-14T09:26:53Z"
        ) from error
    if start > now:
        raise ValueError(f"{text!r} is in the future; latest starts now")
    return start


class TopicReader:
    """Reads all partitions of some topics; readers do not disturb each other.

    consumer: of broker.consuming.consumer. Only committed records are read, and each end is a last stable offset.
    Either follow the topics, by seek() and poll(), or read ranges by scan() and its kin: what is done first takes the
    consumer from the other. Raises TopicMissing. Faults of the broker are raised as kafka.errors.KafkaError.
    """

    def __init__(self, consumer: Any, *topics: str) -> None:
        self._consumer = consumer
        self._scan: object | None = None
        self._next: dict[TopicPartition, int] = {}
        self.partitions: tuple[TopicPartition, ...] = tuple(
            partition for topic in topics for partition in partitions_of(consumer, topic)
        )

    def beginnings(self) -> dict[TopicPartition, int]:
        """The first offset that each partition still holds."""
        return self._in_order(self._consumer.beginning_offsets(list(self.partitions)))

    def ends(self) -> dict[TopicPartition, int]:
        """One more than the last offset of each partition that can be read."""
        return self._in_order(self._consumer.end_offsets(list(self.partitions)))

    def offsets_at(self, start: Start) -> dict[TopicPartition, int]:
        """Where each partition starts. One without a record as young as the given time starts at its end."""
        if start is Edge.EARLIEST:
            return self.beginnings()
        ends = self.ends()
        if not isinstance(start, datetime):
            return ends
        found = self._consumer.offsets_for_times(dict.fromkeys(self.partitions, int(start.timestamp() * 1000)))
        return {one: end if found.get(one) is None else found[one].offset for one, end in ends.items()}

    def seek(self, start: Start, *, resume: Offsets | None = None) -> None:
        """Follow all partitions from there. resume: positions that take precedence where they can still be read."""
        offsets = self.offsets_at(start)
        if resume:
            beginnings, ends = self.beginnings(), self.ends()
            offsets |= {one: at for one, at in resume.items() if one in ends and beginnings[one] <= at <= ends[one]}
        self._scan = None
        self._consumer.assign(list(offsets))
        for partition, offset in offsets.items():
            self._consumer.seek(partition, offset)
        self._next = offsets

    def poll(self, *, timeout_seconds: float) -> list[Any]:
        """The ConsumerRecords that are there; none when nothing came for that long. Partitions keep their order."""
        polled = self._consumer.poll(timeout_ms=int(timeout_seconds * 1000))
        for partition, records in polled.items():
            self._next[partition] = records[-1].offset + 1
        return [record for records in polled.values() for record in records]

    @property
    def next_offsets(self) -> dict[TopicPartition, int]:
        """Where another reader would resume: behind the last record that was polled of each partition."""
        # To ask kafka-python for a position takes a fifth of a millisecond.
        return dict(self._next)

    def has_reached(self, ends: Offsets) -> bool:
        """Whether all that lies before these offsets was read."""
        return all(self._consumer.position(partition) >= end for partition, end in ends.items())

    def skip_backlog(self, *, max_offsets: int) -> None:
        """Go on at the end of those partitions of which more offsets than these are still to be read."""
        for partition, offset in self._next.items():
            end = self._consumer.highwater(partition)
            if end is not None and end - offset > max_offsets:
                self._consumer.seek(partition, end)
                self._next[partition] = end

    def scan(
        self, partition: TopicPartition, *, begin: int, end: int, stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Any]:
        """The records of one partition from offset begin (included) to end (not included), in order.

        Several scans may be interleaved: they take the consumer from each other. stop: ends the scan early.
        """
        scan = object()
        position, stalled_at = begin, None
        while position < end and not stop():
            if self._scan is not scan:
                self._consumer.assign([partition])
                self._consumer.seek(partition, position)
                self._scan = scan
            records = self._consumer.poll(timeout_ms=SCAN_POLL_MS).get(partition, ())
            before, position = position, self._consumer.position(partition)
            if position > before:
                stalled_at = None
            else:
                stalled_at = stalled_at or time.monotonic()
                if time.monotonic() - stalled_at > STALLED_SECONDS:
                    where = f"{partition.topic}/{partition.partition}"
                    raise KafkaTimeoutError(f"{where} cannot be read at offset {position}")
                # Nothing is left to read where the topic was recreated meanwhile.
                end = min(end, self._consumer.end_offsets([partition])[partition])
            for record in records:
                if stop() or record.offset >= end:
                    return
                yield record

    def scan_all(self, begin: Offsets, end: Offsets) -> Iterator[Any]:
        """The records of these ranges, one partition after the other."""
        for partition, first in begin.items():
            yield from self.scan(partition, begin=first, end=end[partition])

    def pick(self, partition: TopicPartition, offsets: Iterable[int], *, end: int) -> Iterator[Any]:
        """The records at those of the ascending offsets before `end` that have one."""
        records: Iterator[Any] = iter(())
        record = None
        for offset in offsets:
            if record is None or offset - record.offset > READ_ON_OFFSETS:
                records = self.scan(partition, begin=offset, end=end)
                record = next(records, None)
            while record is not None and record.offset < offset:
                record = next(records, None)
            if record is None:
                return
            if record.offset == offset:
                yield record

    def first(self, begin: Offsets) -> dict[TopicPartition, Any | None]:
        """The first record of each of these partitions from an offset on, None where there is none.

        Without those of which none could be read within some seconds.
        """
        ends = self._consumer.end_offsets(list(begin))
        found: dict[TopicPartition, Any | None] = {}
        self._scan = None
        self._consumer.assign(list(begin))
        for partition, offset in begin.items():
            self._consumer.seek(partition, offset)
        deadline = time.monotonic() + FIRST_SECONDS
        while len(found) < len(begin) and time.monotonic() < deadline:
            polled = self._consumer.poll(timeout_ms=SCAN_POLL_MS)
            for partition in begin.keys() - found.keys():
                if partition in polled:
                    found[partition] = polled[partition][0]
                    self._consumer.pause(partition)
                elif self._consumer.position(partition) >= ends[partition]:
                    found[partition] = None
        self._consumer.resume(*begin)
        return found

    def last(self, partition: TopicPartition, *, count: int) -> list[Any]:
        """The last records of a partition, `count` at most, in order."""
        beginning: int = self._consumer.beginning_offsets([partition])[partition]
        end: int = self._consumer.end_offsets([partition])[partition]
        reach = count
        while True:
            begin = max(beginning, end - reach)
            records = list(self.scan(partition, begin=begin, end=end))
            if len(records) >= count or begin == beginning:
                return records[-count:]
            reach *= 4

    def _in_order(self, offsets: Offsets) -> dict[TopicPartition, int]:
        return {partition: offsets[partition] for partition in self.partitions}


@contextmanager
def topic_reader(settings: Settings, *topics: str, **options: Any) -> Iterator[TopicReader]:
    """A reader with a consumer of its own, for the time of a block. options: of broker.consuming.consumer.

    Each fault of the broker is raised as BrokerError, one clear line.
    """
    with broker_faults(settings), consumer(settings, **options) as client:
        yield TopicReader(client, *topics)
