"""Rendered hands that make no gesture, which come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import BinaryIO, cast

import numpy as np

from recognition.features import Floats
from training.hands import Strings

# Made by tools/other_hands.py.
ASSET = files("training") / "assets" / "other_hands.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHands:
    """points: (n, 21, 2), normalised, y down, found by MediaPipe in rendered pictures. kinds: (n,) of the poses."""

    points: Floats
    kinds: Strings

    def without(self, kinds: Strings) -> OtherHands:
        kept = ~np.isin(self.kinds, kinds)
        return OtherHands(points=self.points[kept], kinds=self.kinds[kept])

    def of(self, kinds: Strings) -> OtherHands:
        kept = np.isin(self.kinds, kinds)
        return OtherHands(points=self.points[kept], kinds=self.kinds[kept])


@cache
def load_other_hands() -> OtherHands:
    with ASSET.open("rb") as file, np.load(cast(BinaryIO, file)) as stored:
        return OtherHands(points=stored["points"] / float(stored["scale"]), kinds=stored["names"][stored["kinds"]])
