"""What is written is what is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.dead_letter import MAX_ERROR_CHARACTERS, DeadLetter, decode_dead_letter
from events.examples import example_dead_letter, example_frame, example_prediction
from events.frame import Frame, decode_frame
from events.gesture import GestureEvent, decode_gesture_event
from events.prediction import NO_GESTURE, Prediction, Status, decode_prediction
from events.stream_end import StreamEnd, decode_stream_end
from tests.events.strategies import dead_letters, frames, gesture_events, predictions, stream_ends


@given(frames)
def test_frame(frame: Frame) -> None:
    record = frame.to_record()
    assert record.timestamp_ms == round(frame.captured_at.timestamp() * 1000)
    key = None if frame.key == frame.camera else frame.key
    read = decode_frame(key=record.key, value=record.value, headers=record.headers)
    assert read == replace(frame, key=key)
    assert decode_frame(key=record.key, value=record.value, headers=dict(record.headers)) == read


@given(predictions, st.none() | st.binary())
def test_prediction(prediction: Prediction, key: bytes | None) -> None:
    record = prediction.to_record(key=key)
    assert record.key == key
    assert b"\n" not in record.value
    assert decode_prediction(record.value) == prediction


@given(gesture_events, st.none() | st.binary())
def test_gesture_event(event: GestureEvent, key: bytes | None) -> None:
    record = event.to_record(key=key)
    assert record.key == key
    assert b"\n" not in record.value
    assert decode_gesture_event(record.value) == event


@given(stream_ends)
def test_stream_end(end: StreamEnd) -> None:
    record = end.to_record()
    assert decode_stream_end(value=record.value, headers=record.headers) == end


@given(dead_letters)
def test_dead_letter(letter: DeadLetter) -> None:
    record = letter.to_record()
    assert decode_dead_letter(key=record.key, value=record.value, headers=record.headers) == letter


@given(dead_letters, dead_letters)
def test_dead_letter_that_failed_again_tells_its_last_failure(first: DeadLetter, second: DeadLetter) -> None:
    again = replace(second, headers=first.to_record().headers).to_record()
    read = decode_dead_letter(key=again.key, value=again.value, headers=again.headers)
    assert read == replace(second, headers=first.headers)


def test_dead_letter_holds_a_frame_that_can_be_sent_again() -> None:
    letter = example_dead_letter()
    record = replace(letter, value=example_frame().image).to_record()
    read = decode_dead_letter(key=record.key, value=record.value, headers=record.headers)
    assert decode_frame(key=read.key, value=read.value, headers=read.headers) == example_frame()


def test_dead_letter_shortens_a_long_error() -> None:
    letter = replace(example_dead_letter(), error="x" * (MAX_ERROR_CHARACTERS + 1))
    assert len(dict(letter.to_record().headers)["dlq_error"]) == MAX_ERROR_CHARACTERS


def test_header_without_a_value_travels_as_an_empty_one() -> None:
    letter = replace(example_dead_letter(), headers=(("trace", None),))
    assert letter.to_record().headers[0] == ("trace", b"")


def test_a_frame_needs_a_time_zone() -> None:
    frame = replace(example_frame(), captured_at=datetime(2025, 3, 14))  # noqa: DTZ001 - the fault to be refused
    with pytest.raises(ValueError, match="no time zone"):
        frame.to_record()


def test_fields_of_a_newer_producer_are_passed_over() -> None:
    value = example_prediction().to_json().replace(b"{", b'{"colour":"red",', 1)
    assert decode_prediction(value) == example_prediction()


def test_gesture_is_of_the_most_confident_hand_that_makes_one() -> None:
    prediction = example_prediction()
    (hand,) = prediction.hands
    idle = replace(hand, gesture=NO_GESTURE, confidence=0.99)
    weaker = replace(hand, gesture="fist", confidence=0.5)
    assert replace(prediction, hands=(idle, weaker)).gesture == "fist"
    assert replace(prediction, hands=(weaker, hand)).gesture == "peace"
    assert replace(prediction, hands=(idle,)).gesture == NO_GESTURE
    assert replace(prediction, hands=(), status=Status.NO_HAND).gesture is None
