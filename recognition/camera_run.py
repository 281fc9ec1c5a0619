"""What is kept of a run of a camera between two frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.decoding import Pixels
from recognition.engine.protocol import HandTracker
from recognition.found_hand import FoundHand
from recognition.idle_gate import IdleGate
from recognition.one_euro import LandmarkSmoother
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """smoothing: of the landmarks of followed hands. idle_skipping: of frames that need no search, see IdleGate."""

    smoothing: bool = True
    idle_skipping: bool = True

    @classmethod
    def of(cls, settings: Settings) -> StreamOptions:
        return cls(smoothing=settings.smoothing, idle_skipping=settings.idle_skipping)


class CameraRun:
    """Follows the hands of one run of one camera. Not for two threads at once."""

    __slots__ = ("_follows_hands", "_gate", "_smoother", "_tracker")

    def __init__(self, tracker: HandTracker, options: StreamOptions) -> None:
        self._tracker = tracker
        self._smoother = LandmarkSmoother() if options.smoothing else None
        self._gate = IdleGate() if options.idle_skipping else None
        self._follows_hands = False

    def may_skip(self, image: bytes, *, at_seconds: float) -> bool:
        """Whether the next frame needs no search. Raises RecordError where the image breaks a limit.

        image: encoded. at_seconds: time of capture.
        """
        if self._gate is None or self._follows_hands:
            return False
        return self._gate.may_skip(image, at_seconds=at_seconds)

    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
        """Hands in the next frame that is not skipped. Arguments as of HandTracker.find."""
        found = self._tracker.find(pixels, at_seconds=at_seconds, sequence=sequence)
        self._follows_hands = bool(found)
        if self._gate is not None:
            self._gate.searched(found=self._follows_hands, at_seconds=at_seconds)
        if self._smoother is None:
            return found
        height, width = pixels.shape[:2]
        return self._smoother.update(found, at_seconds=at_seconds, aspect=width / height)

    def rate(self, certainties: Sequence[float]) -> None:
        """How sure the classifier was of each hand that `find` gave last, 0..1."""
        self._tracker.rate(certainties)

    def close(self) -> None:
        self._tracker.close()
