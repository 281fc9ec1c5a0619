"""In-memory twin of an engine, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from imaging.decoding import Pixels
from recognition.engine.protocol import Judge
from recognition.found_hand import FoundHand


class RecordedTracker:
    """Gives the hands that it was told to, image by image, and the last ones for ever."""

    def __init__(self, images: Sequence[Sequence[FoundHand]]) -> None:
        self._images = images
        self._next = 0
        self.certainties: list[Sequence[float]] = []
        self.closed = False

    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:  # noqa: ARG002
        hands = self._images[min(self._next, len(self._images) - 1)]
        self._next += 1
        return hands

    def rate(self, certainties: Sequence[float]) -> None:
        self.certainties.append(certainties)

    def close(self) -> None:
        self.closed = True


class RecordedEngine:
    """Each tracker gives the same hands; a still shows the first image's."""

    name = "recorded"

    def __init__(self, *images: Sequence[FoundHand], max_trackers: int = 16) -> None:
        self._images = images or ([],)
        self.max_trackers = max_trackers
        self.trackers: list[RecordedTracker] = []
        self.stills = 0
        self.closed = False

    def find(
        self,
        pixels: Pixels,  # noqa: ARG002
        *,
        detection_confidence: float,  # noqa: ARG002
        presence_confidence: float,  # noqa: ARG002
    ) -> Sequence[FoundHand]:
        self.stills += 1
        return self._images[0]

    def tracker(self, *, judge: Judge | None = None) -> RecordedTracker:  # noqa: ARG002
        self.trackers.append(RecordedTracker(self._images))
        return self.trackers[-1]

    def close(self) -> None:
        self.closed = True
