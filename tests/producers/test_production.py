from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from events.frame import Frame, Mode, decode_frame
from events.stream_end import StreamEnd, decode_stream_end
from producers.production import Production
from producers.publisher import Bounds, DropPolicy
from producers.sink import MemorySink, SinkBroken
from producers.source import SourceError
from tests.producers.sources import EndlessSource, ListSource

NOW = datetime(2025, 3, 14, 9, 26, 53, tzinfo=UTC)
IMAGES = [b"a", b"bb", b"ccc"]


def production(source: Any, sink: MemorySink, **arguments: Any) -> Production:
    defaults: dict[str, Any] = {
        "name": "list",
        "cameras": ["door"],
        "policy": DropPolicy.WAIT,
        "speed": 0,
        "now": lambda: NOW,
    }
    return Production(source, sink=sink, **{**defaults, **arguments})


def frames(sink: MemorySink) -> list[Frame]:
    return [
        decode_frame(key=record.key, value=record.value, headers=record.headers)
        for partition, record in sink.records
        if partition is None
    ]


def ends(sink: MemorySink) -> list[tuple[int, StreamEnd]]:
    return [
        (partition, decode_stream_end(value=record.value, headers=record.headers))
        for partition, record in sink.records
        if partition is not None
    ]


def test_a_source_becomes_frames_and_then_one_end_in_each_partition() -> None:
    sink = MemorySink(partition_count=3)
    source = ListSource(IMAGES, mode=Mode.STILL, key="file.jpg", label="peace")
    producing = production(source, sink)
    summary = producing.run()
    found = frames(sink)
    assert [(frame.image, frame.sequence, frame.camera) for frame in found] == [
        (b"a", 0, "door"),
        (b"bb", 1, "door"),
        (b"ccc", 2, "door"),
    ]
    assert {(frame.key, frame.label, frame.mode, frame.captured_at, frame.run) for frame in found} == {
        ("file.jpg", "peace", Mode.STILL, NOW, producing.run_id)
    }
    assert [record.timestamp_ms for _, record in sink.records[:3]] == [round(NOW.timestamp() * 1000)] * 3
    assert ends(sink) == [
        (n, StreamEnd(run=producing.run_id, source="list", partition=n, partitions=3, frames=3, ended_at=NOW))
        for n in range(3)
    ]
    assert [partition for partition, _ in sink.records] == [None, None, None, 0, 1, 2]
    assert (summary.published, summary.bytes, summary.dropped, summary.stream_ended) == (3, 6, {}, True)
    assert source.closed


def test_each_picture_is_published_once_for_each_camera() -> None:
    sink = MemorySink()
    production(ListSource(IMAGES), sink, cameras=["hall-0", "hall-1"]).run()
    assert [(frame.camera, frame.sequence) for frame in frames(sink)] == [
        ("hall-0", 0),
        ("hall-1", 0),
        ("hall-0", 1),
        ("hall-1", 1),
        ("hall-0", 2),
        ("hall-1", 2),
    ]


def test_the_limit_counts_pictures_and_ends_an_endless_source() -> None:
    sink = MemorySink()
    producing = production(EndlessSource(), sink, limit=5, cameras=["a", "b"], policy=DropPolicy.DROP_OLDEST)
    assert producing.total == 10
    assert producing.run().published == 10
    assert ends(sink)[0][1].frames == 10


def test_a_lossy_camera_leaves_gaps_in_its_sequence_and_loses_the_same_frames_again() -> None:
    def sequences() -> list[int]:
        sink = MemorySink()
        summary = production(ListSource([b"x"] * 200), sink, loss_rate=0.25, loss_seed=7).run()
        found = [frame.sequence for frame in frames(sink)]
        assert summary.dropped == {"loss": 200 - len(found)}
        assert ends(sink)[0][1].frames == len(found)
        return found

    first = sequences()
    assert first == sequences()
    assert 100 < len(first) < 190
    assert first == sorted(set(first))


def test_stop_ends_the_run_with_its_markers() -> None:
    sink, source = MemorySink(), EndlessSource()
    producing = production(source, sink, policy=DropPolicy.DROP_OLDEST, speed=1.0)
    running = threading.Thread(target=producing.run)
    running.start()
    while not frames(sink):
        pass
    producing.stop()
    running.join(10)
    summary = producing.summary()
    assert not running.is_alive()
    assert summary.interrupted
    assert summary.stream_ended
    assert ends(sink)[0][1].frames == summary.published == len(frames(sink))


def test_no_stream_end_comes_before_frames_that_may_still_arrive() -> None:
    sink = MemorySink(confirm_at_once=False)
    producing = production(EndlessSource(mode=Mode.RECORDED), sink, flush_seconds=0.0, bounds=small_bounds())
    running = threading.Thread(target=producing.run)
    running.start()
    while sink.unconfirmed < 2:
        pass
    producing.stop()
    running.join(10)
    sink.confirm()
    summary = producing.summary()
    assert not summary.stream_ended
    assert summary.dropped["unconfirmed"] == 2
    assert ends(sink) == []


def small_bounds() -> Bounds:
    return Bounds(max_in_flight=2, max_in_flight_bytes=1000, max_queued=2, max_queued_bytes=1000)


def test_a_source_that_is_lost_on_the_way_still_ends_its_stream() -> None:
    sink = MemorySink()
    producing = production(ListSource(IMAGES, fault=SourceError("unplugged")), sink)
    with pytest.raises(SourceError, match="unplugged"):
        producing.run()
    assert producing.summary().stream_ended
    assert ends(sink)[0][1].frames == 3


def test_a_source_that_never_began_has_no_stream_to_end() -> None:
    sink = MemorySink()
    with pytest.raises(SourceError, match="not there"):
        production(ListSource([], fault=SourceError("not there")), sink).run()
    assert sink.records == []


def test_a_broken_sink_ends_the_run_and_the_summary_says_how_far_it_came() -> None:
    sink = MemorySink(confirm_at_once=False)
    producing = production(EndlessSource(), sink, bounds=small_bounds())
    faults: list[Exception] = []

    def run() -> None:
        try:
            producing.run()
        except SinkBroken as error:
            faults.append(error)

    running = threading.Thread(target=run)
    running.start()
    while sink.unconfirmed < 2:
        pass
    sink.confirm(error=SinkBroken("no topic"))
    running.join(10)
    assert [str(fault) for fault in faults] == ["no topic"]
    assert producing.summary().dropped["refused"] >= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"cameras": []}, "cameras"), ({"cameras": ["a\n"]}, "camera id"), ({"loss_rate": 1.5}, "loss_rate")],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        production(ListSource([]), MemorySink(), **arguments)
