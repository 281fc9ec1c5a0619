"""Labelled hands: what every source of training data comes down to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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
    """Labelled hands of unknown handedness.

    points: (n, 21, 2), y down, the same unit on both axes.
    labels: (n,) names of gestures, `no_gesture` among them.
    people: (n,) who shows the hand, "" where that is not known.
    places: (n,) where the hand comes from: file, and line or key in it where there is one.
    sources: sha256 of each file, by name; a folder of photographs counts as one.
    faults: what could not be used and was left out.
    without_hand: photographs or frames in which no hand was found; each is a fault too.
    """

    points: Floats
    labels: Strings
    people: Strings
    places: Strings
    sources: Mapping[str, str]
    faults: tuple[Fault, ...] = field(default=())
    without_hand: int = 0

    def __len__(self) -> int:
        return len(self.labels)


def joined(parts: Sequence[Hands]) -> Hands:
    """All hands of several sources."""
    return Hands(
        points=np.concatenate([part.points for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        people=np.concatenate([part.people for part in parts]),
        places=np.concatenate([part.places for part in parts]),
        sources={name: digest for part in parts for name, digest in part.sources.items()},
        faults=tuple(fault for part in parts for fault in part.faults),
        without_hand=sum(part.without_hand for part in parts),
    )
