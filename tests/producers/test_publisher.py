from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.record import Record
from producers.ledger import DropReason
from producers.publisher import Bounds, DropPolicy, Publisher
from producers.sink import MemorySink, RecordRefused, SinkBroken
from tests.logged import context

BOUNDS = Bounds(max_in_flight=3, max_in_flight_bytes=1000, max_queued=4, max_queued_bytes=1000)


def record(number: int, *, size_bytes: int = 1) -> Record:
    return Record(key=str(number).encode(), value=bytes(size_bytes), headers=())


def publisher(sink: MemorySink, policy: DropPolicy, *, interrupted: threading.Event | None = None) -> Publisher:
    return Publisher(sink, policy=policy, interrupted=interrupted or threading.Event(), bounds=BOUNDS)


def numbers(sink: MemorySink) -> list[int]:
    return [int(record.key or b"") for _, record in sink.records]


def never() -> bool:
    return False


def at_once() -> bool:
    return True


@pytest.mark.parametrize("policy", DropPolicy)
def test_a_sink_that_keeps_up_gets_all_in_order(policy: DropPolicy) -> None:
    sink = MemorySink()
    publishing = Publisher(sink, policy=policy, interrupted=threading.Event())
    for number in range(50):
        publishing.offer(record(number), name="frame")
    assert publishing.finish(give_up=never)
    assert numbers(sink) == list(range(50))
    assert publishing.ledger.counts().published == publishing.ledger.counts().offered == 50


def test_wait_holds_the_source_back_and_loses_nothing() -> None:
    sink = MemorySink(confirm_at_once=False)
    publishing = publisher(sink, DropPolicy.WAIT)

    def offer_all() -> None:
        for number in range(10):
            publishing.offer(record(number), name="frame")

    offering = threading.Thread(target=offer_all)
    offering.start()
    while offering.is_alive():
        assert publishing.ledger.counts().in_flight <= BOUNDS.max_in_flight
        sink.confirm()
        offering.join(0.001)
    sink.confirm()
    assert publishing.finish(give_up=never)
    assert numbers(sink) == list(range(10))


def test_wait_lets_go_when_it_is_interrupted() -> None:
    sink, interrupted = MemorySink(confirm_at_once=False), threading.Event()
    publishing = publisher(sink, DropPolicy.WAIT, interrupted=interrupted)
    for number in range(3):
        publishing.offer(record(number), name="frame")
    interrupted.set()
    publishing.offer(record(3), name="frame")
    assert not publishing.finish(give_up=at_once)
    assert publishing.ledger.counts().dropped == {DropReason.INTERRUPTED: 1, DropReason.UNCONFIRMED: 3}


def test_drop_oldest_never_waits_and_keeps_the_newest() -> None:
    sink = MemorySink(confirm_at_once=False)
    publishing = publisher(sink, DropPolicy.DROP_OLDEST)
    for number in range(100):
        publishing.offer(record(number), name="frame")
    counts = publishing.ledger.counts()
    # One may be on its way from the queue into flight, waiting for room.
    assert counts.waiting + counts.in_flight <= BOUNDS.max_queued + BOUNDS.max_in_flight + 1
    assert counts.dropped[DropReason.QUEUE_FULL] >= 100 - 8
    finished: list[bool] = []
    finishing = threading.Thread(target=lambda: finished.append(publishing.finish(give_up=never)))
    finishing.start()
    while finishing.is_alive():
        sink.confirm()
        finishing.join(0.001)
    assert finished == [True]
    found = numbers(sink)
    assert found == sorted(found)
    assert found[-1] == 99


@settings(max_examples=30, deadline=None)
@given(confirm_after=st.lists(st.booleans(), min_size=1, max_size=60), policy=st.just(DropPolicy.DROP_OLDEST))
def test_published_and_dropped_are_what_was_offered(confirm_after: list[bool], policy: DropPolicy) -> None:
    sink = MemorySink(confirm_at_once=False)
    publishing = publisher(sink, policy)
    for number, confirms in enumerate(confirm_after):
        publishing.offer(record(number), name="frame")
        if confirms:
            sink.confirm()
    publishing.finish(give_up=at_once)
    sink.confirm()
    counts = publishing.ledger.counts()
    assert counts.offered == len(confirm_after) == counts.published + counts.dropped_total
    assert (counts.waiting, counts.in_flight) == (0, 0)
    assert numbers(sink) == sorted(numbers(sink))


@pytest.mark.parametrize("policy", DropPolicy)
def test_a_frame_that_is_too_large_is_dropped_and_named_once(
    policy: DropPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    sink = MemorySink(max_value_bytes=10)
    publishing = publisher(sink, policy)
    for number, size_bytes in enumerate((10, 11, 12, 1)):
        publishing.offer(record(number, size_bytes=size_bytes), name=f"picture-{number}")
    assert publishing.finish(give_up=never)
    assert numbers(sink) == [0, 3]
    assert publishing.ledger.counts().dropped == {DropReason.TOO_LARGE: 2}
    (entry,) = caplog.records
    assert entry.getMessage().startswith("a frame is too large: dropped, and so will be others")
    assert context(entry) == {"frame": "picture-1", "size_bytes": 11, "allowed_bytes": 10}


def test_waiting_ends_with_the_first_frame_that_was_lost() -> None:
    sink = MemorySink(confirm_at_once=False)
    publishing = publisher(sink, DropPolicy.WAIT)
    publishing.offer(record(0), name="frame")
    sink.confirm(error=RecordRefused("not stored"))
    with pytest.raises(RecordRefused, match="not stored"):
        publishing.offer(record(1), name="frame")
    with pytest.raises(RecordRefused):
        publishing.finish(give_up=never)


def test_a_camera_outlives_a_lost_frame_but_not_a_broken_sink() -> None:
    sink = MemorySink(confirm_at_once=False)
    publishing = publisher(sink, DropPolicy.DROP_OLDEST)
    publishing.offer(record(0), name="frame")
    while not sink.unconfirmed:
        threading.Event().wait(0.001)
    sink.confirm(error=RecordRefused("not stored"))
    publishing.offer(record(1), name="frame")
    while not sink.unconfirmed:
        threading.Event().wait(0.001)
    sink.confirm(error=SinkBroken("topic is gone"))
    with pytest.raises(SinkBroken, match="topic is gone"):
        publishing.finish(give_up=never)
    assert publishing.ledger.counts().dropped == {DropReason.REFUSED: 2}
