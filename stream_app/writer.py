"""Writing outcomes through Faust's producer."""

from __future__ import annotations

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

    async def write(self, outcome: Outcome, *, partition: int) -> None:
        """Return once the broker has all of it, in order."""
        await self.send(outcome.topic, outcome.record, partition=partition)
        for topic, record in outcome.then:
            await self.send(topic, record, partition=partition)

    async def send(self, topic: str, record: Record, *, partition: int) -> None:
        """Return once the broker has it. Going to the frame's own partition keeps the order without hashing the key."""
        headers: Any = list(record.headers)
        timestamp_seconds = None if record.timestamp_ms is None else record.timestamp_ms / 1000
        await self._app.producer.send_and_wait(topic, record.key, record.value, partition, timestamp_seconds, headers)
