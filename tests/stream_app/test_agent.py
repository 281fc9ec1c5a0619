"""One partition's frames: what is acknowledged when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from events.frame import Frame, Mode
from events.prediction import decode_prediction
from events.record import Position
from events.stream_end import StreamEnd
from events.topics import TopicNames
from stream_app.agent import FrameAgent
from stream_app.metrics import WorkerMetrics
from stream_app.outcome import Incoming, Outcome
from stream_app.partition_gestures import PartitionGestures
from stream_app.processor import FrameProcessor
from stream_app.progress import Progress
from tests.stream_app.twins import CAPTURED_AT, TwinRecognizer, frame


@dataclass
class Message:
    offset: int
    key: bytes | None
    value: bytes
    headers: Any
    topic: str = "frames"
    partition: int = 0


@dataclass
class Event:
    message: Message
    acknowledged: list[int]

    def ack(self) -> None:
        self.acknowledged.append(self.message.offset)


@dataclass
class Stream:
    """What Faust gives an agent: the frames given, and then nothing more."""

    frames: Sequence[Frame | StreamEnd]
    partition: int = 0
    acknowledged: list[int] = field(default_factory=list)

    def noack(self) -> Stream:
        return self

    async def events(self) -> AsyncIterator[Event]:
        for offset, one in enumerate(self.frames):
            record = one.to_record()
            message = Message(offset, record.key, record.value, record.headers, partition=self.partition)
            yield Event(message, self.acknowledged)
        await asyncio.Event().wait()


@dataclass
class Writer:
    """Keeps the futures that say that an outcome is stored, for the test to settle."""

    outcomes: list[Outcome] = field(default_factory=list)
    stored: list[asyncio.Future[None]] = field(default_factory=list)
    flushed: int = 0

    def write(self, outcome: Outcome, *, partition: int, on_settled: Callable[[BaseException | None], None]) -> None:
        assert partition in (0, 1)
        self.outcomes.append(outcome)
        self.stored.append(asyncio.get_running_loop().create_future())
        self.stored[-1].add_done_callback(lambda stored: on_settled(stored.exception()))

    def flush(self) -> None:
        self.flushed = len(self.outcomes)

    @property
    def statuses(self) -> list[str]:
        return [one.status for one in self.outcomes]


def live(sequence: int, *, age_seconds: float) -> Frame:
    captured_at = CAPTURED_AT - timedelta(seconds=age_seconds)
    return replace(frame(sequence=sequence), mode=Mode.LIVE, captured_at=captured_at)


async def turn() -> None:
    """Let all that can run do so, the executor too."""
    for _ in range(20):
        await asyncio.sleep(0.005)


def run(
    frames: Sequence[Frame | StreamEnd],
    act: Callable[[Stream, Writer, list[Position]], Awaitable[None]],
    *,
    registry: CollectorRegistry | None = None,
    beside: Stream | None = None,
    processor: type[FrameProcessor] = FrameProcessor,
) -> None:
    """beside: the stream of another partition, which begins later."""

    async def play() -> None:
        stream, writer, faults = Stream(frames), Writer(), list[Position]()

        async def on_fault(_: BaseException, position: Position) -> None:
            faults.append(position)

        with ThreadPoolExecutor(1) as executor:
            agent = FrameAgent(
                processor=processor(
                    recognizer=TwinRecognizer(),
                    topics=TopicNames(""),
                    clock=lambda: CAPTURED_AT,
                    stale_after_seconds=0.75,
                ),
                writer=writer,
                metrics=WorkerMetrics(registry or CollectorRegistry()),
                executor=executor,
                clock=lambda: CAPTURED_AT,
                on_fault=on_fault,
                progress=Progress(),
            )
            tasks = []
            for one in (stream, beside):
                if one is not None:
                    tasks.append(asyncio.create_task(agent.consume(one)))
                    await turn()
            await act(stream, writer, faults)
            for task in tasks:
                task.cancel()

    asyncio.run(play())


def test_frames_go_on_while_the_broker_confirms_and_only_what_it_has_is_acknowledged() -> None:
    async def act(stream: Stream, writer: Writer, _: list[Position]) -> None:
        assert (writer.statuses, stream.acknowledged) == (["no_hand"] * 9, [])
        assert writer.flushed == 9
        writer.stored[1].set_result(None)
        await turn()
        assert (len(writer.outcomes), stream.acknowledged) == (9, [])
        writer.stored[0].set_result(None)
        await turn()
        assert (len(writer.outcomes), stream.acknowledged) == (11, [0, 1])

    run([live(number, age_seconds=0.1) for number in range(20)], act)


def test_a_frame_behind_one_with_something_more_to_write_waits_until_the_broker_has_it_all() -> None:
    end = StreamEnd(run="run1", source="test", partition=0, partitions=1, frames=1, ended_at=CAPTURED_AT)

    class WithEvent(FrameProcessor):
        def process(self, incoming: Incoming, gestures: PartitionGestures | None = None) -> Outcome:
            outcome = super().process(incoming, gestures)
            return replace(outcome, then=(("gestures", end.to_record()),)) if incoming.position.offset == 1 else outcome

    async def act(stream: Stream, writer: Writer, _: list[Position]) -> None:
        assert len(writer.outcomes) == 2
        writer.stored[1].set_result(None)
        await turn()
        assert (len(writer.outcomes), stream.acknowledged) == (2, [])
        writer.stored[0].set_result(None)
        await turn()
        assert (len(writer.outcomes), stream.acknowledged) == (4, [0, 1])

    run([live(number, age_seconds=0.1) for number in range(4)], act, processor=WithEvent)


def test_stale_frames_go_out_without_waiting_and_are_acknowledged_in_order() -> None:
    async def act(stream: Stream, writer: Writer, _: list[Position]) -> None:
        assert writer.statuses == ["stale"] * 4 + ["no_hand"] * 2
        assert [decode_prediction(one.record.value).sequence for one in writer.outcomes] == [0, 1, 2, 3, 4, 5]
        for number in (1, 3, 4):
            writer.stored[number].set_result(None)
        await turn()
        assert stream.acknowledged == []
        writer.stored[0].set_result(None)
        await turn()
        assert stream.acknowledged == [0, 1]
        writer.stored[2].set_result(None)
        await turn()
        assert stream.acknowledged == [0, 1, 2, 3, 4]

    run([live(number, age_seconds=60 if number < 4 else 0.1) for number in range(6)], act)


def test_nothing_behind_an_outcome_that_could_not_be_stored_is_acknowledged() -> None:
    async def act(stream: Stream, writer: Writer, faults: list[Position]) -> None:
        writer.stored[1].set_exception(RuntimeError("refused"))
        for number in (0, 2, 3):
            writer.stored[number].set_result(None)
        await turn()
        assert stream.acknowledged == [0]
        assert [fault.offset for fault in faults] == [1]
        begun = len(writer.outcomes)
        for stored in writer.stored[4:]:
            stored.set_result(None)
        await turn()
        assert (len(writer.outcomes), stream.acknowledged) == (begun, [0])

    run([live(number, age_seconds=60 if number < 3 else 0.1) for number in range(30)], act)


@pytest.mark.parametrize("age_seconds", [0.1, 60])
def test_a_fault_waits_for_what_is_in_flight_in_other_partitions(age_seconds: float) -> None:
    beside = Stream([live(number, age_seconds=age_seconds) for number in range(3)], partition=1)

    async def act(stream: Stream, writer: Writer, faults: list[Position]) -> None:
        begun = len(writer.outcomes) - 1
        writer.stored[0].set_exception(RuntimeError("refused"))
        await turn()
        assert faults == []
        for stored in writer.stored[1:]:
            stored.set_result(None)
        await turn()
        assert (stream.acknowledged, beside.acknowledged) == ([], list(range(begun)))
        assert [(fault.partition, fault.offset) for fault in faults] == [(0, 0)]
        assert len(writer.outcomes) == 1 + begun, "nothing more is begun"

    run([live(0, age_seconds=0.1)], act, beside=beside)


def test_a_long_run_of_stale_frames_is_bounded_by_what_is_unconfirmed() -> None:
    async def act(_: Stream, writer: Writer, __: list[Position]) -> None:
        assert len(writer.outcomes) == 257

    run([live(number, age_seconds=60) for number in range(400)], act)


def test_only_a_live_camera_is_told_to_have_been_seen_until_the_end_of_its_run_is_on_the_broker() -> None:
    registry = CollectorRegistry()
    end = StreamEnd(run="run1", source="test", partition=0, partitions=1, frames=1, ended_at=CAPTURED_AT)
    sent_back = replace(live(2, age_seconds=60), camera="long-gone", retries=1)

    def last_seen(camera: str) -> float | None:
        return registry.get_sample_value("handstream_camera_last_frame_timestamp_seconds", {"camera": camera})

    async def act(_: Stream, writer: Writer, __: list[Position]) -> None:
        for number in range(3):
            writer.stored[number].set_result(None)
            await turn()
        assert writer.statuses == ["no_hand"] * 3 + ["stream_end"]
        assert last_seen("door")
        assert (last_seen("desk"), last_seen("long-gone")) == (None, None)
        writer.stored[3].set_result(None)
        await turn()
        assert last_seen("door") is None

    run([frame(), replace(live(1, age_seconds=0.1), camera="door"), sent_back, end], act, registry=registry)


def test_a_frame_that_was_sent_back_after_days_says_nothing_of_the_latency() -> None:
    registry = CollectorRegistry()
    days_old = replace(live(1, age_seconds=3 * 86_400), retries=1)

    async def act(_: Stream, writer: Writer, __: list[Position]) -> None:
        for number in range(2):
            writer.stored[number].set_result(None)
            await turn()
        assert writer.statuses == ["no_hand"] * 2
        assert registry.get_sample_value("handstream_frames_processed_total", {"status": "no_hand"}) == 2
        assert registry.get_sample_value("handstream_end_to_end_seconds_count") == 1
        assert registry.get_sample_value("handstream_stage_seconds_count", {"stage": "queue"}) == 1

    run([live(0, age_seconds=0.1), days_old], act, registry=registry)
