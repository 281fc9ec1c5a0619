"""Reading records whose headers have names that are not UTF-8.

Kafka takes them from anybody, and its Python clients cannot read past them: such a record would stop its partition for
good. Here the name comes as a BrokenName and all else as it is.
"""

from __future__ import annotations

from typing import Any

from kafka.record.default_records import DefaultRecordBatch

from events.record import header_name


class TolerantBuffer(bytearray):
    """The bytes of a record batch, for a parser that decodes slices of them. Slower, so for a batch at fault only."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Slice(found) if isinstance(place, slice) else found


class _Slice(bytearray):
    def decode(self, *_: Any, **__: Any) -> str:
        return header_name(self)


def read_any_header_name(consumer: Any) -> None:
    """Make a kafka-python consumer read them, before it has fetched anything."""
    fetcher = consumer._fetcher

    class TolerantRecords(fetcher.PartitionRecords):  # type: ignore[misc, name-defined]
        def _unpack_records(self, partition: Any, records: Any, *more: Any) -> Any:
            return super()._unpack_records(partition, _Batches(records), *more)

    fetcher.PartitionRecords = TolerantRecords


class _Batches:
    """The batches of one answer of the broker, each with a tolerant way to read its records."""

    def __init__(self, records: Any) -> None:
        self._records = records

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        if isinstance(batch, DefaultRecordBatch):
            # One made anew would copy its bytes.
            batch.__class__ = _TolerantBatch
        return batch


class _TolerantBatch(DefaultRecordBatch):  # type: ignore[misc]
    __slots__ = ()
    _buffer: bytearray

    def _read_msg(self) -> Any:
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            # The place in the batch moves on only behind a record that was read.
            self._buffer = TolerantBuffer(self._buffer)  # type: ignore[misc]
            return super()._read_msg()
