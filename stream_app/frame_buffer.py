"""What waits in a worker for one partition's agent, bounded by bytes."""

from __future__ import annotations

from typing import Any

from mode.utils.queues import ThrowableQueue

# Of a record besides its value: headers, and the objects around it.
RECORD_OVERHEAD_BYTES = 2048


class FrameBuffer(ThrowableQueue[Any]):  # type: ignore[misc]
    """Faust's queue, with a size in bytes: `maxsize` and `qsize()` are bytes.

    From four fifths of maxsize on, the partition is not read any more, until two fifths are left. What was fetched by
    then is still taken, so a buffer holds at most maxsize and one fetch or one frame more.
    """

    _bytes = 0

    def qsize(self) -> int:
        return self._bytes

    def clear(self) -> None:
        super().clear()
        self._bytes = 0

    def put_nowait_enhanced(self, value: Any, **callbacks: Any) -> bool:
        """Faust looks at the size before it puts a record in, and would only stop behind the one that is too much."""
        self.force_put_nowait(value)
        is_high = bool(self.in_pressure_high_state(callbacks["on_pressure_drop"]))
        if is_high:
            callbacks["on_pressure_high"]()
        return is_high

    def _put(self, item: Any) -> None:
        super()._put(item)
        self._bytes += _size(item)

    def _get(self) -> Any:
        item = super()._get()
        self._bytes -= _size(item)
        return item


def _size(item: Any) -> int:
    message = getattr(item, "message", None)
    return RECORD_OVERHEAD_BYTES + len(getattr(message, "value", None) or b"")
