"""The edge where records go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from broker.topics import BrokerError
from events.record import Record

Done = Callable[[BrokerError | None], None]
"""Called once for each record, from any thread: None when it is safely stored, else why it is not."""


class RecordRefused(BrokerError):
    """This record was not stored; the next may be."""


class SinkBroken(BrokerError):
    """No record will be stored any more."""


class Sink(Protocol):
    """Takes records of one topic. Those of one partition are stored in the order they were sent."""

    @property
    def max_value_bytes(self) -> int:
        """Size of the greatest value that it takes."""

    @property
    def partition_count(self) -> int:
        """How many partitions the topic has."""

    def send(self, record: Record, *, done: Done, partition: int | None = None) -> None:
        """Take a record without waiting until it is stored. partition: by the key where not given."""

    def close(self, *, timeout_seconds: float) -> None:
        """Free the connection, after waiting so long for what was sent."""


class MemorySink:
    """A Sink that keeps the records, each with its partition where one was named.

    With confirm_at_once False a record is stored only when confirm() is called, as when the broker is slow or away.
    """

    def __init__(
        self, *, partition_count: int = 1, max_value_bytes: int = 1024 * 1024, confirm_at_once: bool = True
    ) -> None:
        self.records: list[tuple[int | None, Record]] = []
        self.closed = False
        self._partition_count = partition_count
        self._max_value_bytes = max_value_bytes
        self._confirm_at_once = confirm_at_once
        self._unconfirmed: list[tuple[int | None, Record, Done]] = []

    @property
    def max_value_bytes(self) -> int:
        return self._max_value_bytes

    @property
    def partition_count(self) -> int:
        return self._partition_count

    @property
    def unconfirmed(self) -> int:
        return len(self._unconfirmed)

    def send(self, record: Record, *, done: Done, partition: int | None = None) -> None:
        self._unconfirmed.append((partition, record, done))
        if self._confirm_at_once:
            self.confirm()

    def confirm(self, *, error: BrokerError | None = None) -> None:
        """Store what was sent, or let it fail with error."""
        while self._unconfirmed:
            partition, record, done = self._unconfirmed.pop(0)
            if error is None:
                self.records.append((partition, record))
            done(error)

    def close(self, *, timeout_seconds: float) -> None:  # noqa: ARG002
        self.closed = True
