"""Finding the hands in a still image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imaging.decoding import Pixels
from recognition.engine.protocol import HandEngine
from recognition.found_hand import FoundHand
from recognition.image_cut import Cut, brightened, quarters, shrunk, with_margin

DETECTION_CONFIDENCE = 0.5
# The hand that was detected most certainly may be hard to read.
PRESENCE_CONFIDENCE = 0.3
# All others have to be surer: a second hand, and one that only a low detection confidence finds.
OTHERS_PRESENCE_CONFIDENCE = 0.5
LOW_DETECTION_CONFIDENCE = 0.1
# The other versions of an image are several, each of which could show a hand where none is.
RETRY_DETECTION_CONFIDENCE = 0.3


class StillSearch:
    """Searches images that are independent of each other, in any number of threads.

    Where no hand is found, it looks again with a lower detection confidence, then at other versions of the image:
    brightened, with a margin, and in parts. A still has no next frame in which the hand might be found.
    """

    def __init__(self, engine: HandEngine) -> None:
        self._engine = engine

    def find(self, pixels: Pixels) -> Sequence[FoundHand]:
        """Hands in an RGB image (height, width, 3) uint8, most certain detection first."""
        hands = self._engine.find(
            pixels, detection_confidence=DETECTION_CONFIDENCE, presence_confidence=PRESENCE_CONFIDENCE
        )
        if hands:
            return [hands[0], *(hand for hand in hands[1:] if hand.presence >= OTHERS_PRESENCE_CONFIDENCE)]
        pixels = shrunk(pixels)
        hands = self._engine.find(
            pixels, detection_confidence=LOW_DETECTION_CONFIDENCE, presence_confidence=OTHERS_PRESENCE_CONFIDENCE
        )
        return hands or self._retry(pixels)

    def _retry(self, pixels: Pixels) -> Sequence[FoundHand]:
        for cut in _versions(pixels):
            found = self._engine.find(
                cut.pixels,
                detection_confidence=RETRY_DETECTION_CONFIDENCE,
                presence_confidence=OTHERS_PRESENCE_CONFIDENCE,
            )
            if found:
                return [cut.back(hand) for hand in found]
        return []


def _versions(pixels: Pixels) -> Iterator[Cut]:
    brighter = brightened(pixels)
    if brighter is not None:
        yield brighter
        pixels = brighter.pixels
    yield with_margin(pixels)
    yield from quarters(pixels)
