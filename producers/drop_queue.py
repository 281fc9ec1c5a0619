"""A bounded queue that lets go of the oldest."""

from __future__ import annotations

import threading
from collections import deque

from events.record import Record


class DropOldestQueue:
    """Keeps the newest records within a count and a number of bytes. The newest one is kept whatever its size."""

    def __init__(self, *, max_records: int, max_bytes: int) -> None:
        if max_records < 1 or max_bytes < 1:
            raise ValueError(f"bounds must be at least 1, not {max_records} records and {max_bytes} bytes")
        self._max_records = max_records
        self._max_bytes = max_bytes
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._records)

    def put(self, record: Record) -> int:
        """Add a record without waiting; how many of the oldest were dropped for it."""
        with self._changed:
            self._records.append(record)
            self._bytes += len(record.value)
            dropped = 0
            while len(self._records) > 1 and (len(self._records) > self._max_records or self._bytes > self._max_bytes):
                self._bytes -= len(self._records.popleft().value)
                dropped += 1
            self._changed.notify()
            return dropped

    def take(self) -> Record | None:
        """The oldest record, waiting for one; None when the queue is closed and empty."""
        with self._changed:
            while not self._records and not self._closed:
                self._changed.wait()
            if not self._records:
                return None
            record = self._records.popleft()
            self._bytes -= len(record.value)
            return record

    def close(self) -> None:
        """Nothing more will be put; what is in it can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
