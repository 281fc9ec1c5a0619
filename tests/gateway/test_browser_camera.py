"""A browser as a camera: its name, its limits and the frames under way."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.frame import Frame, Mode
from gateway.browser_camera import BURST_FRAMES, MAX_UNANSWERED, BrowserCamera, CameraLimits, Drop, camera_name
from gateway.messages import (
    MessageError,
    decode_hello,
    decode_sent_frame,
    decode_watch,
)
from tests.recognition.pictures import encoded

AT = datetime(2025, 3, 14, tzinfo=UTC)
JPEG = encoded("JPEG", size=(64, 48))
LIMITS = CameraLimits(max_fps=10, max_bytes=100_000, max_side=640)


def browser() -> BrowserCamera:
    return BrowserCamera("browser-desk-0a1b2c", limits=LIMITS)


@given(st.text(max_size=300))
def test_no_name_a_user_gives_leads_out_of_the_browsers_own(wanted: str) -> None:
    name = camera_name(wanted, taken=lambda _: False)
    assert re.fullmatch(r"browser-[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{6}", name)
    assert len(name) <= 60


def test_a_name_that_is_taken_is_not_given_again() -> None:
    given_out: set[str] = set()
    refused = 0

    def taken(name: str) -> bool:
        nonlocal refused
        refused += not given_out and refused < 3
        return refused < 3 or name in given_out

    given_out.add(camera_name("door", taken=lambda _: False))
    assert camera_name("door", taken=given_out.__contains__) not in given_out


def test_frames_are_live_ones_of_its_own_camera_with_the_servers_time() -> None:
    camera = browser()
    first = camera.accept(JPEG, sequence=41, at=AT, now=0)
    second = camera.accept(JPEG, sequence=7, at=AT, now=1)
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.camera, first.mode, first.captured_at, first.width, first.height) == (
        "browser-desk-0a1b2c", Mode.LIVE, AT, 64, 48,
    )  # fmt: skip
    assert (first.sequence, second.sequence) == (0, 1)
    assert camera.answered(run=camera.run, sequence=1) == 7
    assert camera.answered(run=camera.run, sequence=0) == 41
    assert camera.answered(run=camera.run, sequence=0) is None
    assert camera.answered(run="another", sequence=1) is None


@pytest.mark.parametrize(
    ("image", "drop"),
    [
        (b"", Drop.IMAGE),
        (b"hello", Drop.IMAGE),
        (b"\xff\xd8\xff" + bytes(50), Drop.IMAGE),
        (encoded("PNG"), Drop.IMAGE),
        (JPEG + bytes(100_000), Drop.SIZE),
        (encoded("JPEG", size=(641, 10)), Drop.SIZE),
    ],
)
def test_what_is_no_small_jpeg_goes_nowhere(image: bytes, drop: Drop) -> None:
    assert browser().accept(image, sequence=0, at=AT, now=0) is drop


def test_a_browser_that_is_too_fast_loses_frames() -> None:
    camera = browser()
    outcomes = []
    for number in range(300):
        outcome = camera.accept(JPEG, sequence=number, at=AT, now=number / 100)
        if isinstance(outcome, Frame):
            camera.answered(run=camera.run, sequence=outcome.sequence)
        outcomes.append(outcome)
    taken = sum(isinstance(outcome, Frame) for outcome in outcomes)
    assert 30 <= taken <= 33 + BURST_FRAMES + 1
    assert outcomes.count(Drop.RATE) == 300 - taken


def test_frames_that_nobody_answers_hold_up_the_next_until_they_are_lost() -> None:
    camera = browser()
    for number in range(MAX_UNANSWERED):
        assert isinstance(camera.accept(JPEG, sequence=number, at=AT, now=number / 8), Frame)
    assert camera.accept(JPEG, sequence=9, at=AT, now=1.2) is Drop.BACKLOG
    assert isinstance(camera.accept(JPEG, sequence=10, at=AT, now=4), Frame)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_a_frame_or_a_message_error(data: bytes) -> None:
    with suppress(MessageError):
        decode_sent_frame(data)


@given(st.text(max_size=200))
def test_whatever_text_comes_it_is_a_message_or_a_message_error(text: str) -> None:
    for decode in (decode_hello, decode_watch):
        with pytest.raises(MessageError):
            decode(text)


def test_messages_are_read_and_their_limits_kept() -> None:
    assert decode_hello('{"type":"hello","name":"Ada","fps":15,"width":640,"height":480}').name == "Ada"
    assert decode_watch('{"type":"watch","cameras":["a"],"frames_per_second":2}').cameras == ["a"]
    assert decode_watch('{"type":"watch","cameras":"*"}').cameras == "*"
    sent, image = decode_sent_frame(b"\x00\x00\x00\x0e" + b'{"sequence":5}' + b"picture")
    assert (sent.sequence, image) == (5, b"picture")
    for text in (
        '{"type":"watch","cameras":"all"}',
        '{"type":"watch","cameras":"*","frames_per_second":1e9}',
        '{"type":"hello"',
        '{"type":"other","cameras":"*"}',
        "[]",
        '{"type":"watch","cameras":' + "[" * 5000,
    ):
        with pytest.raises(MessageError):
            decode_watch(text)
