"""Bounded publishing: what may wait, what may be in flight, and what is dropped."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from broker.topics import BrokerError
from events.record import Record
from events.stream_end import StreamEnd
from producers.drop_queue import DropOldestQueue
from producers.ledger import DropReason, Ledger
from producers.sink import Sink, SinkBroken

logger = logging.getLogger("handstream.producer")


class DropPolicy(StrEnum):
    """What happens when frames come faster than the broker takes them, or while it is away."""

    WAIT = "wait"
    DROP_OLDEST = "drop-oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The most that is held in memory. Queue bounds matter to drop-oldest alone."""

    max_in_flight: int
    max_in_flight_bytes: int
    max_queued: int
    max_queued_bytes: int


_MIB = 1024 * 1024
BOUNDS = {
    DropPolicy.WAIT: Bounds(max_in_flight=1024, max_in_flight_bytes=64 * _MIB, max_queued=1, max_queued_bytes=1),
    # What is in flight cannot be dropped any more, so little of it keeps a camera fresh.
    DropPolicy.DROP_OLDEST: Bounds(
        max_in_flight=64, max_in_flight_bytes=16 * _MIB, max_queued=64, max_queued_bytes=32 * _MIB
    ),
}


class Publisher:
    """Hands records to a sink within bounds, and keeps the ledger of what became of each.

    interrupted: set by whoever wants the run to end; it lets a waiting offer() go.
    """

    def __init__(
        self, sink: Sink, *, policy: DropPolicy, interrupted: threading.Event, bounds: Bounds | None = None
    ) -> None:
        bounds = bounds or BOUNDS[policy]
        self._sink = sink
        self._policy = policy
        self._interrupted = interrupted
        self._bounds = bounds
        self._fault: BrokerError | None = None
        # Told of each frame that the broker confirmed, how many seconds that took. In the sink's thread.
        self.on_published: Callable[[float], None] = lambda _: None
        self._too_large = 0
        self._given_up = threading.Event()
        self.ledger = Ledger(max_in_flight=bounds.max_in_flight, max_in_flight_bytes=bounds.max_in_flight_bytes)
        self._queue: DropOldestQueue | None = None
        self._forwarder: threading.Thread | None = None
        if policy is DropPolicy.DROP_OLDEST:
            self._queue = DropOldestQueue(max_records=bounds.max_queued, max_bytes=bounds.max_queued_bytes)
            self._forwarder = threading.Thread(target=self._forward, name="forwarder", daemon=True)
            self._forwarder.start()

    def offer(self, record: Record, *, name: str) -> None:
        """Publish a record or drop one, by the policy. name: of the frame, for the warning when it is too large.

        Raises BrokerError when the sink is broken, and with policy wait also when a frame was lost.
        """
        self._raise_fault()
        self.ledger.offer()
        if len(record.value) > self._sink.max_value_bytes:
            self._drop_too_large(record, name=name)
        elif self._queue is None:
            self._hand_over(record, give_up=self._interrupted.is_set)
        else:
            for _ in range(self._queue.put(record)):
                self.ledger.drop(DropReason.QUEUE_FULL)

    def lose(self) -> None:
        """Count a frame that a lossy camera did not send."""
        self.ledger.offer()
        self.ledger.drop(DropReason.LOSS)

    def close(self) -> None:
        """Nothing more will be offered; what was is still published."""
        if self._queue is not None:
            self._queue.close()

    def finish(self, *, give_up: Callable[[], bool]) -> bool:
        """Wait until all that was offered is stored or dropped. False where give_up said so first.

        It closes. Raises BrokerError as offer() does.
        """
        self.close()
        if self._forwarder is not None:
            while self._forwarder.is_alive():
                self._forwarder.join(0.1)
                if give_up() and not self._given_up.is_set():
                    self._given_up.set()
        finished = self.ledger.wait_until_landed(give_up=lambda: give_up() or self._fault is not None)
        if not finished:
            self.ledger.abandon()
        self._raise_fault()
        return finished and not self._given_up.is_set()

    def end_stream(self, ends: list[StreamEnd], *, give_up: Callable[[], bool]) -> bool:
        """Write each marker to its own partition. False where give_up said so before all were stored."""
        markers = Ledger(max_in_flight=len(ends), max_in_flight_bytes=self._bounds.max_in_flight_bytes)
        for end in ends:
            record = end.to_record()
            markers.offer()
            markers.launch(len(record.value), give_up=give_up)
            self._sink.send(record, partition=end.partition, done=partial(self._landed, markers, len(record.value)))
        landed = markers.wait_until_landed(give_up=give_up)
        self._raise_fault()
        return landed

    def _forward(self) -> None:
        assert self._queue is not None
        while (record := self._queue.take()) is not None:
            self._hand_over(record, give_up=self._must_stop)

    def _must_stop(self) -> bool:
        return self._given_up.is_set() or self._fault is not None

    def _hand_over(self, record: Record, *, give_up: Callable[[], bool]) -> None:
        size_bytes = len(record.value)
        if self._must_stop() or not self.ledger.launch(size_bytes, give_up=give_up):
            self.ledger.drop(DropReason.INTERRUPTED)
        else:
            began = time.monotonic()

            def landed(error: BrokerError | None) -> None:
                if error is None:
                    self.on_published(time.monotonic() - began)
                self._landed(self.ledger, size_bytes, error)

            self._sink.send(record, done=landed)

    def _landed(self, ledger: Ledger, size_bytes: int, error: BrokerError | None) -> None:
        if error is None:
            ledger.land(size_bytes)
            return
        if isinstance(error, SinkBroken) or self._policy is DropPolicy.WAIT:
            self._fault = self._fault or error
        ledger.land(size_bytes, dropped=DropReason.REFUSED)

    def _drop_too_large(self, record: Record, *, name: str) -> None:
        self._too_large += 1
        self.ledger.drop(DropReason.TOO_LARGE)
        if self._too_large == 1:  # a camera with large pictures would repeat it for each
            logger.warning(
                "a frame is too large: dropped, and so will be others (--max-size makes pictures smaller, "
                "HANDSTREAM_MAX_MESSAGE_BYTES raises the limit of new topics)",
                extra={
                    "frame": name,
                    "size_bytes": len(record.value),
                    "allowed_bytes": self._sink.max_value_bytes,
                },
            )

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault
