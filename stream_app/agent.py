"""The Faust agent: one frame in recognition a partition, acknowledged in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from events.prediction import Status
from events.record import Position
from monitoring.camera_metrics import LiveStream
from stream_app.arrivals import Waited
from stream_app.gesture_keeper import GestureHold, GestureKeeper
from stream_app.metrics import WorkerMetrics
from stream_app.outcome import STREAM_END, UNKNOWN, Incoming, Outcome
from stream_app.partition_gestures import PartitionGestures
from stream_app.progress import Progress
from stream_app.trail import Trail

# What hangs in another partition must not keep a worker that has to end.
FINISH_SECONDS = 5.0
LOOK_SECONDS = 0.02
# Of one partition: outcomes that the broker may still have to confirm when its next frame is recognised. What a worker
# that is killed had finished beyond its last commit is done again, and these add to it.
MAX_UNCONFIRMED = 8
# The same for frames that are skipped: some hundred bytes each, and more would make the broker no faster.
MAX_UNCONFIRMED_SKIPPED = 256


class Processor(Protocol):
    def skip(self, incoming: Incoming) -> Outcome | None:
        """At once, in the event loop: the outcome of what is not worth processing any more, else None."""

    def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
        """In a thread, as long as it takes."""


class OutcomeWriter(Protocol):
    """Writes outcomes, each with what goes behind it. Those of a partition are stored in the order of the calls."""

    def write(self, outcome: Outcome, *, partition: int, on_settled: Callable[[BaseException | None], None]) -> None:
        """Take it over, to be sent with others.

        on_settled: called with None once the broker has it, else with the reason why it has not.
        """

    def flush(self) -> None:
        """Send what was taken over."""


class _InHand:
    """The record of a partition that is being processed. done: once its outcome is handed to the writer, or failed."""

    __slots__ = ("done", "event", "hold", "incoming", "trail")

    def __init__(
        self, incoming: Incoming, *, event: Any, hold: GestureHold | None, trail: Trail, done: asyncio.Future[Outcome]
    ) -> None:
        self.incoming = incoming
        self.event = event
        self.hold = hold
        self.trail = trail
        self.done = done


class FrameAgent:
    """Consumes one partition's stream at a time; Faust runs one such task for each assigned partition.

    A partition's frames are recognised one after the other. Their outcomes are on their way to the broker while the
    next frame is recognised, but for those with gesture events: what follows them is begun once they are stored, since
    a worker that takes the partition over counts on that.

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
        self._failing: asyncio.Task[None] | None = None
        self._in_hand: dict[int, _InHand] = {}
        self._trails: dict[int, Trail] = {}

    async def consume(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            position = Position(topic=message.topic, partition=message.partition, offset=message.offset)
            if not self._faulted:
                try:
                    await self._take(message, position, event=event)
                except Exception as fault:
                    await self._fail(fault, position)
            if self._faulted:
                # Returning would let Faust start the agent anew, behind the frame that failed.
                await asyncio.Event().wait()

    async def _take(self, message: Any, position: Position, *, event: Any) -> None:
        """Return when the partition's next record may be taken."""
        partition = position.partition
        trail = self._trail(partition)
        incoming = self._incoming(message, position)
        skipped = self._processor.skip(incoming)
        if skipped is not None:
            # Waiting for the broker here would make a long run of them take longer than it is worth.
            self._write(skipped, trail=trail, event=event, position=position)
            await trail.wait(max_unconfirmed=MAX_UNCONFIRMED_SKIPPED)
            return
        hold = None if self._keeper is None else await self._keeper.hold(partition, offset=position.offset)
        loop = asyncio.get_running_loop()
        in_hand = _InHand(incoming, event=event, hold=hold, trail=trail, done=loop.create_future())
        self._in_hand[partition] = in_hand
        self._progress.began(position)
        self._executor.submit(self._process, in_hand, loop)
        # A stop that cancels this task lets the frame in hand reach its outcome.
        outcome = await in_hand.done
        await trail.wait(max_unconfirmed=0 if outcome.then else MAX_UNCONFIRMED)

    def _process(self, in_hand: _InHand, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of the executor."""
        outcome: Outcome | None = None
        fault: BaseException | None = None
        try:
            outcome = self._processor.process(in_hand.incoming, None if in_hand.hold is None else in_hand.hold.gestures)
        except BaseException as error:
            fault = error
        loop.call_soon_threadsafe(self._processed, in_hand, outcome, fault)

    def _processed(self, in_hand: _InHand, outcome: Outcome | None, fault: BaseException | None) -> None:
        position = in_hand.incoming.position
        self._progress.processed(position)
        if self._in_hand.get(position.partition) is in_hand:
            del self._in_hand[position.partition]
        if outcome is not None:
            self._write(outcome, trail=in_hand.trail, event=in_hand.event, position=position)
        elif fault is not None:
            self._fail_soon(position, fault)
        if in_hand.hold is not None:
            in_hand.hold.release()
        if outcome is not None and not in_hand.done.done():
            in_hand.done.set_result(outcome)

    def _write(self, outcome: Outcome, *, trail: Trail, event: Any, position: Position) -> None:
        """Write an outcome; once the broker has it and those before it, the event is acknowledged."""
        stored = partial(self._stored, outcome, event=event, position=position, began=perf_counter())
        failed = partial(self._fail_soon, position)
        self._writer.write(outcome, partition=position.partition, on_settled=trail.add(stored, on_fault=failed))
        # While other frames are recognised, outcomes wait for each other and share a request to the broker.
        if not self._in_hand:
            self._writer.flush()

    def _stored(self, outcome: Outcome, *, event: Any, position: Position, began: float) -> None:
        """The broker has the outcome. began: when it was handed over, by perf_counter()."""
        self._count(outcome, partition=position.partition, publish_seconds=perf_counter() - began)
        self._progress.finished(position)
        if self._keeper is not None:
            self._keeper.stored(position.partition, offset=position.offset)
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

    def _fail_soon(self, position: Position, fault: BaseException) -> None:
        if self._failing is None:
            self._failing = asyncio.create_task(self._fail(fault, position))

    async def _fail(self, fault: BaseException, position: Position) -> None:
        if self._faulted:
            return
        self._faulted = True
        others = [
            asyncio.create_task(self._finish(partition))
            for partition in self._trails
            if partition != position.partition
        ]
        if others:
            await asyncio.wait(others, timeout=FINISH_SECONDS)
        await self._on_fault(fault, position)

    async def _finish(self, partition: int) -> None:
        """Return once nothing of the partition is in flight."""
        while partition in self._in_hand:
            await asyncio.sleep(LOOK_SECONDS)
        await self._trails[partition].wait()

    def _trail(self, partition: int) -> Trail:
        trail = self._trails.get(partition)
        if trail is None:
            trail = self._trails[partition] = Trail()
        return trail

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
