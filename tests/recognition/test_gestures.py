"""The gestures and the side of the hand that each shows."""

from __future__ import annotations

from recognition.gestures import GESTURES, SIDES, Side


def test_each_inverted_gesture_has_a_twin_of_the_other_side() -> None:
    assert len(GESTURES) == 18
    for name in GESTURES:
        if name.endswith("_inverted"):
            assert (SIDES[name], SIDES[name.removesuffix("_inverted")]) == (Side.BACK, Side.PALM)
