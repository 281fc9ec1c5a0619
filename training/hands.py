"""Labelled hands: what every source of training data comes down to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats

Strings = NDArray[np.str_]


class DataError(Exception):
    """Data cannot be used: the message names the file, the place in it, what is wrong and the way out."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row, image or annotation that was left out. place: file, and line or key in it where there is one."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Labelled hands, and what is known of each. One row a hand; `Hands.of` fills in what is not known.

    points: (n, 21, 2), y down, the same unit on both axes.
    labels: (n,) names of gestures, `no_gesture` among them.
    people: (n,) who shows the hand, "" where that is not known.
    places: (n,) where the hand comes from: file, and line or key in it where there is one.
    sources: (n,) collection of pictures that the hand belongs to, such as one data set; else the name of its file.
    groups: (n,) hands that must not be parted between training and evaluation share a name; "" where none is known.
    kinds: (n,) what the hand does in more detail than the label, such as `fist_back`; "" where not known.
    near: (n,) for `no_gesture`: the gesture that a person could fairly call it; "" for a clear case.
    world: (n, 21, 3) world landmarks in metres, y down, z away from the camera; NaN where there are none.
    handedness: (n,) `left` or `right`, by the landmark model; "" where not known.
    scores: (n,) 0..1, of the handedness; NaN where not known.
    files: sha256 of each file, by name; a folder of photographs counts as one.
    faults: what could not be used and was left out.
    without_hand: photographs or frames in which no hand was found; each is a fault too.
    """

    points: Floats
    labels: Strings
    people: Strings
    places: Strings
    sources: Strings
    groups: Strings
    kinds: Strings
    near: Strings
    world: Floats
    handedness: Strings
    scores: Floats
    files: Mapping[str, str]
    faults: tuple[Fault, ...] = field(default=())
    without_hand: int = 0

    @classmethod
    def of(cls, *, points: Floats, labels: Strings, **known: Any) -> Self:
        """Hands of which only some fields are known."""
        count = len(labels)
        unknown: dict[str, Any] = {
            **{name: np.full(count, "") for name in _TEXTS},
            "world": np.full((count, LANDMARK_COUNT, 3), np.nan),
            "scores": np.full(count, np.nan),
            "files": {},
        }
        return cls(points=points, labels=labels, **{**unknown, **known})

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_world(self) -> NDArray[np.bool_]:
        """Which hands have world landmarks (n,)."""
        return ~np.isnan(self.world[:, 0, 0])

    def take(self, rows: NDArray[np.int_] | NDArray[np.bool_]) -> Hands:
        """Some of the hands, by number or by a mask (n,). Files, faults and counts stay those of all."""
        return Hands(
            **{name: getattr(self, name)[rows] for name in ROWS},
            files=self.files,
            faults=self.faults,
            without_hand=self.without_hand,
        )


_TEXTS: Final = ("people", "places", "sources", "groups", "kinds", "near", "handedness")
# Fields with one entry a hand.
ROWS: Final = ("points", "labels", *_TEXTS, "world", "scores")


def joined(parts: Sequence[Hands]) -> Hands:
    """All hands of several sources."""
    return Hands(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in ROWS},
        files={name: digest for part in parts for name, digest in part.files.items()},
        faults=tuple(fault for part in parts for fault in part.faults),
        without_hand=sum(part.without_hand for part in parts),
    )
