"""The 18 gestures of HaGRID, and which side of the hand each of them shows."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from recognition.features import Floats, shows_back

Strings = NDArray[np.str_]


class Side(StrEnum):
    """palm, back: the camera sees only this side of the hand. any: the gesture is the same from both sides."""

    PALM = "palm"
    BACK = "back"
    ANY = "any"


# Where the side is fixed, it is what tells the gesture from its inverted twin: peace from peace_inverted. HaGRID's own
# annotations name the leading hand: in all of 679 rows of the seven gestures with a fixed side, that side is seen.
SIDES = {
    "call": Side.ANY,
    "dislike": Side.ANY,
    "fist": Side.ANY,
    "four": Side.ANY,
    "like": Side.ANY,
    "mute": Side.ANY,
    "ok": Side.ANY,
    "one": Side.ANY,
    "palm": Side.PALM,
    "peace": Side.PALM,
    "peace_inverted": Side.BACK,
    "rock": Side.ANY,
    "stop": Side.PALM,
    "stop_inverted": Side.BACK,
    "three": Side.ANY,
    "three2": Side.ANY,
    "two_up": Side.PALM,
    "two_up_inverted": Side.BACK,
}
GESTURES = tuple(SIDES)


def as_right_hands(points: Floats, labels: Strings) -> tuple[Floats, Strings]:
    """Hands (n, 21, 2) of unknown handedness as right hands, with their labels.

    Where the gesture shows a fixed side, the side seen tells the hand, and left hands are mirrored. Any other hand
    comes twice, as it is and mirrored: one of the two is the right hand, the other the same gesture seen from behind.
    """
    back = shows_back(points)
    side = np.array([SIDES[label] for label in labels])
    left = ((side == Side.PALM) & back) | ((side == Side.BACK) & ~back)
    rights = np.where(left[:, None, None], mirrored(points), points)
    both = side == Side.ANY
    return np.concatenate([rights, mirrored(points[both])]), np.concatenate([labels, labels[both]])


def mirrored(points: Floats) -> Floats:
    """The other hand (n, 21, 2) in the same pose."""
    return np.asarray(points * (-1.0, 1.0))
