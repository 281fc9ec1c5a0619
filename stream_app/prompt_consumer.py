"""Faust's consumer, made to read on as soon as there is room."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from faust.transport.drivers.aiokafka import Consumer

# How soon a partition is asked for again after its buffer was full.
LOOK_SECONDS = 0.1


class PromptConsumer(Consumer):  # type: ignore[misc]
    """Waits for records in short steps.

    Faust leaves a partition whose buffer is full out of what it waits for, and looks again only when something came or
    a second is over. Where the others are idle, the buffer runs empty meanwhile and the worker stands still
    (faust-streaming 0.15.3, transport/consumer.py). The second itself stays: a wait that ends while partitions are
    being given up would seek back to what is committed, and do again what is in flight.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # One more than the offset of the last record that was taken from each partition.
        self.delivered: dict[tuple[str, int], int] = {}

    async def _wait_next_records(self, timeout: float) -> Any:
        ends_at = time.monotonic() + timeout
        while not self.should_stop and self._waits_for_room() and time.monotonic() < ends_at:
            await asyncio.sleep(LOOK_SECONDS)
        return await super()._wait_next_records(timeout)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        """active_partitions: Faust's own set, which changes as buffers fill and run empty."""
        ends_at = time.monotonic() + timeout
        # Once it stops, its thread answers no more.
        while not self.should_stop:
            left = max(0.0, ends_at - time.monotonic())
            step = min(left, LOOK_SECONDS)
            records = None
            if self.flow_active and active_partitions:
                # Without any partition, aiokafka would give those of all.
                records = await super()._getmany(active_partitions, step)
            else:
                await asyncio.sleep(step)
            for partition, taken in (records or {}).items():
                self.delivered[tuple(partition)] = taken[-1].offset + 1
            if records or left <= LOOK_SECONDS:
                return records or {}
        return {}

    def _waits_for_room(self) -> bool:
        return self.flow_active and not self._get_active_partitions()
