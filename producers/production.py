"""One run of a producer: a source's pictures become frames of cameras, and the stream ends."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from events.cloud_event import check_camera
from events.frame import Frame, Mode
from events.stream_end import StreamEnd
from producers.ledger import Ledger
from producers.pacing import Pace
from producers.publisher import Bounds, DropPolicy, Publisher
from producers.sink import Sink
from producers.source import Shot, Source, SourceError
from producers.summary import Summary

# A stopped run has to end within five seconds, the closing of its camera included.
FLUSH_SECONDS = 4.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Production:
    """Publishes a source. run() does all the work; stop() ends it early, from another thread.

    name: what the stream ends and the summary call the source; credentials redacted.
    cameras: ids; each picture is published once for each of them, unless it says itself of which camera it is.
    policy: what happens when the broker does not keep up.
    speed: 1 = the source's own pace, 2 = twice as fast, 0 = as fast as the source gives pictures and, with policy
    wait, the broker takes them. A camera that runs in real time by itself wants 0.
    limit: pictures to take from the source.
    loss_rate: share of the frames, 0..1, that are lost on purpose, drawn with loss_seed.
    flush_seconds: how long to wait, from stop() on, for what is in flight and the stream ends.
    now: aware time, for pictures whose moment of capture the source does not know.
    """

    def __init__(
        self,
        source: Source,
        *,
        sink: Sink,
        name: str,
        cameras: Sequence[str],
        policy: DropPolicy,
        speed: float = 1.0,
        limit: int | None = None,
        loss_rate: float = 0.0,
        loss_seed: int = 0,
        flush_seconds: float = FLUSH_SECONDS,
        bounds: Bounds | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for camera in cameras:
            check_camera(camera)
        if not cameras:
            raise ValueError("cameras must name at least one camera")
        if not 0 <= loss_rate <= 1:
            raise ValueError(f"loss_rate must be 0 to 1, not {loss_rate}")
        self.run_id = uuid.uuid4().hex[:12]
        self._source = source
        self._sink = sink
        self._name = name
        self._cameras = tuple(cameras)
        self._limit = limit
        self._loss_rate = loss_rate
        self._random = random.Random(loss_seed)  # noqa: S311
        self._flush_seconds = flush_seconds
        self._now = now
        self._clock = clock
        self._stopped = threading.Event()
        self._pace: Pace | None = None
        if speed != 0:
            # A camera that fell behind skips; a film must be whole.
            catch_up = source.mode is not Mode.LIVE
            self._pace = Pace(speed=speed, catch_up=catch_up, clock=clock, sleep=self._stopped.wait)
        self._publisher = Publisher(sink, policy=policy, interrupted=self._stopped, bounds=bounds)
        self._stopped_at = 0.0
        self._began: float | None = None
        self._ended: float | None = None
        self._stream_ended = False
        self._asking_since: float | None = None

    @property
    def asking_since(self) -> float | None:
        """Since when the source is asked for its next picture, by the clock; None while it is not."""
        return self._asking_since

    @property
    def ledger(self) -> Ledger:
        """Counts, while it runs."""
        return self._publisher.ledger

    def tell_publishing(self, told: Callable[[float], None]) -> None:
        """Tell of each frame that the broker confirms, how many seconds that took."""
        self._publisher.on_published = told

    @property
    def total(self) -> int | None:
        """Frames that there will be, as far as the source knows."""
        known = [count for count in (self._source.total, self._limit) if count is not None]
        return min(known) * len(self._cameras) if known else None

    def run(self) -> Summary:
        """Publish until the source ends, the limit is reached or stop() is called; then flush and end the stream.

        Raises SourceError when the source fails; what it gave before is published and the stream ended all the same.
        Raises BrokerError when the broker does; summary() says how far it came.
        """
        self._began = self._clock()
        try:
            self._publish()
        except SourceError:
            # One that could not even be opened has no stream to end.
            self._finish(end_stream=self.ledger.counts().offered > 0)
            raise
        finally:
            self._source.close()
            self._publisher.close()
            self._ended = self._ended or self._clock()
        self._finish(end_stream=True)
        return self.summary()

    def stop(self) -> None:
        """End the run: take no more pictures. Not for signal handlers, since it takes locks."""
        self._stopped_at = self._clock()
        self._stopped.set()
        self._source.close()

    def summary(self) -> Summary:
        """What it came to so far."""
        ended = self._clock() if self._ended is None else self._ended
        counts = self.ledger.counts()
        return Summary(
            run=self.run_id,
            source=self._name,
            cameras=len(self._cameras),
            published=counts.published,
            dropped={reason.value: count for reason, count in sorted(counts.dropped.items())},
            bytes=counts.published_bytes,
            seconds=0.0 if self._began is None else ended - self._began,
            interrupted=self._stopped.is_set(),
            stream_ended=self._stream_ended,
        )

    def _publish(self) -> None:
        sequences: Counter[str] = Counter()
        for number, shot in enumerate(self._shots()):
            if self._pace is not None:
                self._pace.wait(shot.at_seconds)
            captured_at = shot.captured_at or self._now()
            for camera in self._cameras if shot.camera is None else (shot.camera,):
                if self._stopped.is_set():
                    return
                sequence = number if shot.camera is None else sequences[camera]
                sequences[camera] += 1
                if self._loss_rate and self._random.random() < self._loss_rate:
                    self._publisher.lose()
                    continue
                frame = self._frame(shot, camera=camera, sequence=sequence, captured_at=captured_at)
                self._publisher.offer(frame.to_record(), name=f"{shot.source} ({frame.id})")

    def _finish(self, *, end_stream: bool) -> None:
        finished = self._publisher.finish(give_up=self._may_give_up)
        self._ended = self._clock()
        if finished and end_stream:
            self._stream_ended = self._publisher.end_stream(self._ends(), give_up=self._may_give_up)

    def _shots(self) -> Iterator[Shot]:
        shots = islice(self._source.shots(), self._limit)
        while True:
            self._asking_since = self._clock()
            try:
                shot = next(shots, None)
            finally:
                self._asking_since = None
            if shot is None:
                return
            yield shot

    def _frame(self, shot: Shot, *, camera: str, sequence: int, captured_at: datetime) -> Frame:
        return Frame(
            image=shot.image,
            camera=camera,
            run=self.run_id,
            sequence=sequence,
            captured_at=captured_at,
            source=shot.source,
            width=shot.width,
            height=shot.height,
            mode=shot.mode or self._source.mode,
            key=shot.key,
            label=shot.label,
            content_type=shot.content_type,
            origin=shot.origin,
        )

    def _ends(self) -> list[StreamEnd]:
        frames, ended_at, count = self.ledger.counts().published, self._now(), self._sink.partition_count
        return [
            StreamEnd(
                run=self.run_id,
                source=self._name,
                partition=partition,
                partitions=count,
                frames=frames,
                ended_at=ended_at,
            )
            for partition in range(count)
        ]

    def _may_give_up(self) -> bool:
        """A broker that is away is waited for as long as nobody stops the run; then only for a while."""
        return self._stopped.is_set() and self._clock() - self._stopped_at >= self._flush_seconds
