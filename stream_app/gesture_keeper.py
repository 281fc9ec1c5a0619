"""The gestures of all partitions that this worker has, one at a time for each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from events.gesture import GestureEvent
from events.record import Record
from recognition.gesture_debouncer import DebounceTimes
from stream_app.partition_gestures import GestureHistory, PartitionGestures

log = logging.getLogger("handstream.worker")

# How much later than the silence time a camera counts as gone: a broker that pauses is no silence.
GRACE_SECONDS = 2.0
LOOK_EVERY_SECONDS = 0.5


class RecordWriter(Protocol):
    """Writes a record and returns once the broker has it."""

    async def send(self, topic: str, record: Record, *, partition: int) -> None: ...


class _Kept:
    """The gestures of one partition, being read back or there. next_offset: of the first record without an outcome."""

    def __init__(self, gestures: asyncio.Future[PartitionGestures]) -> None:
        self.gestures = gestures
        self.lock = asyncio.Lock()
        self.next_offset: int | None = None


class GestureHold:
    """The gestures of a partition, which nobody else may use until they are released."""

    __slots__ = ("_kept", "gestures")

    def __init__(self, gestures: PartitionGestures, kept: _Kept) -> None:
        self.gestures = gestures
        self._kept = kept

    def release(self) -> None:
        self._kept.lock.release()


class GestureKeeper:
    """Gives each partition's gestures to one user at a time: the agent with a frame, or the look for silent cameras.

    load_history: reads what another worker left in a partition; called in a thread.
    end_offset: one more than the partition's last known record; for a worker that is behind, no camera is silent.
    count: called with each event that was written.
    """

    def __init__(
        self,
        *,
        times: DebounceTimes,
        load_history: Callable[[int], GestureHistory],
        end_offset: Callable[[int], int | None],
        writer: RecordWriter,
        topic: str,
        count: Callable[[GestureEvent], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._times = times
        self._load_history = load_history
        self._end_offset = end_offset
        self._writer = writer
        self._topic = topic
        self._count = count
        self._clock = clock
        self._kept: dict[int, _Kept] = {}

    def assign(self, partitions: Iterable[int]) -> None:
        """These partitions are ours now: what others left there is read back, before their first frame is."""
        for partition in partitions:
            self._keep(partition)

    def revoke(self, partitions: Iterable[int]) -> None:
        """Another worker will go on with these."""
        for partition in partitions:
            kept = self._kept.pop(partition, None)
            if kept is not None:
                kept.gestures.cancel()

    async def hold(self, partition: int, *, offset: int) -> GestureHold:
        """The gestures of a partition, for the record at this offset. Release them."""
        kept = self._keep(partition)
        await kept.lock.acquire()
        try:
            gestures = kept.gestures.result() if kept.gestures.done() else await asyncio.shield(kept.gestures)
        except BaseException:
            kept.lock.release()
            raise
        if kept.next_offset is None:
            kept.next_offset = offset
        return GestureHold(gestures, kept)

    def stored(self, partition: int, *, offset: int) -> None:
        """The broker has the outcomes of the record at this offset and of all before it."""
        kept = self._kept.get(partition)
        if kept is not None:  # else the partition was given up meanwhile
            kept.next_offset = offset + 1

    async def look(self) -> None:
        """End what cameras held that fell silent."""
        for partition, kept in tuple(self._kept.items()):
            if not kept.gestures.done() or kept.gestures.cancelled() or kept.gestures.exception():
                continue
            async with kept.lock:
                if self._kept.get(partition) is kept and not self._is_behind(partition, kept):
                    await self._end_silent(partition, kept.gestures.result())

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.look()
            except Exception as error:
                # What could not be written is still held, and written the next time.
                log.warning("Gesture events could not be written", extra={"error": f"{type(error).__name__}: {error}"})

    async def _end_silent(self, partition: int, gestures: PartitionGestures) -> None:
        seconds = self._times.silence.total_seconds() + GRACE_SECONDS
        for camera in gestures.silent(seconds=seconds):
            for keyed in camera.ends():
                await self._writer.send(self._topic, keyed.to_record(), partition=partition)
                self._count(keyed.event)
            camera.finish()

    def _is_behind(self, partition: int, kept: _Kept) -> bool:
        end = self._end_offset(partition)
        return end is not None and kept.next_offset is not None and kept.next_offset < end

    def _keep(self, partition: int) -> _Kept:
        kept = self._kept.get(partition)
        if kept is None or kept.gestures.cancelled():
            kept = self._kept[partition] = _Kept(asyncio.ensure_future(self._restore(partition)))
        return kept

    async def _restore(self, partition: int) -> PartitionGestures:
        history = await asyncio.to_thread(self._load_history, partition)
        return PartitionGestures(times=self._times, history=history, clock=self._clock)
