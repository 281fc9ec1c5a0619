"""What every engine that finds hands can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from imaging.decoding import Pixels
from recognition.found_hand import FoundHand


class Judge(Protocol):
    """Says how sure the classifier is of a hand's gesture: of two readings of one hand the surer is kept."""

    def __call__(self, hand: FoundHand, *, width: int, height: int) -> float:
        """0..1, for a hand in an image of this size in pixels."""


class HandTracker(Protocol):
    """Follows the hands of one run of one camera from frame to frame. Not for two threads at once."""

    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
        """Hands in an RGB image (height, width, 3) uint8, each with its track id.

        at_seconds: time of capture; may repeat or fall back. sequence: of the frame, unique within the run.
        """

    def rate(self, certainties: Sequence[float]) -> None:
        """How sure the classifier was of each hand that `find` gave last, 0..1: the unsure are looked at again."""

    def close(self) -> None: ...


class HandEngine(Protocol):
    """Finds hands in images. `find` may be called from several threads at once.

    max_trackers: open at once before memory and speed suffer.
    """

    @property
    def name(self) -> str: ...

    @property
    def max_trackers(self) -> int: ...

    def find(self, pixels: Pixels, *, detection_confidence: float, presence_confidence: float) -> Sequence[FoundHand]:
        """Hands in a still RGB image (height, width, 3) uint8, most certain detection first.

        detection_confidence: 0..1, least score of the palm detector. presence_confidence: 0..1, least presence by the
        landmark model.
        """

    def tracker(self, *, judge: Judge | None = None) -> HandTracker:
        """A tracker for a run that begins. judge: None where nothing classifies the hands."""

    def close(self) -> None: ...
