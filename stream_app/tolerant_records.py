"""aiokafka, made to read records whose headers have names that are not UTF-8."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

from broker.header_names import TolerantBuffer

# A batch begins with its first offset and the length of what follows.
_HEAD = struct.Struct(">qi")


class TolerantMemoryRecords:
    """The batches of one partition in one answer of the broker.

    aiokafka parses them in C, and there a name that is not UTF-8 ends the worker, and each one after it. Such a batch
    is parsed in Python instead.
    """

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._begin = 0
        self._records = MemoryRecords(data)

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def next_batch(self) -> Any:
        batch = self._records.next_batch()
        if batch is None:
            return None
        begin = self._begin
        _, length = _HEAD.unpack_from(self._data, begin)
        self._begin = begin + _HEAD.size + length
        return _Batch(batch, self._data[begin : self._begin]) if batch.magic >= 2 else batch


class _Batch:
    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            for number, record in enumerate(_tolerant_batch(self._data)):
                if number >= read:
                    yield record


def _tolerant_batch(data: memoryview) -> Any:
    batch = _DefaultRecordBatchPy(data)
    batch._maybe_uncompress()
    batch._buffer = TolerantBuffer(batch._buffer)
    return batch


def read_any_header_name() -> None:
    """Make the consumers of this process read them."""
    fetcher.MemoryRecords = TolerantMemoryRecords
