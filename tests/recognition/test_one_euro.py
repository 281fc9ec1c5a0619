"""A still hand does not tremble, and a moving one is not late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.prediction import Handedness
from recognition.features import Floats
from recognition.found_hand import FoundHand
from recognition.one_euro import MAX_GAP_SECONDS, LandmarkSmoother, OneEuro
from tests.recognition import twins

FRAME_SECONDS = 1 / 25
STILL = twins.hand(seed=3).landmarks
# From the wrist to the farthest knuckle of that hand, in an image as wide as high.
PALM = float(np.linalg.norm(STILL[[5, 9, 13, 17], :2] - STILL[0, :2], axis=1).max())


def hand(landmarks: Floats, *, track_id: int | None = 1, world: Floats | None = None) -> FoundHand:
    return FoundHand(
        handedness=Handedness.LEFT, score=0.9, landmarks=landmarks, track_id=track_id, world_landmarks=world
    )


def smoothed(
    frames: Iterable[Floats],
    *,
    every_seconds: float = FRAME_SECONDS,
    aspect: float = 1.0,
    filter_: OneEuro | None = None,
) -> Floats:
    smoother = LandmarkSmoother(filter_)
    return np.array(
        [
            smoother.update((hand(frame),), at_seconds=100 + index * every_seconds, aspect=aspect)[0].landmarks
            for index, frame in enumerate(frames)
        ]
    )


def trembling(count: int = 200, *, palms: float = 0.01) -> Floats:
    return np.asarray(STILL + np.random.default_rng(0).normal(0, palms * PALM, (count, *STILL.shape)))


def test_a_still_hand_trembles_less_than_half_as_much() -> None:
    frames = trembling()

    assert smoothed(frames)[50:].std(axis=0).mean() < 0.5 * frames[50:].std(axis=0).mean()


def test_a_moving_hand_is_less_than_half_a_frame_late() -> None:
    palms_a_second = 5.0
    step = np.array((palms_a_second * PALM * FRAME_SECONDS, 0.0, 0.0))
    frames = np.array([STILL + index * step for index in range(50)])

    late_frames = (frames - smoothed(frames))[-1, :, 0] / step[0]

    assert np.all((late_frames >= 0) & (late_frames < 0.5))


def test_a_hand_that_stops_is_where_it_is_and_does_not_overshoot() -> None:
    step = np.array((PALM * 0.2, 0.0, 0.0))
    frames = np.array([STILL + min(index, 20) * step for index in range(60)])

    moved = smoothed(frames)[:, 0, 0] - STILL[0, 0]

    assert moved.max() <= 20 * step[0] + 1e-9
    assert moved[-1] == pytest.approx(20 * step[0], rel=0.01)


@pytest.mark.parametrize("size", [0.1, 10.0])
def test_the_size_of_the_hand_in_the_image_does_not_matter(size: float) -> None:
    frames = trembling(30, palms=0.1)

    assert smoothed(frames * size) == pytest.approx(smoothed(frames) * size)


def test_nor_does_the_shape_of_the_image() -> None:
    frames = trembling(30, palms=0.1)
    wide = frames / (2.0, 1.0, 2.0)

    assert smoothed(wide, aspect=2.0) == pytest.approx(smoothed(frames) / (2.0, 1.0, 2.0))


def test_the_first_frame_passes_unchanged() -> None:
    assert smoothed([STILL])[0] == pytest.approx(STILL)


def test_after_a_gap_the_filter_begins_anew() -> None:
    frames = trembling(3, palms=0.2)

    assert smoothed(frames, every_seconds=MAX_GAP_SECONDS * 1.01) == pytest.approx(frames)


@pytest.mark.parametrize("every_seconds", [0.0, -1.0])
def test_capture_times_that_do_not_rise_neither_freeze_the_hand_nor_break_it(every_seconds: float) -> None:
    frames = [STILL] * 5 + [STILL + 0.1] * 60

    assert smoothed(frames, every_seconds=every_seconds)[-1] == pytest.approx(STILL + 0.1, abs=0.002)


def test_hands_are_told_apart_by_their_tracks_whatever_their_order() -> None:
    one, other = STILL, STILL + 0.3
    smoother = LandmarkSmoother()
    smoother.update((hand(one, track_id=1), hand(other, track_id=2)), at_seconds=0.0, aspect=1.0)

    second, first = smoother.update(
        (hand(other, track_id=2), hand(one, track_id=1)), at_seconds=FRAME_SECONDS, aspect=1.0
    )

    assert (second.track_id, first.track_id) == (2, 1)
    assert first.landmarks == pytest.approx(one)
    assert second.landmarks == pytest.approx(other)


def test_a_hand_without_a_track_passes_unchanged() -> None:
    smoother = LandmarkSmoother()
    for index, frame in enumerate(trembling(5)):
        untracked = hand(frame, track_id=None)
        assert smoother.update((untracked,), at_seconds=index * FRAME_SECONDS, aspect=1.0) == (untracked,)


def test_a_hand_that_was_gone_begins_anew() -> None:
    smoother = LandmarkSmoother()
    smoother.update((hand(STILL),), at_seconds=0.0, aspect=1.0)
    smoother.update((), at_seconds=FRAME_SECONDS, aspect=1.0)

    (back,) = smoother.update((hand(STILL + 0.2),), at_seconds=2 * FRAME_SECONDS, aspect=1.0)

    assert back.landmarks == pytest.approx(STILL + 0.2)


def test_landmarks_in_metres_are_smoothed_alike() -> None:
    frames = trembling()
    smoother = LandmarkSmoother()
    world = []
    for index, frame in enumerate(frames):
        (found,) = smoother.update((hand(frame, world=frame * 0.5),), at_seconds=index * FRAME_SECONDS, aspect=1.0)
        assert found.world_landmarks is not None
        world.append(found.world_landmarks)

    assert np.array(world) == pytest.approx(smoothed(frames) * 0.5)


@given(
    times=st.lists(st.floats(-1e9, 1e9, allow_nan=False), min_size=2, max_size=8),
    scale=st.sampled_from([0.0, 1e-9, 1.0, 1e6]),
)
def test_whatever_the_times_and_sizes_the_result_lies_between_what_was_seen(times: list[float], scale: float) -> None:
    frames = trembling(len(times), palms=0.5) * scale
    smoother = LandmarkSmoother()
    for index, at_seconds in enumerate(times):
        (found,) = smoother.update((hand(frames[index]),), at_seconds=at_seconds, aspect=1.5)
        seen = frames[: index + 1]
        assert np.all(found.landmarks >= seen.min(axis=0) - 1e-9 * (1 + scale))
        assert np.all(found.landmarks <= seen.max(axis=0) + 1e-9 * (1 + scale))


@pytest.mark.parametrize("wrong", [{"min_cutoff_hz": 0.0}, {"beta": -1.0}, {"speed_cutoff_hz": -1.0}])
def test_parameters_that_cannot_be_meant_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="cutoffs"):
        replace(OneEuro(), **wrong)
