"""One record in, one outcome out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.dead_letter import decode_dead_letter
from events.examples import example_prediction
from events.frame import Frame, Mode, Origin
from events.gesture import Phase
from events.prediction import Status, Timings, decode_prediction
from events.reason import Reason, RecordError
from events.record import Position
from events.stream_end import StreamEnd, decode_stream_end
from events.topics import TopicNames
from recognition.gesture_debouncer import DebounceTimes
from recognition.pipeline import Recognition
from stream_app.arrivals import Waited
from stream_app.outcome import DeadLettered, Incoming, Outcome, Predicted, StreamEnded
from stream_app.partition_gestures import PartitionGestures
from stream_app.processor import FrameProcessor
from tests.stream_app.twins import CAPTURED_AT, MODEL, NO_HAND, TwinRecognizer, frame, incoming, status

NOW = CAPTURED_AT + timedelta(milliseconds=40)
TOPICS = TopicNames("t.")
STALE_AFTER_SECONDS = 0.75


def processor(recognizer: TwinRecognizer | None = None) -> FrameProcessor:
    return FrameProcessor(recognizer=recognizer or TwinRecognizer(), topics=TOPICS, clock=lambda: NOW)


def test_a_frame_becomes_a_prediction_with_the_same_key_and_an_id_from_its_position() -> None:
    outcome = processor().process(incoming(frame(sequence=5, label="ok").to_record(), offset=41, partition=2))

    prediction = decode_prediction(outcome.record.value)
    assert (outcome.topic, status(outcome), outcome.record.key) == ("t.predictions", "no_hand", b"desk")
    assert prediction.id == "frames/2/41"
    assert (prediction.camera, prediction.run, prediction.sequence, prediction.label) == ("desk", "run1", 5, "ok")
    assert (prediction.captured_at, prediction.processed_at) == (CAPTURED_AT, NOW)
    assert prediction.timings_ms.queue == 40.0
    assert prediction.timings_ms.landmarks == NO_HAND.landmarks_ms
    assert prediction.model == MODEL
    assert (prediction.width, prediction.height) == (4, 3)


def test_a_prediction_says_how_often_its_frame_was_sent_again_and_which_frame_it_replays() -> None:
    origin = Origin(position=Position(topic="frames", partition=1, offset=5), run="then", captured_at=CAPTURED_AT)
    sent_again = replace(frame(), retries=2, origin=origin)

    read = decode_prediction(processor().process(incoming(sent_again.to_record(), offset=9, partition=1)).record.value)

    assert (read.id, read.retries, read.replay_of) == ("frames/1/9", 2, "frames/1/5")


def test_a_frame_brings_the_events_that_it_settles_and_a_stream_end_those_that_it_ends() -> None:
    hand = replace(example_prediction().hands[0], gesture="fist")
    recognizer = TwinRecognizer(lambda _: replace(NO_HAND, status=Status.OK, hands=(hand,)))
    worker, gestures = processor(recognizer), PartitionGestures(times=DebounceTimes())

    frames = [
        replace(frame(sequence=number), captured_at=CAPTURED_AT + timedelta(seconds=number / 5)) for number in range(3)
    ]
    first, second, third = (worker.process(incoming(one.to_record(), offset=one.sequence), gestures) for one in frames)
    end = StreamEnd(run="run1", source="t", partition=3, partitions=4, frames=3, ended_at=NOW)
    ended = worker.process(incoming(end.to_record(), offset=3), gestures)

    assert [one.then for one in (first, second)] == [()] * 2
    assert isinstance(third, Predicted)
    assert isinstance(ended, StreamEnded)
    (started,) = (keyed.event for keyed in third.events)
    assert (started.id, started.phase) == ("frames/3/2/right/fist/started", Phase.STARTED)
    assert third.then == (("t.gestures", started.to_record(key=b"desk")),)
    assert [keyed.event.phase for keyed in ended.events] == [Phase.ENDED]
    assert [topic for topic, _ in ended.then] == ["t.gestures", "t.gestures"]
    assert decode_stream_end(value=ended.then[-1][1].value, headers=ended.then[-1][1].headers) == end


def test_a_camera_whose_clock_is_ahead_has_waited_no_time() -> None:
    ahead = replace(frame(), captured_at=NOW + timedelta(hours=1))

    outcome = processor().process(incoming(ahead.to_record()))

    assert decode_prediction(outcome.record.value).timings_ms.queue == 0.0


def live(*, age_seconds: float, image: bytes = b"jpeg") -> Frame:
    captured_at = NOW - timedelta(seconds=age_seconds)
    return replace(frame(sequence=5, image=image), mode=Mode.LIVE, captured_at=captured_at)


def skipped(one: Frame, waited: Waited | None = None) -> Outcome | None:
    """What becomes of a frame before it is recognised, where nothing else is known, or where it waited so long."""
    skipper = FrameProcessor(
        recognizer=TwinRecognizer(), topics=TOPICS, clock=lambda: NOW, stale_after_seconds=STALE_AFTER_SECONDS
    )
    record = incoming(one.to_record(), offset=41, partition=2)
    return skipper.skip(record if waited is None else replace(record, waited=waited))


def test_a_live_frame_that_is_too_old_is_skipped_and_says_so() -> None:
    outcome = skipped(live(age_seconds=2))

    assert outcome is not None
    prediction = decode_prediction(outcome.record.value)
    assert (outcome.topic, status(outcome), outcome.record.key) == ("t.predictions", "stale", b"desk")
    assert (prediction.status, prediction.hands, prediction.id) == (Status.STALE, (), "frames/2/41")
    assert (prediction.sequence, prediction.processed_at, prediction.model) == (5, NOW, MODEL)
    assert prediction.timings_ms == Timings(queue=2000.0, decode=0.0, landmarks=0.0, classify=0.0)
    assert (prediction.width, prediction.height) == (None, None)


@pytest.mark.parametrize("mode", [Mode.RECORDED, Mode.STILL])
def test_only_live_frames_are_skipped(mode: Mode) -> None:
    assert skipped(replace(live(age_seconds=3600), mode=mode)) is None


def test_a_fresh_live_frame_is_processed() -> None:
    assert skipped(live(age_seconds=0.7)) is None


def test_a_camera_whose_clock_is_behind_is_not_stale_for_that() -> None:
    behind = live(age_seconds=3600)

    assert skipped(behind, Waited(at_most_seconds=0.3)) is None
    assert skipped(behind, Waited(at_least_seconds=0.9, at_most_seconds=1.0)) is not None


def test_a_camera_whose_clock_is_ahead_does_not_stay_behind_for_that() -> None:
    ahead = live(age_seconds=-3600)

    assert skipped(ahead, Waited(at_least_seconds=0.5)) is None
    assert skipped(ahead, Waited(at_least_seconds=1.0)) is not None


def test_a_stale_frame_at_fault_is_a_dead_letter_all_the_same() -> None:
    broken = live(age_seconds=60, image=b"")

    assert skipped(broken) is None
    assert isinstance(processor().process(incoming(broken.to_record())), DeadLettered)


def test_a_frame_at_fault_becomes_a_dead_letter_that_keeps_it_whole() -> None:
    def refuse(_: Frame) -> Recognition:
        raise RecordError(Reason.NOT_AN_IMAGE, "no image")

    record = frame(image=b"broken").to_record()
    outcome = processor(TwinRecognizer(refuse)).process(incoming(record, offset=9))

    letter = decode_dead_letter(key=outcome.record.key, value=outcome.record.value, headers=outcome.record.headers)
    assert (outcome.topic, status(outcome)) == ("t.frames.dlq", "dead_letter")
    assert (letter.reason, letter.error, letter.value) == (Reason.NOT_AN_IMAGE, "no image", b"broken")
    assert letter.headers == record.headers
    assert letter.position == Position(topic="frames", partition=3, offset=9)


def test_our_own_fault_is_not_taken_for_the_frames() -> None:
    def break_down(_: Frame) -> Recognition:
        raise MemoryError

    with pytest.raises(MemoryError):
        processor(TwinRecognizer(break_down)).process(incoming(frame().to_record()))


def test_a_stream_end_is_passed_on() -> None:
    end = StreamEnd(run="run1", source="test", partition=3, partitions=8, frames=12, ended_at=CAPTURED_AT)

    outcome = processor().process(incoming(end.to_record()))

    assert (outcome.topic, status(outcome)) == ("t.predictions", "stream_end")
    assert decode_stream_end(value=outcome.record.value, headers=outcome.record.headers) == end


header_names = st.sampled_from([name for name, _ in frame().to_record().headers]) | st.text(max_size=12)
headers = st.lists(st.tuples(header_names, st.none() | st.binary(max_size=40)), max_size=16)


@given(headers=headers, key=st.none() | st.binary(max_size=8), value=st.none() | st.binary(max_size=40))
def test_whatever_the_record_holds_it_has_an_outcome(
    headers: list[tuple[str, bytes | None]], key: bytes | None, value: bytes | None
) -> None:
    position = Position(topic="frames", partition=0, offset=0)

    outcome = processor().process(Incoming.read(position=position, key=key, value=value, headers=tuple(headers)))

    assert outcome.topic in (TOPICS.predictions, TOPICS.dead_letters)
    if outcome.topic == TOPICS.predictions:
        assert decode_prediction(outcome.record.value).status in Status
