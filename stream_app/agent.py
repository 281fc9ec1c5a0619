"""The Faust agent: one frame in flight a partition, acknowledged in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

from events.record import Position
from stream_app.metrics import WorkerMetrics
from stream_app.outcome import STREAM_END, Incoming, Outcome


class Processor(Protocol):
    def process(self, incoming: Incoming) -> Outcome: ...


class OutcomeWriter(Protocol):
    """Writes an outcome and returns once the broker has it."""

    async def write(self, outcome: Outcome, *, partition: int) -> None: ...


class FrameAgent:
    """Consumes one partition's stream at a time; Faust runs one such task for each assigned partition.

    An offset is acknowledged only once its outcome is on the broker, and always in order: Faust's commit goes wrong
    when acknowledgements overtake each other (faust-streaming issue 606). A fault of ours is handed to `on_fault` and
    ends the consumption of every partition, so that nothing behind the failed frame is acknowledged.
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
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self._processor = processor
        self._writer = writer
        self._metrics = metrics
        self._executor = executor
        self._clock = clock
        self._on_fault = on_fault
        self._on_outcome = on_outcome
        self._faulted = False

    async def consume(self, stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            position = Position(topic=message.topic, partition=message.partition, offset=message.offset)
            if not self._faulted:
                try:
                    # Shielded: a stop that cancels this task lets the frame in flight reach its outcome.
                    await asyncio.shield(self._handle(message, position))
                except Exception as fault:
                    self._faulted = True
                    await self._on_fault(fault, position)
            if self._faulted:
                # Returning would let Faust start the agent anew, behind the frame that failed.
                await asyncio.Event().wait()
            event.ack()

    async def _handle(self, message: Any, position: Position) -> None:
        incoming = Incoming(position=position, key=message.key, value=message.value, headers=_pairs(message.headers))
        loop = asyncio.get_running_loop()
        outcome = await loop.run_in_executor(self._executor, self._processor.process, incoming)
        began = perf_counter()
        await self._writer.write(outcome, partition=position.partition)
        written_at = self._clock()
        self._on_outcome(outcome)
        if outcome.timings is not None:
            self._metrics.timed(outcome.timings)
        if outcome.status != STREAM_END:
            self._metrics.finished(
                outcome.status,
                publish_seconds=perf_counter() - began,
                end_to_end_seconds=(written_at - outcome.captured_at).total_seconds() if outcome.captured_at else None,
            )


def _pairs(headers: Any) -> tuple[tuple[str, bytes | None], ...]:
    return tuple(headers.items() if hasattr(headers, "items") else headers or ())
