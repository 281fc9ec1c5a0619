"""A place for the newest of something."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """One slot: put() replaces what was not taken, take() waits for something new."""

    def __init__(self) -> None:
        self._item: T | None = None
        self._fault: Exception | None = None
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        with self._changed:
            self._item = item
            self._changed.notify()

    def take(self) -> T | None:
        """The newest item, waiting for it; None once it is closed. After the last item it raises what fail() got."""
        with self._changed:
            while self._item is None and self._fault is None and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            item, self._item = self._item, None
            if item is None and self._fault is not None:
                raise self._fault
            return item

    def fail(self, fault: Exception) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
