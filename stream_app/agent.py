"""The Faust agent: one frame in recognition a partition, acknowledged in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

from events.prediction import Status
from events.record import Position
from monitoring.camera_metrics import LiveStream
from stream_app.arrivals import Waited
from stream_app.gesture_keeper import GestureKeeper
from stream_app.metrics import WorkerMetrics
from stream_app.outcome import STREAM_END, UNKNOWN, Incoming, Outcome
from stream_app.partition_gestures import PartitionGestures
from stream_app.progress import Progress
from stream_app.trail import Trail

# What hangs in another partition must not keep a worker that has to end.
FINISH_SECONDS = 5.0


class Processor(Protocol):
    def skip(self, incoming: Incoming) -> Outcome | None:
        """At once, in the event loop: the outcome of what is not worth processing any more, else None."""

    def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
        """In a thread, as long as it takes."""


class OutcomeWriter(Protocol):
    """Writes outcomes, each with what goes behind it. Those of a partition are stored in the order of the calls."""

    async def write(self, outcome: Outcome, *, partition: int) -> Awaitable[Any]:
        """Hand it over. What is returned is done once the broker has it."""


class FrameAgent:
    """Consumes one partition's stream at a time; Faust runs one such task for each assigned partition.

    An offset is acknowledged only once its outcome is on the broker, and always in order: Faust's commit goes wrong
    when acknowledgements overtake each other (faust-streaming issue 606). A fault of ours ends the consumption of every
    partition; nothing behind the failed frame is acknowledged. It is handed to `on_fault` once what is in flight in the
    other partitions has its outcome, so that the next worker does not do it again.

    waited: how long the record at a position lay in the topic until now.
    """

    def __init__(
        self,
        *,
        processor: Processor,
        writer: OutcomeWriter,
        metrics: WorkerMetrics,
        executor: Executor,
        clock: Callable[[], datetime],
        on_fault: Callable[[BaseException, Position], Any],
        progress: Progress,
        waited: Callable[[Position], Waited] = lambda _: UNKNOWN,
        keeper: GestureKeeper | None = None,
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._processor = processor
        self._writer = writer
        self._metrics = metrics
        self._executor = executor
        self._clock = clock
        self._on_fault = on_fault
        self._progress = progress
        self._waited = waited
        self._keeper = keeper
        self._on_outcome = on_outcome
        self._faulted = False
        # What is in flight, by partition.
        self._in_flight: dict[int, asyncio.Task[Any]] = {}

    async def consume(self, stream: Any) -> None:
        trail = Trail()
        async for event in stream.noack().events():
            message = event.message
            position = Position(topic=message.topic, partition=message.partition, offset=message.offset)
            if not self._faulted:
                try:
                    incoming = self._incoming(message, position)
                    skipped = self._processor.skip(incoming)
                    if skipped is not None:
                        if self._keeper is not None:
                            self._keeper.passed(position.partition, offset=position.offset)
                        # Waiting for the broker here would make a long run of them take longer than it is worth.
                        await self._send(skipped, trail=trail, event=event, position=position)
                        if trail.last is not None:
                            self._in_flight[position.partition] = trail.last
                        continue
                    handling = asyncio.create_task(self._handle(incoming, trail=trail, event=event))
                    self._in_flight[position.partition] = handling
                    # Shielded: a stop that cancels this task lets the frame in flight reach its outcome.
                    await asyncio.shield(handling)
                except Exception as fault:
                    await self._fail(fault, position)
            if self._faulted:
                # Returning would let Faust start the agent anew, behind the frame that failed.
                await asyncio.Event().wait()

    async def _handle(self, incoming: Incoming, *, trail: Trail, event: Any) -> None:
        if self._keeper is None:
            await self._process(incoming, None, trail=trail, event=event)
            return
        position = incoming.position
        async with self._keeper.hold(position.partition, offset=position.offset) as gestures:
            await self._process(incoming, gestures, trail=trail, event=event)

    async def _process(
        self, incoming: Incoming, gestures: PartitionGestures | None, *, trail: Trail, event: Any
    ) -> None:
        loop = asyncio.get_running_loop()
        self._progress.began(incoming.position)
        try:
            outcome = await loop.run_in_executor(self._executor, self._processor.process, incoming, gestures)
        finally:
            self._progress.processed(incoming.position)
        if not trail.is_confirmed:
            await self._send(outcome, trail=trail, event=event, position=incoming.position)
            await trail.confirmed()
            return
        # Nothing before it is unconfirmed, so there is nobody to wait for but the broker.
        began = perf_counter()
        await (await self._writer.write(outcome, partition=incoming.position.partition))
        self._acknowledge(outcome, event=event, position=incoming.position, began=began)

    async def _send(self, outcome: Outcome, *, trail: Trail, event: Any, position: Position) -> None:
        """Write an outcome; once the broker has it and those before it, the event is acknowledged."""
        began = perf_counter()
        stored = await self._writer.write(outcome, partition=position.partition)
        await trail.add(
            stored,
            then=lambda: self._acknowledge(outcome, event=event, position=position, began=began),
            on_fault=lambda fault: self._fail(fault, position),
        )

    def _acknowledge(self, outcome: Outcome, *, event: Any, position: Position, began: float) -> None:
        """The broker has the outcome. began: when it was handed over, by perf_counter()."""
        self._count(outcome, partition=position.partition, publish_seconds=perf_counter() - began)
        self._progress.finished(position)
        event.ack()

    def _count(self, outcome: Outcome, *, partition: int, publish_seconds: float) -> None:
        written_at = self._clock()
        prediction = outcome.prediction
        # What nobody looked at says nothing of how long a look takes, and what was a dead letter is as old as that was.
        is_timed = prediction is not None and prediction.status is not Status.STALE and not prediction.retries
        for gesture_event in outcome.gestures:
            self._metrics.gesture(gesture_event)
        self._on_outcome(outcome)
        if is_timed and prediction is not None and outcome.timings is not None:
            self._metrics.timed(outcome.timings, detector_skipped=prediction.detector_skipped)
        if outcome.ended_run is not None:
            self._metrics.ended(LiveStream(outcome.ended_run, partition))
        if outcome.status != STREAM_END:
            captured_at = outcome.captured_at if is_timed else None
            self._metrics.finished(
                outcome,
                partition=partition,
                publish_seconds=publish_seconds,
                end_to_end_seconds=None if captured_at is None else (written_at - captured_at).total_seconds(),
            )

    async def _fail(self, fault: BaseException, position: Position) -> None:
        if self._faulted:
            return
        self._faulted = True
        others = [task for partition, task in self._in_flight.items() if partition != position.partition]
        if others:
            await asyncio.wait(others, timeout=FINISH_SECONDS)
        await self._on_fault(fault, position)

    def _incoming(self, message: Any, position: Position) -> Incoming:
        return Incoming(
            position=position,
            key=message.key,
            value=message.value,
            headers=_pairs(message.headers),
            waited=self._waited(position),
        )


def _pairs(headers: Any) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(headers.items() if hasattr(headers, "items") else headers or ())
