"""A gesture and its inverted twin are told by shape and handedness together."""

from __future__ import annotations

import numpy as np
import pytest

from events.prediction import Handedness
from recognition.features import Floats, mirrored
from recognition.handedness import back_probability, thumb_before_palm, with_handedness

CLASSES = ("fist", "stop", "stop_inverted", "wave")
# A right hand upright with its palm to the camera has its index finger to the right of its little finger.
RIGHT_PALM = np.zeros((1, 21, 2))
RIGHT_PALM[0, 5], RIGHT_PALM[0, 17] = (0.3, -1.0), (-0.3, -1.0)


def weighed(*probabilities: float, landmarks: Floats = RIGHT_PALM, hand: Handedness, score: float) -> Floats:
    row = np.array([probabilities])
    result = with_handedness(row, classes=CLASSES, landmarks=landmarks, handedness=[hand], scores=[score])
    return np.asarray(result[0])


@pytest.mark.parametrize(
    ("landmarks", "hand", "side"),
    [
        (RIGHT_PALM, Handedness.RIGHT, "stop"),
        (mirrored(RIGHT_PALM), Handedness.LEFT, "stop"),
        (RIGHT_PALM, Handedness.LEFT, "stop_inverted"),
        (mirrored(RIGHT_PALM), Handedness.RIGHT, "stop_inverted"),
    ],
)
def test_where_the_shape_does_not_tell_the_handedness_does(landmarks: Floats, hand: Handedness, side: str) -> None:
    found = weighed(0.0, 0.5, 0.5, 0.0, landmarks=landmarks, hand=hand, score=0.9)

    assert found[CLASSES.index(side)] == pytest.approx(0.9)


def test_a_doubtful_handedness_does_not_outweigh_a_plain_shape() -> None:
    """MediaPipe takes some left hands for right ones, with scores of 0.6 to 0.75."""
    found = weighed(0.0, 0.95, 0.05, 0.0, hand=Handedness.LEFT, score=0.75)

    assert CLASSES[int(found.argmax())] == "stop"


def test_a_sure_handedness_outweighs_a_doubtful_shape() -> None:
    found = weighed(0.0, 0.7, 0.3, 0.0, hand=Handedness.LEFT, score=1.0)

    assert CLASSES[int(found.argmax())] == "stop_inverted"


@pytest.mark.parametrize("hand", list(Handedness))
def test_gestures_that_are_the_same_from_both_sides_keep_their_weight(hand: Handedness) -> None:
    assert weighed(0.6, 0.0, 0.0, 0.4, hand=hand, score=0.99) == pytest.approx([0.6, 0.0, 0.0, 0.4])


def test_what_comes_out_adds_up_to_one() -> None:
    assert weighed(0.4, 0.3, 0.2, 0.1, hand=Handedness.RIGHT, score=0.8).sum() == pytest.approx(1.0)


def test_a_handedness_without_a_score_says_nothing() -> None:
    assert weighed(0.4, 0.3, 0.2, 0.1, hand=Handedness.RIGHT, score=0.0) == pytest.approx([0.4, 0.3, 0.2, 0.1])


def world_hand(*, back: bool, depth: float = 0.02) -> Floats:
    """A right hand upright, its palm or back to the camera, the thumb so many metres on the palm's side."""
    hand = np.zeros((21, 3))
    side = 1.0 if back else -1.0
    hand[5], hand[17] = (-0.03 * side, -0.09, 0), (0.03 * side, -0.09, 0)
    hand[2:5] = (-0.05 * side, -0.05, depth * side)
    return hand


@pytest.mark.parametrize("turn", [0.0, 40.0, -40.0])
def test_the_thumb_lies_on_the_palms_side_of_the_palm_plane(turn: float) -> None:
    angle = np.deg2rad(turn)
    about_y = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    hands = np.stack([world_hand(back=back) @ about_y.T for back in (False, True)])

    palm, back = thumb_before_palm(np.concatenate([hands, hands * (-1, 1, 1)])).reshape(2, 2).T

    assert palm.min() > 0.1
    np.testing.assert_allclose(back, -palm)


def test_world_landmarks_outweigh_a_doubtful_handedness() -> None:
    found = with_handedness(
        np.array([[0.0, 0.5, 0.5, 0.0]] * 2),
        classes=CLASSES,
        landmarks=np.concatenate([RIGHT_PALM, RIGHT_PALM]),
        handedness=[Handedness.LEFT, Handedness.LEFT],
        scores=[0.7, 0.7],
        world_landmarks=[world_hand(back=False), None],
    )

    assert [CLASSES[number] for number in found.argmax(axis=1)] == ["stop", "stop_inverted"]


def test_both_cues_together_are_surer_than_each_and_never_certain() -> None:
    right, world = np.array([False]), world_hand(back=True, depth=0.01)[None]

    def back(score: float, world: Floats | None) -> float:
        return float(back_probability(RIGHT_PALM, right=right, scores=np.array([score]), world=world)[0])

    assert back(0.8, world) > max(back(0.8, None), back(0.5, world)) > 0.5
    assert back(1.0, world) == pytest.approx(0.98)
    assert back(0.8, np.full((1, 21, 3), np.nan)) == pytest.approx(0.8)
