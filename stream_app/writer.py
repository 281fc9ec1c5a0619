"""Writing outcomes through Faust's producer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import faust

from events.record import Record
from stream_app.outcome import Outcome

OnSettled = Callable[[BaseException | None], None]

# How long an outcome waits for others to share its request to the broker, while frames wait for recognition.
MAX_HOLD_SECONDS = 0.025


class _Held(NamedTuple):
    outcome: Outcome
    partition: int
    on_settled: OnSettled


class FaustWriter:
    """Hands records to the producer that Faust runs, past its channel layer.

    `topic.send()` would serialise again, keep a pending message a record and call sensors: most of what Faust costs a
    frame, for nothing that raw bytes need. A request to the broker costs as much as all else of a frame around
    recognition, so that outcomes share one where that makes nobody wait.
    """

    def __init__(self, app: faust.App) -> None:
        self._app = app
        self._held: list[_Held] = []
        self._sending: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def write(self, outcome: Outcome, *, partition: int, on_settled: OnSettled) -> None:
        """Take the outcome and what goes behind it; it is sent with the next `flush`, or after MAX_HOLD_SECONDS.

        Outcomes of a partition are sent in the order of the calls. on_settled: called with None once the broker has
        all of it, else with the reason why it has not.
        """
        self._held.append(_Held(outcome, partition, on_settled))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MAX_HOLD_SECONDS, self.flush)

    def flush(self) -> None:
        """Send what is held now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._held and self._sending is None:
            self._sending = asyncio.create_task(self._send_held())
            self._sending.add_done_callback(self._sent)

    async def send(self, topic: str, record: Record, *, partition: int) -> None:
        """Return once the broker has it."""
        await (await self._hand_over(topic, record, partition=partition))

    async def _send_held(self) -> None:
        try:
            while self._held:
                held, self._held = self._held, []
                for outcome, partition, on_settled in held:
                    try:
                        stored = await self._hand_over_all(outcome, partition=partition)
                    except Exception as fault:
                        on_settled(fault)
                    else:
                        stored.add_done_callback(_Settle(on_settled))
        finally:
            # Not in `_sent`, which is called a turn of the loop later: what is flushed in between would never be sent.
            self._sending = None

    def _sent(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.result()

    async def _hand_over_all(self, outcome: Outcome, *, partition: int) -> asyncio.Future[Any]:
        first = await self._hand_over(outcome.topic, outcome.record, partition=partition)
        if not outcome.then:
            return first
        others = [await self._hand_over(topic, record, partition=partition) for topic, record in outcome.then]
        return asyncio.gather(first, *others)

    async def _hand_over(self, topic: str, record: Record, *, partition: int) -> asyncio.Future[Any]:
        # Going to the frame's own partition keeps the order without hashing the key.
        headers: Any = list(record.headers)
        timestamp_seconds = None if record.timestamp_ms is None else record.timestamp_ms / 1000
        stored: Awaitable[Any] = await self._app.producer.send(
            topic, record.key, record.value, partition, timestamp_seconds, headers
        )
        return asyncio.ensure_future(stored)


class _Settle:
    __slots__ = ("_on_settled",)

    def __init__(self, on_settled: OnSettled) -> None:
        self._on_settled = on_settled

    def __call__(self, stored: asyncio.Future[Any]) -> None:
        self._on_settled(asyncio.CancelledError() if stored.cancelled() else stored.exception())
