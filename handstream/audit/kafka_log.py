"""A Log of the real topics."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from kafka import TopicPartition

from broker.consuming import partitions_of
from events.topics import TopicNames
from handstream.audit.sighting import FrameSeen, Sighting, see_dead_letter, see_frame, see_prediction
from handstream.audit.span import Span
from monitoring.lag import LagReader
from settings import Settings

POLL_MS = 200
POLLED_RECORDS = 2000
# A fetch holds images; what is held at once stays small.
FETCH_BYTES = 8 * 1024 * 1024
# Seeking costs a request, reading on costs the records between.
READ_ON_OFFSETS = 50
# A camera's clock may be an hour ahead before Kafka refuses its frames (message.timestamp.after.max.ms), and a worker's
# five minutes behind; where it is more, all outcomes are looked through.
CLOCK_MARGIN_MS = 65 * 60_000
# Below this, looking for where to begin saves nothing.
ALWAYS_WHOLE_OUTCOMES = 20_000

CONSUMER_OPTIONS = {"max_poll_records": POLLED_RECORDS, "fetch_max_bytes": FETCH_BYTES}


class KafkaLog:
    """A Log: a snapshot of what a broker holds at this moment.

    consumer: of broker.consuming.consumer with CONSUMER_OPTIONS. first, end: offsets by partition that narrow what is
    audited. since: an aware time before which no frame was captured that is meant. There is no such help at the other
    end: behind a camera whose clock is ahead, others go on. Raises TopicMissing, and ValueError for a partition that is
    none. Faults of the broker come out as kafka.errors.KafkaError.
    """

    def __init__(
        self,
        consumer: Any,
        *,
        settings: Settings,
        first: Mapping[int, int] | None = None,
        end: Mapping[int, int] | None = None,
        since: datetime | None = None,
    ) -> None:
        self._consumer = consumer
        self._names = TopicNames(settings.topic_prefix)
        partitions = partitions_of(consumer, self._names.frames)
        outcome_partitions = [
            partition
            for topic in (self._names.predictions, self._names.dead_letters)
            for partition in partitions_of(consumer, topic)
        ]
        # The order matters: LagReader asks for the commits first. What was committed then had its outcome already.
        with LagReader(settings, group=settings.consumer_group, topic=self._names.frames) as reader:
            lags = reader.read()
        self._outcome_ends: dict[TopicPartition, int] = consumer.end_offsets(outcome_partitions)
        self._outcome_beginnings: dict[TopicPartition, int] = consumer.beginning_offsets(outcome_partitions)
        since_offsets = self._offsets_at(partitions, since)
        unknown = sorted({*(first or {}), *(end or {})} - {lag.partition for lag in lags})
        if unknown:
            raise ValueError(f"topic {self._names.frames} has no partition {unknown[0]}, but 0 to {len(lags) - 1}")
        self._spans = tuple(
            Span(
                partition=lag.partition,
                first=max(lag.beginning, (first or {}).get(lag.partition, 0), since_offsets.get(lag.partition, 0)),
                end=min(lag.end, (end or {}).get(lag.partition, lag.end)),
                beginning=lag.beginning,
                committed=lag.committed,
            )
            for lag in lags
        )
        self._start = self._find_start()

    @property
    def topic(self) -> str:
        return self._names.frames

    @property
    def spans(self) -> Sequence[Span]:
        return self._spans

    @property
    def is_whole(self) -> bool:
        return self._start == self._outcome_beginnings

    @property
    def outcome_count(self) -> int:
        """Records that outcomes() reads, unless it is asked for all."""
        return sum(max(0, end - self._start[partition]) for partition, end in self._outcome_ends.items())

    def outcomes(self, *, whole: bool = False) -> Iterator[Sighting]:
        start = self._outcome_beginnings if whole else self._start
        for record in self._read({partition: (start[partition], end) for partition, end in self._outcome_ends.items()}):
            see = see_prediction if record.topic == self._names.predictions else see_dead_letter
            yield see(record, frames_topic=self._names.frames)

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        where = TopicPartition(self._names.frames, partition)
        end = next((span.end for span in self._spans if span.partition == partition), 0)
        buffer: deque[Any] = deque()
        assigned = False
        for offset in offsets:
            if not assigned:
                self._consumer.assign([where])
                self._consumer.seek(where, offset)
                assigned = True
            while buffer and buffer[0].offset < offset:
                buffer.popleft()
            if not buffer:
                position = self._consumer.position(where)
                if position > offset:
                    continue
                if offset - position > READ_ON_OFFSETS:
                    self._consumer.seek(where, offset)
                buffer.extend(record for record in self._poll_until(where, offset, end) if record.offset >= offset)
            if buffer and buffer[0].offset == offset:
                yield see_frame(buffer.popleft())

    def _poll_until(self, where: TopicPartition, offset: int, end: int) -> list[Any]:
        """The next records of which one lies at the offset or behind it; none where the partition ends before."""
        while self._consumer.position(where) < end:
            records = self._consumer.poll(timeout_ms=POLL_MS).get(where, [])
            if records and records[-1].offset >= offset:
                return list(records)
        return []

    def _read(self, ranges: Mapping[TopicPartition, tuple[int, int]]) -> Iterator[Any]:
        left = {partition: end for partition, (start, end) in ranges.items() if start < end}
        self._consumer.assign(list(left))
        for partition in left:
            self._consumer.seek(partition, ranges[partition][0])
        while left:
            polled = self._consumer.poll(timeout_ms=POLL_MS)
            for partition, records in polled.items():
                end = left.get(partition, 0)
                for record in records:
                    if record.offset < end:
                        yield record
            done = [partition for partition, end in left.items() if self._consumer.position(partition) >= end]
            for partition in done:
                del left[partition]
            if done:
                self._consumer.pause(*done)

    def _offsets_at(self, partitions: Sequence[TopicPartition], at: datetime | None) -> dict[int, int]:
        """The first offset of each partition whose record is not older; its end where there is none."""
        if at is None:
            return {}
        found = self._consumer.offsets_for_times(dict.fromkeys(partitions, int(at.timestamp() * 1000)))
        ends = self._consumer.end_offsets(list(partitions))
        return {
            partition.partition: ends[partition] if found.get(partition) is None else found[partition].offset
            for partition in partitions
        }

    def _find_start(self) -> dict[TopicPartition, int]:
        """Where to begin with the outcomes: predictions are kept for much longer than frames."""
        beginnings = self._outcome_beginnings
        outcomes = sum(self._outcome_ends.values()) - sum(beginnings.values())
        if outcomes <= ALWAYS_WHOLE_OUTCOMES + 2 * sum(span.frames for span in self._spans):
            return beginnings
        oldest = [
            frame.timestamp_ms
            for span in self._spans
            if span.frames
            for frame in self.frames(span.partition, [span.first])
        ]
        if not oldest:
            return beginnings
        found = self._consumer.offsets_for_times(dict.fromkeys(beginnings, max(0, min(oldest) - CLOCK_MARGIN_MS)))
        return {
            partition: self._outcome_ends[partition] if found.get(partition) is None else found[partition].offset
            for partition in beginnings
        }
