"""Gestures start and end once each, whatever single frames say, at any frame rate."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.gesture import Phase
from events.held import Held
from events.prediction import LANDMARK_COUNT, NO_GESTURE, Hand, Handedness
from recognition.gesture_debouncer import DebounceTimes, GestureChange, GestureDebouncer

BEGAN = datetime(2025, 3, 14, tzinfo=UTC)
FRAME = timedelta(milliseconds=40)
RATES = (5, 10, 15, 30, 60)


def hand(
    gesture: str,
    *,
    handedness: Handedness = Handedness.RIGHT,
    confidence: float = 0.9,
    track_id: int | None = None,
    x: float = 0.5,
) -> Hand:
    return Hand(
        handedness=handedness,
        score=0.99,
        landmarks=((x, 0.5, 0.0),) * LANDMARK_COUNT,
        box=(x - 0.1, 0.4, x + 0.1, 0.6),
        gesture=gesture,
        confidence=confidence,
        scores={gesture: confidence},
        track_id=track_id,
    )


def changes_of(frames: Sequence[Sequence[Hand]], *, seconds: Sequence[float] | None = None) -> list[GestureChange]:
    """seconds: the frames' times; 40 ms apart by default."""
    debouncer = GestureDebouncer()
    if seconds is None:
        seconds = [index * FRAME.total_seconds() for index in range(len(frames))]
    times = [timedelta(seconds=one) for one in seconds]
    return [
        change for hands, at in zip(frames, times, strict=True) for change in debouncer.update(hands, at=BEGAN + at)
    ]


def summary(changes: Sequence[GestureChange]) -> list[tuple[str, str]]:
    return [(change.held.gesture, change.phase.value) for change in changes]


def film(*stretches: tuple[str, float], fps: float) -> tuple[list[list[Hand]], list[float]]:
    """Frames of gestures that are shown for some seconds each; "" is no hand."""
    frames: list[list[Hand]] = []
    end = 0.0
    for gesture, seconds in stretches:
        end += seconds
        while len(frames) / fps < end - 1e-9:
            frames.append([hand(gesture)] if gesture else [])
    return frames, [index / fps for index in range(len(frames))]


def test_a_gesture_starts_once_and_ends_once() -> None:
    changes = changes_of([[]] + [[hand("fist")]] * 20 + [[]] * 20)

    assert summary(changes) == [("fist", "started"), ("fist", "ended")]
    started, ended = changes
    assert started.at == BEGAN + 7 * FRAME
    assert started.held.started_at == BEGAN + FRAME
    assert ended.at == BEGAN + 27 * FRAME
    assert ended.held.started_at == BEGAN + FRAME
    assert ended.held.last_at == BEGAN + 20 * FRAME
    assert ended.held.frames == 20
    assert ended.held.confidence == pytest.approx(0.9)


@pytest.mark.parametrize("fps", RATES)
def test_the_delay_is_the_hold_time_at_any_frame_rate(fps: int) -> None:
    frames, seconds = film(("", 1), ("fist", 2), ("", 1), fps=fps)
    started, ended = changes_of(frames, seconds=seconds)

    assert started.held.started_at == BEGAN + timedelta(seconds=1)
    assert timedelta(seconds=0.15) < started.at - started.held.started_at <= timedelta(seconds=0.25)
    assert timedelta(seconds=0.15) < ended.at - (BEGAN + timedelta(seconds=3)) <= timedelta(seconds=0.25)


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("misread", ["three", NO_GESTURE, ""])
def test_misread_and_missed_frames_neither_start_nor_end_anything(fps: int, misread: str) -> None:
    """Single frames at 5 fps, two in a row from 10 fps on."""
    wrong = (1 if fps == 5 else 2) / fps
    frames, seconds = film(*[("peace", 2.0), (misread, wrong)] * 4, ("peace", 1.0), fps=fps)
    assert summary(changes_of(frames, seconds=seconds)) == [("peace", "started")]

    frames, seconds = film(*[(NO_GESTURE, 1.0), ("peace", wrong)] * 4, ("", 1.0), fps=fps)
    assert changes_of(frames, seconds=seconds) == []


@pytest.mark.parametrize("fps", RATES)
def test_a_gesture_that_is_passed_on_the_way_to_another_does_not_start(fps: int) -> None:
    frames, seconds = film(("palm", 1), ("four", 0.12), ("three", 0.12), ("peace", 1), fps=fps)

    assert summary(changes_of(frames, seconds=seconds)) == [
        ("palm", "started"),
        ("palm", "ended"),
        ("peace", "started"),
    ]


def test_frames_that_alternate_start_nothing() -> None:
    assert changes_of([[hand("fist")] if index % 2 else [hand("palm")] for index in range(80)]) == []


@pytest.mark.parametrize("fps", RATES)
def test_a_clear_majority_of_frames_is_enough(fps: int) -> None:
    names = ["fist", "fist", "palm", "fist", ""] * 2 * fps
    changes = changes_of([[hand(name)] if name else [] for name in names], seconds=[n / fps for n in range(len(names))])

    assert summary(changes) == [("fist", "started")]


@pytest.mark.parametrize("fps", RATES)
@pytest.mark.parametrize("seed", range(5))
def test_jittered_repeated_and_missing_timestamps_change_little(fps: int, seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311
    frames, seconds = film((NO_GESTURE, 1), ("fist", 2), (NO_GESTURE, 2), fps=fps)
    kept = [index for index in range(len(frames)) if noise.random() > 0.15]
    jittered = [seconds[index] + noise.uniform(-0.6, 0.6) / fps for index in kept]
    repeated = [jittered[max(0, n - 1)] if noise.random() < 0.15 else one for n, one in enumerate(jittered)]
    changes = changes_of([frames[index] for index in kept], seconds=repeated)

    assert summary(changes) == [("fist", "started"), ("fist", "ended")]
    longest = timedelta(seconds=0.25 + 4 / fps)
    assert changes[0].at - (BEGAN + timedelta(seconds=1)) <= longest
    assert changes[1].at - (BEGAN + timedelta(seconds=3)) <= longest


def test_an_unsure_gesture_starts_later_and_a_confident_one_does_not_end_with_it() -> None:
    for confidence, delay in ((0.8, 0.25), (0.65, 0.5), (0.3, 1.0)):
        unsure = [hand("fist", confidence=confidence)]
        (started,) = changes_of([[]] + [unsure] * 40)
        assert timedelta(0) <= started.at - BEGAN - timedelta(seconds=delay) <= FRAME

    assert summary(changes_of([[hand("fist")]] * 10 + [[hand("fist", confidence=0.3)]] * 50)) == [("fist", "started")]


def test_one_frame_behind_a_gap_starts_nothing_and_two_do() -> None:
    before, seen = [hand(NO_GESTURE)], [hand("fist")]

    assert changes_of([before, seen, before, before], seconds=[0, 0.9, 0.93, 0.96]) == []
    (started,) = changes_of([before, seen, seen], seconds=[0, 0.9, 1.8])
    assert started.held.started_at == BEGAN + timedelta(seconds=0.9)


def test_frames_of_one_instant_count_once() -> None:
    assert changes_of([[hand("fist")]] * 50, seconds=[0.0] * 25 + [0.1] * 25) == []


def test_one_gesture_follows_the_other() -> None:
    changes = changes_of([[hand("fist")]] * 20 + [[hand("palm")]] * 10)

    assert summary(changes) == [("fist", "started"), ("fist", "ended"), ("palm", "started")]
    assert changes[1].at == changes[2].at


def test_each_hand_is_followed_by_itself() -> None:
    both = [hand("fist", handedness=Handedness.LEFT), hand("palm", handedness=Handedness.RIGHT)]
    changes = changes_of([both] * 10 + [both[:1]] * 10)

    assert [(change.held.hand.value, *names) for change, names in zip(changes, summary(changes), strict=True)] == [
        ("left", "fist", "started"),
        ("right", "palm", "started"),
        ("right", "palm", "ended"),
    ]


def test_hands_with_track_ids_are_told_apart_whatever_their_handedness() -> None:
    hands = [hand("fist", track_id=number, x=number / 9) for number in range(8)]
    changes = changes_of([hands] * 10 + [hands[:7]] * 10)

    assert [change.held.track_id for change in changes] == [*range(8), 7]


def test_a_track_that_is_lost_and_found_under_another_id_goes_on() -> None:
    other = hand("palm", track_id=5, x=0.2)
    frames = [[hand("fist", track_id=1), other]] * 10 + [[other]] * 2 + [[hand("fist", track_id=2, x=0.55), other]] * 10
    changes = changes_of([*frames, *[[other]] * 10])

    assert [(change.held.track_id, *names) for change, names in zip(changes, summary(changes), strict=True)] == [
        (1, "fist", "started"),
        (5, "palm", "started"),
        (2, "fist", "ended"),
    ]
    assert changes[-1].held.frames == 20


def test_new_track_ids_of_two_hands_of_the_same_handedness_are_matched_by_place() -> None:
    before = [hand("fist", track_id=1, x=0.2), hand("palm", track_id=2, x=0.8)]
    after = [hand("palm", track_id=3, x=0.78), hand("fist", track_id=4, x=0.22)]

    assert summary(changes_of([before] * 10 + [after] * 20)) == [("fist", "started"), ("palm", "started")]


def test_a_hand_whose_handedness_flickers_is_one_hand() -> None:
    right, left = hand("ok", track_id=1), hand("ok", track_id=1, handedness=Handedness.LEFT)
    changes = changes_of([[right, right, left, right][index % 4 :][:1] for index in range(40)] + [[]] * 10)

    assert [(change.held.hand.value, *names) for change, names in zip(changes, summary(changes), strict=True)] == [
        ("right", "ok", "started"),
        ("right", "ok", "ended"),
    ]


def test_silence_ends_what_was_shown() -> None:
    debouncer = GestureDebouncer()
    for index in range(10):
        debouncer.update([hand("ok")], at=BEGAN + index * FRAME)

    assert debouncer.expire(now=BEGAN + 10 * FRAME) == ()
    (ended,) = debouncer.expire(now=BEGAN + timedelta(seconds=5))
    assert (ended.held.gesture, ended.phase, ended.held.last_at) == ("ok", Phase.ENDED, BEGAN + 9 * FRAME)
    assert debouncer.expire(now=BEGAN + timedelta(seconds=9)) == ()
    # What comes afterwards begins anew.
    assert debouncer.update([hand("ok")], at=BEGAN + timedelta(seconds=10)) == ()


def test_a_clock_that_is_set_back_ends_what_was_shown_and_goes_on() -> None:
    times = [index / 25 for index in range(20)] + [index / 25 - 3600 for index in range(20)]
    changes = changes_of([[hand("ok")]] * 40, seconds=times)

    assert summary(changes) == [("ok", "started"), ("ok", "ended"), ("ok", "started")]
    assert all(change.held.last_at >= change.held.started_at for change in changes)


def test_a_camera_that_leaves_ends_its_gesture() -> None:
    debouncer = GestureDebouncer()
    for index in range(10):
        debouncer.update([hand("ok")], at=BEGAN + index * FRAME)

    assert summary(debouncer.finish()) == [("ok", "ended")]
    assert debouncer.finish() == ()


NAMES = st.lists(
    st.tuples(st.sampled_from(["fist", "palm", NO_GESTURE, ""]), st.integers(-50, 400), st.sampled_from([None, 1, 2])),
    max_size=80,
)


@given(NAMES)
def test_starts_and_ends_alternate_for_any_frames(readings: list[tuple[str, int, int | None]]) -> None:
    debouncer, at = GestureDebouncer(), BEGAN
    held: set[tuple[str, datetime, Handedness]] = set()
    for gesture, milliseconds, track_id in readings:
        at += timedelta(milliseconds=milliseconds)
        for change in debouncer.update([hand(gesture, track_id=track_id)] if gesture else [], at=at):
            one = (change.held.gesture, change.held.started_at, change.held.hand)
            if change.phase is Phase.STARTED:
                assert change.held.frames >= 2
                assert one not in held
                held.add(one)
            else:
                held.remove(one)
        assert {(one.gesture, one.started_at, one.hand) for one in debouncer.held} == held


def test_times_that_make_no_sense_are_rejected() -> None:
    with pytest.raises(ValueError, match="hold must be greater than 0, not -1 s"):
        DebounceTimes(hold=timedelta(seconds=-1))


def test_a_gesture_held_by_a_worker_of_an_earlier_version_goes_on() -> None:
    held = Held(
        hand=Handedness.RIGHT, gesture="ok", started_at=BEGAN - FRAME, last_at=BEGAN, frames=9, confidence_sum=8.1
    )
    debouncer = GestureDebouncer()
    debouncer.update([hand("ok")], at=BEGAN)
    debouncer.resume([held])

    shown = [[hand("ok", track_id=1)]] * 5 + [[]] * 10
    changes = [one for n, hands in enumerate(shown, 1) for one in debouncer.update(hands, at=BEGAN + n * FRAME)]
    (ended,) = changes
    assert (ended.phase, ended.held.frames, ended.held.started_at) == (Phase.ENDED, 14, BEGAN - FRAME)
