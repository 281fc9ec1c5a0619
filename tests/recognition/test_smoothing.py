"""Gestures start and end once each, whatever single frames say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.gesture import Phase
from events.prediction import LANDMARK_COUNT, NO_GESTURE, Hand, Handedness
from recognition.smoothing import GestureChange, GestureSmoother, Smoothing

BEGAN = datetime(2025, 3, 14, tzinfo=UTC)
FRAME = timedelta(milliseconds=33)


def hand(gesture: str, *, handedness: Handedness = Handedness.RIGHT, confidence: float = 0.9) -> Hand:
    return Hand(
        handedness=handedness,
        score=0.99,
        landmarks=((0.5, 0.5, 0.0),) * LANDMARK_COUNT,
        box=(0.5, 0.5, 0.5, 0.5),
        gesture=gesture,
        confidence=confidence,
        scores={gesture: confidence},
    )


def changes_of(frames: Sequence[Sequence[Hand]]) -> list[GestureChange]:
    smoother = GestureSmoother()
    return [change for index, hands in enumerate(frames) for change in smoother.update(hands, at=BEGAN + index * FRAME)]


def told(changes: Sequence[GestureChange]) -> list[tuple[str, str]]:
    return [(change.gesture, change.phase.value) for change in changes]


def test_a_gesture_starts_once_and_ends_once() -> None:
    changes = changes_of([[hand("fist")]] * 20 + [[]] * 20)

    assert told(changes) == [("fist", "started"), ("fist", "ended")]
    started, ended = changes
    assert started.at == BEGAN + 4 * FRAME
    assert started.started_at == BEGAN
    assert started.ended_at is None
    assert ended.started_at == BEGAN
    assert ended.ended_at == BEGAN + 19 * FRAME
    assert ended.frames == 20
    assert ended.confidence == pytest.approx(0.9)


def test_single_wrong_frames_neither_start_nor_end_anything() -> None:
    steady = [[hand("peace")]] * 5
    wrong = [[hand("three")], [], [hand(NO_GESTURE)]]
    frames = [frame for blip in wrong for frame in (*steady, blip)] + steady

    assert told(changes_of(frames)) == [("peace", "started")]
    assert changes_of([[hand("fist")] if index % 2 else [hand("palm")] for index in range(40)]) == []


def test_one_gesture_follows_the_other() -> None:
    changes = changes_of([[hand("fist")]] * 10 + [[hand("palm")]] * 10)

    assert told(changes) == [("fist", "started"), ("fist", "ended"), ("palm", "started")]


def test_each_hand_is_followed_by_itself() -> None:
    both = [hand("fist", handedness=Handedness.LEFT), hand("palm", handedness=Handedness.RIGHT)]
    changes = changes_of([both] * 10 + [both[:1]] * 10)

    assert [(change.hand.value, *telling) for change, telling in zip(changes, told(changes), strict=True)] == [
        ("left", "fist", "started"),
        ("right", "palm", "started"),
        ("right", "palm", "ended"),
    ]


def test_silence_ends_what_was_shown() -> None:
    smoother = GestureSmoother()
    for index in range(10):
        smoother.update([hand("ok")], at=BEGAN + index * FRAME)

    assert smoother.expire(now=BEGAN + 10 * FRAME) == ()
    (ended,) = smoother.expire(now=BEGAN + timedelta(seconds=5))
    assert (ended.gesture, ended.phase, ended.ended_at) == ("ok", Phase.ENDED, BEGAN + 9 * FRAME)
    assert smoother.expire(now=BEGAN + timedelta(seconds=9)) == ()
    # What comes afterwards begins anew.
    assert told(smoother.update([hand("ok")], at=BEGAN + timedelta(seconds=10))) == []


def test_a_camera_that_leaves_ends_its_gesture() -> None:
    smoother = GestureSmoother()
    for index in range(10):
        smoother.update([hand("ok")], at=BEGAN + index * FRAME)

    assert told(smoother.finish()) == [("ok", "ended")]
    assert smoother.finish() == ()


@given(st.lists(st.sampled_from(["fist", "palm", NO_GESTURE, ""]), max_size=80))
def test_starts_and_ends_alternate_for_any_frames(names: list[str]) -> None:
    changes = changes_of([[hand(name)] if name else [] for name in names])

    shown: str | None = None
    for change in changes:
        if change.phase is Phase.STARTED:
            assert shown is None
            shown = change.gesture
        else:
            assert shown == change.gesture
            shown = None


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="keep <= start <= window"):
        Smoothing(window=3, start=5, keep=2)
