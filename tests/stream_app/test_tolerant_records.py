"""Record batches as aiokafka gets them, with header names that are not UTF-8."""

from __future__ import annotations

import pytest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from events.record import BrokenName
from stream_app.tolerant_records import TolerantMemoryRecords
from tests.adversarial.case import RawName

NO_CODEC, GZIP = 0, 1


def _batch(*names: str, codec: int) -> bytes:
    """A record for each name, in the format of version 2."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, False, -1, -1, 0, 100_000)
    for number, name in enumerate(names):
        builder.append(number, 1, b"key", b"value %d" % number, [(name, b"x"), ("plain", None)])
    return bytes(builder.build())


@pytest.mark.parametrize("codec", [NO_CODEC, GZIP])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_such_a_name_is_read_as_broken_and_all_else_as_it_is(codec: int, place: int) -> None:
    names: list[str] = ["first", "second", "third"]
    names[place] = RawName(b"x-\xff")
    records = TolerantMemoryRecords(_batch(*names, codec=codec) + _batch("next", codec=codec))

    batches = []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        batches.append(list(batch))

    assert records.next_batch() is None
    assert [[record.value for record in batch] for batch in batches] == [
        [b"value 0", b"value 1", b"value 2"],
        [b"value 0"],
    ]
    read = [record.headers[0][0] for record in batches[0]]
    assert [isinstance(name, BrokenName) for name in read] == [number == place for number in range(3)]
    assert read[place] == r"x-\xff"
    assert all(record.headers[1] == ("plain", None) for batch in batches for record in batch)


def test_half_a_batch_is_left_for_the_next_fetch() -> None:
    whole = _batch("first", codec=NO_CODEC)
    records = TolerantMemoryRecords(whole + _batch("second", codec=NO_CODEC)[:40])

    assert [record.value for record in records.next_batch()] == [b"value 0"]
    assert not records.has_next()
    assert records.size_in_bytes() == len(whole) + 40
