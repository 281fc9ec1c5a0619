"""An AuditLog of the real topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from kafka import TopicPartition

from audit.log import AuditedSpan
from audit.sighting import FrameSeen, OutcomeRecord, see_dead_letter, see_frame, see_prediction
from broker.topic_reader import TopicReader
from events.topics import TopicNames
from monitoring.lag import LagReader
from settings import Settings

# A fetch holds images; what is held at once stays small.
FETCH_BYTES = 8 * 1024 * 1024
# A camera's clock may be an hour ahead before Kafka refuses its frames (message.timestamp.after.max.ms), and a worker's
# five minutes behind; where it is more, all outcomes are looked through.
CLOCK_MARGIN = timedelta(minutes=65)
# Below this, looking for where to begin saves nothing.
ALWAYS_WHOLE_OUTCOMES = 20_000

CONSUMER_OPTIONS = {"max_poll_records": 2000, "fetch_max_bytes": FETCH_BYTES}


class KafkaLog:
    """An AuditLog: a snapshot of what a broker holds at this moment.

    frames, outcomes: readers of `frames` and of the two topics of outcomes, with CONSUMER_OPTIONS. first, end: offsets
    by partition that narrow what is audited. since: an aware time before which no frame in scope was captured.
    There is no such bound at the other end: behind a camera whose clock is ahead, others go on. Raises ValueError for
    an unknown partition. Faults of the broker are raised as kafka.errors.KafkaError.
    """

    def __init__(
        self,
        frames: TopicReader,
        outcomes: TopicReader,
        *,
        settings: Settings,
        first: Mapping[int, int] | None = None,
        end: Mapping[int, int] | None = None,
        since: datetime | None = None,
    ) -> None:
        self._frames = frames
        self._outcomes = outcomes
        self._names = TopicNames(settings.topic_prefix)
        # The order matters: LagReader asks for the commits first. What was committed then had its outcome already.
        with LagReader(settings, group=settings.consumer_group, topic=self._names.frames) as reader:
            lags = reader.read()
        self._ends = outcomes.ends()
        self._beginnings = outcomes.beginnings()
        since_offsets = {} if since is None else {one.partition: at for one, at in frames.offsets_at(since).items()}
        unknown = sorted({*(first or {}), *(end or {})} - {lag.partition for lag in lags})
        if unknown:
            raise ValueError(f"topic {self._names.frames} has no partition {unknown[0]}, but 0 to {len(lags) - 1}")
        self._spans = tuple(
            AuditedSpan(
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
    def spans(self) -> Sequence[AuditedSpan]:
        return self._spans

    @property
    def is_whole(self) -> bool:
        return self._start == self._beginnings

    @property
    def outcome_count(self) -> int:
        """Records that outcomes() reads at most, unless it is asked for all."""
        return sum(max(0, end - self._start[partition]) for partition, end in self._ends.items())

    def outcomes(self, *, whole: bool = False) -> Iterator[OutcomeRecord]:
        for record in self._outcomes.scan_all(self._beginnings if whole else self._start, self._ends):
            see = see_prediction if record.topic == self._names.predictions else see_dead_letter
            yield see(record, frames_topic=self._names.frames)

    def frames(self, partition: int, offsets: Iterable[int]) -> Iterator[FrameSeen]:
        end = next((span.end for span in self._spans if span.partition == partition), 0)
        where = TopicPartition(self._names.frames, partition)
        return map(see_frame, self._frames.pick(where, offsets, end=end))

    def _find_start(self) -> Mapping[TopicPartition, int]:
        """Where to begin with the outcomes: predictions are kept for much longer than frames."""
        outcomes = sum(self._ends.values()) - sum(self._beginnings.values())
        if outcomes <= ALWAYS_WHOLE_OUTCOMES + 2 * sum(span.frames for span in self._spans):
            return self._beginnings
        begin = {TopicPartition(self._names.frames, span.partition): span.first for span in self._spans if span.frames}
        oldest = [record.timestamp for record in self._frames.first(begin).values() if record is not None]
        if not oldest:
            return self._beginnings
        return self._outcomes.offsets_at(datetime.fromtimestamp(min(oldest) / 1000, UTC) - CLOCK_MARGIN)
