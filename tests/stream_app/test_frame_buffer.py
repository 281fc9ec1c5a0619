"""What waits for an agent is bounded by bytes, not by frames."""

from __future__ import annotations

from asyncio import QueueEmpty
from types import SimpleNamespace
from typing import Any

import pytest
from mode.utils.queues import FlowControlEvent

from stream_app.frame_buffer import RECORD_OVERHEAD_BYTES, FrameBuffer

MAX_BYTES = 100_000


class Reader:
    """Whoever reads the partition, as far as the buffer lets it."""

    def __init__(self) -> None:
        self.buffer = FrameBuffer(maxsize=MAX_BYTES, flow_control=FlowControlEvent(), clear_on_resume=True)
        self.reads = True

    def put(self, size: int) -> None:
        self.buffer.put_nowait_enhanced(
            event(size), on_pressure_high=self._on_pressure_high, on_pressure_drop=self._on_pressure_drop
        )

    def fill(self, size: int) -> int:
        """How many frames of that size are read before it stops."""
        count = 0
        while self.reads and not self.buffer.full():
            self.put(size)
            count += 1
        return count

    def _on_pressure_high(self) -> None:
        self.reads = False

    def _on_pressure_drop(self) -> None:
        self.reads = True


def event(size: int) -> Any:
    return SimpleNamespace(message=SimpleNamespace(value=bytes(size)))


@pytest.mark.parametrize("size", [0, 100, 5_000, 70_000])
def test_as_many_frames_are_read_as_fit(size: int) -> None:
    reader = Reader()

    count = reader.fill(size)

    assert 0.8 * MAX_BYTES <= count * (size + RECORD_OVERHEAD_BYTES) <= MAX_BYTES + size


def test_of_frames_larger_than_the_buffer_one_waits() -> None:
    assert Reader().fill(10 * MAX_BYTES) == 1


def test_the_partition_is_read_again_when_little_is_left() -> None:
    reader = Reader()
    reader.fill(5_000)

    left = []
    while not reader.reads:
        reader.buffer.get_nowait()
        left.append(reader.buffer.qsize())

    assert left[-1] < 0.4 * MAX_BYTES < left[0]


def test_it_is_read_again_too_after_a_single_large_frame() -> None:
    reader = Reader()
    reader.fill(10 * MAX_BYTES)
    reader.buffer.get_nowait()

    with pytest.raises(QueueEmpty):
        reader.buffer.get_nowait()

    assert reader.reads
    assert reader.buffer.qsize() == 0


def test_a_buffer_that_is_cleared_is_empty() -> None:
    reader = Reader()
    reader.fill(5_000)

    reader.buffer.clear()

    assert (reader.buffer.qsize(), reader.buffer.empty(), reader.buffer.full()) == (0, True, False)


def test_records_without_a_value_count_too() -> None:
    buffer = Reader().buffer
    buffer.force_put_nowait(SimpleNamespace(message=SimpleNamespace(value=None)))

    assert buffer.qsize() == RECORD_OVERHEAD_BYTES
