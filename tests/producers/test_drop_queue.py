from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.record import Record
from producers.drop_queue import DropOldestQueue


def record(number: int, size_bytes: int) -> Record:
    return Record(key=str(number).encode(), value=bytes(size_bytes), headers=())


@given(
    steps=st.lists(st.one_of(st.integers(0, 40), st.just("take")), max_size=80),
    max_records=st.integers(1, 6),
    max_bytes=st.integers(1, 60),
)
def test_what_is_offered_is_taken_dropped_or_still_there_in_order_and_within_bounds(
    steps: list[int | str], max_records: int, max_bytes: int
) -> None:
    queue = DropOldestQueue(max_records=max_records, max_bytes=max_bytes)
    offered = dropped = 0
    taken: list[Record] = []

    def take() -> None:
        if len(queue):
            found = queue.take()
            assert found is not None
            taken.append(found)

    for step in steps:
        if isinstance(step, int):
            dropped += queue.put(record(offered, step))
            offered += 1
        else:
            take()
        assert len(queue) <= max_records
        assert offered == len(taken) + dropped + len(queue)
    newest_kept = len(queue) > 0
    while len(queue):
        take()
    assert offered == len(taken) + dropped
    numbers = [int(found.key or b"") for found in taken]
    assert numbers == sorted(set(numbers))
    assert not newest_kept or numbers[-1] == offered - 1


def test_bytes_bound_it_too() -> None:
    queue = DropOldestQueue(max_records=10, max_bytes=100)
    assert [queue.put(record(number, 40)) for number in range(4)] == [0, 0, 1, 1]
    assert queue.put(record(4, 1000)) == 2
    assert len(queue) == 1


def test_closing_lets_out_what_is_left_and_wakes_who_waits() -> None:
    queue = DropOldestQueue(max_records=2, max_bytes=100)
    found: list[Record | None] = []
    waiting = threading.Thread(target=lambda: found.extend([queue.take(), queue.take()]))
    waiting.start()
    queue.put(record(0, 1))
    queue.close()
    waiting.join(10)
    assert [one.key if one else None for one in found] == [b"0", None]


@pytest.mark.parametrize("bounds", [{"max_records": 0, "max_bytes": 1}, {"max_records": 1, "max_bytes": 0}])
def test_bounds_of_nothing_are_refused(bounds: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        DropOldestQueue(**bounds)
