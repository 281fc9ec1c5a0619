"""Which side of the hand the camera sees, as far as the data say it."""

from __future__ import annotations

import numpy as np

from recognition.features import Floats
from recognition.gestures import SIDES, Side
from recognition.handedness import SUREST, back_probability
from training.hands import Hands

_OF_SIDE = {Side.PALM: 1 - SUREST, Side.BACK: SUREST, Side.ANY: 0.5}


def back_seen(hands: Hands) -> Floats:
    """How likely it is that the back of each hand is seen (n,), as the stream would know it.

    By handedness and world landmarks where the data have them, else by the label, where its gesture shows a fixed side:
    a model of the shape alone could not be blamed for what only the side tells. 0.5 where nothing is known.
    """
    back = np.array([_OF_SIDE[SIDES.get(label, Side.ANY)] for label in hands.labels.tolist()])
    known = hands.has_world | ((hands.handedness != "") & ~np.isnan(hands.scores))
    some = hands.take(known)
    back[known] = back_probability(
        some.points, right=some.handedness == "right", scores=np.nan_to_num(some.scores), world=some.world
    )
    return back
