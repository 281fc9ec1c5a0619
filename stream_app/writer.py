"""Writing outcomes through Faust's producer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import faust

from events.record import Record
from stream_app.outcome import Outcome


class FaustWriter:
    """Hands records to the producer that Faust runs, past its channel layer.

    `topic.send()` would serialise again, keep a pending message a record and call sensors: most of what Faust costs a
    frame, for nothing that raw bytes need.
    """

    def __init__(self, app: faust.App) -> None:
        self._app = app

    async def write(self, outcome: Outcome, *, partition: int) -> Awaitable[Any]:
        """Hand over the outcome and what goes behind it, in order; what is returned is done once the broker has all."""
        records = ((outcome.topic, outcome.record), *outcome.then)
        stored = [await self._hand_over(topic, record, partition=partition) for topic, record in records]
        return stored[0] if len(stored) == 1 else asyncio.gather(*stored)

    async def send(self, topic: str, record: Record, *, partition: int) -> None:
        """Return once the broker has it."""
        await (await self._hand_over(topic, record, partition=partition))

    async def _hand_over(self, topic: str, record: Record, *, partition: int) -> Awaitable[Any]:
        # Going to the frame's own partition keeps the order without hashing the key.
        headers: Any = list(record.headers)
        timestamp_seconds = None if record.timestamp_ms is None else record.timestamp_ms / 1000
        stored: Awaitable[Any] = await self._app.producer.send(
            topic, record.key, record.value, partition, timestamp_seconds, headers
        )
        return stored
